/** What waits to be sent, what the registry refused, and where it said something else than this browser had. */
import { graver, type Change, type Courier } from "./courier.ts";
import type { OverrideBody, ScanBody } from "./contract.ts";
import { isAnothers } from "./delivery.ts";
import type { Entry } from "./outbox.ts";
import { play } from "./sound.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const waiting = byId("waiting");
const clock = (moment: Date): string => moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** Scans that this page is about to answer: they are in sight as such, and do not wait for a person. */
export const answering = new Set<string>();

let courier: Courier;
let procedure: string;

/** Tells of the things of this procedure, and counts those of all. */
export function watch(whose: Courier, which: string): void {
  courier = whose;
  procedure = which;
}

export async function showWaiting(): Promise<void> {
  const entries = (await courier.entries.all()).filter(({ id }) => !answering.has(id));
  const refused = entries.filter((entry) => entry.refused !== null);
  const count = entries.length - refused.length;
  waiting.dataset["count"] = String(count);
  waiting.hidden = count === 0;
  const scans = entries.every(({ kind }) => kind === "scan");
  const [one, many] = scans ? ["scan waits", "scans wait"] : ["thing waits", "things wait"];
  byId("waiting-count").textContent = count === 1 ? `1 ${one} to be sent` : `${count} ${many} to be sent`;
  const anothers = entries.filter((entry) => entry.refused === null && isAnothers(entry));
  byId("refused").hidden = refused.length + anothers.length === 0;
  byId("refused-list").replaceChildren(...refused.map(refusedItem), ...anothers.map(anothersItem));
  const here = entries.filter(({ kind, procedure: of }) => kind === "scan" && of === procedure);
  byId("kept").hidden = here.length === 0;
  byId("kept-list").replaceChildren(...here.reverse().map((entry) => keptItem(entry, entries.filter(({ of }) => of === entry.id))));
  await showChanges();
}

const WHAT = { scan: "Scan", open: "Opening of the procedure", finish: "Finishing of the procedure", look: "“I have looked at it”", override: "Decision against a stop" };
const madeAt = ({ id }: Entry): string => clock(new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)));

function refusedItem(entry: Entry): HTMLLIElement {
  const item = document.createElement("li");
  item.append(`${WHAT[entry.kind]} of ${madeAt(entry)}: ${entry.refused} `, doing("Send again", () => courier.again(entry)));
  // The registry may say another thing of the scan by now; what was said here without it may then be put aside, seen.
  if (entry.kind === "look" || entry.kind === "override") item.append(" ", doing("I have seen this", () => courier.entries.remove(entry.id)));
  return item;
}

/** Done here by somebody who is not the one that is signed in now. */
function anothersItem(entry: Entry): HTMLLIElement {
  const item = document.createElement("li");
  const name = entry.by?.name || "somebody else";
  item.append(`${WHAT[entry.kind]} of ${madeAt(entry)}: done by ${name}, who signs in to send it. `, doing("Send it in my name", () => courier.takeOver(entry)));
  return item;
}

function doing(words: string, work: () => Promise<void>): HTMLButtonElement {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "app-button-link", textContent: words });
  button.addEventListener("click", () => void work().then(showWaiting));
  return button;
}

/** A scan of this procedure that the registry does not have yet, and what was said to it here. */
function keptItem({ body, judged }: Entry, said: Entry[]): HTMLLIElement {
  const item = Object.assign(document.createElement("li"), { className: "app-device" });
  item.dataset["answer"] = judged?.answer ?? "look";
  const name = Object.assign(document.createElement("p"), { className: "app-device__name", textContent: judged?.product ?? "Not checked yet" });
  const when = clock(new Date((body as ScanBody).scanned_at));
  const words = [judged?.headline ?? "Kept", `scanned ${when}`, ...said.map(inWords)].join(" · ");
  item.append(name, Object.assign(document.createElement("p"), { className: "app-device__facts", textContent: words }));
  return item;
}

function inWords({ kind, body }: Entry): string {
  if (kind === "look") return "looked at";
  const { fate, witness } = body as OverrideBody;
  return `${fate} against the stop${witness ? (witness.proof ? ", a second person stood by" : ", second person not verified") : ""}`;
}

let alarmed = new Set<string>();
/** The registry judged again and says something else: it stays in sight until a person has seen it. */
async function showChanges(): Promise<void> {
  const changes = (await courier.changes.all()).filter(({ procedure: of }) => of === procedure);
  const section = byId("changed");
  section.hidden = changes.length === 0;
  byId("changed-list").replaceChildren(...changes.map(changeItem));
  const fresh = changes.filter(({ id }) => !alarmed.has(id));
  alarmed = new Set(changes.map(({ id }) => id));
  const worst = fresh.filter(graver).map(({ after }) => after.answer);
  if (worst.length > 0) play(worst.includes("stop") ? "stop" : "look");
}

function changeItem({ id, product, before, after }: Change): HTMLLIElement {
  const item = Object.assign(document.createElement("li"), { className: "app-changed__item" });
  item.dataset["answer"] = after.answer;
  const words = `${product}: ${after.headline}. This page had said “${before.headline}” without the registry.`;
  item.append(Object.assign(document.createElement("p"), { className: "app-changed__words", textContent: words }));
  for (const reason of after.reasons) item.append(Object.assign(document.createElement("p"), { textContent: reason }));
  const seen = Object.assign(document.createElement("button"), { type: "button", className: "nhsuk-button nhsuk-button--secondary nhsuk-button--small", textContent: "I have seen this" });
  seen.addEventListener("click", () => void courier.changes.remove(id).then(showChanges).then(() => byId("scan").focus()));
  item.append(seen);
  return item;
}
