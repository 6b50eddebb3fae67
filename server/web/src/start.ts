// The page that opens a procedure: by the registry where it can be reached, else here, to be sent later.
import type { ProcedureBody } from "./contract.ts";
import { base64, uuidv7 } from "./id.ts";
import { sideOf, type Kept } from "./kept.ts";
import { Courier } from "./courier.ts";
import { Vault, actEntry, type Entry } from "./outbox.ts";
import { badgeNumber } from "./people.ts";
import { PersonDialog, WhoActs } from "./person.ts";
import { csrf, renewSession } from "./session.ts";
import { splitAim } from "./wedge.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const form = byId<HTMLFormElement>("open-form");
const value = (name: string): string => String(new FormData(form).get(name) ?? "").trim();

if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/service-worker.js").catch(() => {});

form.dataset["repeat"] = "yes";
let sending = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!sending) void submit();
});

async function submit(): Promise<void> {
  sending = true;
  const session = await renewSession();
  // The registry's own page says what is wrong with the form.
  if (session === "signed-in") {
    form.querySelector<HTMLInputElement>('input[name="csrf"]')!.value = csrf();
    const id = form.querySelector<HTMLInputElement>('input[name="id"]')!;
    id.value ||= uuidv7();
    form.submit();
    return;
  }
  const wrong = mistakes();
  byId("open-errors").hidden = wrong.length === 0;
  byId("open-errors-list").replaceChildren(...wrong.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  if (wrong.length === 0) await openHere();
  sending = false;
}

/** NHS numbers: ten digits whose last is a check digit (modulus 11). */
function nhsNumber(text: string): string | null {
  const digits = text.replace(/[\s-]/g, "");
  if (!/^\d{10}$/.test(digits)) return null;
  const sum = Array.from(digits.slice(0, 9), (digit, place) => Number(digit) * (10 - place)).reduce((a, b) => a + b, 0);
  const check = 11 - (sum % 11);
  return check !== 10 && String(check === 11 ? 0 : check) === digits[9] ? digits : null;
}

function mistakes(): string[] {
  const wrong: string[] = [];
  const patient = value("wristband");
  if (patient === "") wrong.push("Scan the wristband or type the NHS number.");
  else if (/^[\d\s-]+$/.test(patient) && nhsNumber(patient) === null) wrong.push("This is not an NHS number: check its ten digits.");
  if (value("theatre") === "") wrong.push("Write in which theatre.");
  if (!/^[A-HJ-Z]\d{2}\.?\d$/i.test(value("code"))) wrong.push("Write an OPCS-4 code such as W37.1.");
  if (value("side") === "") wrong.push("Choose the side that is operated on, or “No side”.");
  return wrong;
}

async function openHere(): Promise<void> {
  const id = value("id") || uuidv7();
  const typed = String(new FormData(form).get("wristband") ?? "");
  const number = nhsNumber(typed);
  const { aim, data } = splitAim(typed.trim());
  const side = sideOf(value("side"));
  const started = new Date();
  const body: ProcedureBody = {
    id,
    patient: number ? { nhs_number: number } : { wristband: { bytes: base64(new TextEncoder().encode(data)), aim } },
    site: value("site"),
    theatre: value("theatre"),
    opcs4: value("code").toUpperCase(),
    side,
    started_at: started.toISOString(),
  };
  const clock = started.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const patient = number ? `NHS number ${number}` : `wristband scanned at ${clock}, not read yet`;
  const site = form.querySelector<HTMLSelectElement>("#site")!.selectedOptions[0]?.textContent ?? body.site;
  await courier.keep(actEntry("open", id, body));
  await vault.room<Kept>("procedures").put({ id, drawn: null, opened: { body, patient, site }, side, site: body.site, finished: null });
  location.assign(`/theatre/${id}`);
}

// Procedures that were opened here and are not at the registry yet; this page, too, sends what waits.
const vault = await Vault.open();
const courier = new Courier(vault, showOpened, showOpened);
async function showOpened(): Promise<void> {
  const waiting = (await courier.entries.all()).filter(({ kind }) => kind === "open");
  byId("open-here-list").replaceChildren(...waiting.map(openedItem));
  byId("open-here").hidden = waiting.length === 0;
}

function openedItem({ procedure, body, refused }: Entry): HTMLLIElement {
  const { theatre, opcs4, started_at } = body as ProcedureBody;
  const since = new Date(started_at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const link = Object.assign(document.createElement("a"), { href: `/theatre/${procedure}`, textContent: `${opcs4}, ${theatre}` });
  const item = document.createElement("li");
  item.append(link, document.createElement("br"), Object.assign(document.createElement("span"), { className: "app-muted", textContent: refused ? `since ${since}, not taken: ${refused}` : `since ${since}, waits to be sent` }));
  return item;
}
await showOpened();
const who = new WhoActs(vault, new PersonDialog());
const away = document.querySelector("[data-offline]") !== null;
await who.show(away);
// A badge that lands in the first field of the form is not a wristband: its owner signs in here.
const wristband = byId<HTMLInputElement>("wristband");
wristband.addEventListener("keydown", (event) => {
  const scanned = wristband.value;
  if (!away || event.key !== "Enter" || badgeNumber(scanned) === null) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  wristband.value = "";
  void who.offer(scanned);
}, true);
courier.retryForever();
form.dataset["ready"] = "yes";
