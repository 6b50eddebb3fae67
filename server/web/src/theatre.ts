// The theatre page: every scan is kept first, sent second, and answered in colour, words, shape and sound.
import { acknowledgements } from "./acknowledge.ts";
import { base64, uuidv7 } from "./id.ts";
import { Outbox, type Entry } from "./outbox.ts";
import { judgeStatus, type Answer, type Delivery, type Reading, type ScanAnswer, type ScanBody } from "./contract.ts";
import { toOffer } from "./readings.ts";
import { ReasonDialog, problemOf } from "./reasons.ts";
import { knownScanner } from "./scanner.ts";
import { play } from "./sound.ts";
import { Burst, GS, character, splitAim, type Key } from "./wedge.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const room = byId("theatre");
const procedure = room.dataset["procedure"]!;
const field = byId<HTMLInputElement>("scan");
const panel = byId("verdict");
const waiting = byId("waiting");
const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')!.content;

const outbox = await Outbox.open();
/** The scan before this one on this page, kept through a reload: the second barcode of a pack follows the first. */
const previousKey = `tessera-previous-${procedure}`;
/** Scans are answered in turn, so that the second barcode of a pack finds the first; none waits long for another. */
let turn: Promise<void> = Promise.resolve();
const LONGEST_TURN_MS = 3_000;

/** Done at once, or when the finger or button that is down has come up: a tap on what is replaced meanwhile would be lost. */
let untilReleased = (): Promise<void> => Promise.resolve();
document.addEventListener("pointerdown", () => {
  const released = new Promise<void>((resolve) => {
    const done = (): void => void setTimeout(resolve, 0);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, done, { once: true });
  });
  untilReleased = () => released;
}, true);

// ---------------------------------------------------------------- taking a scan in

function take(text: string, entry: "handheld" | "typed"): void {
  if (text.trim() !== "") inTurn(() => takeOne(text, entry));
}

function inTurn(work: () => Promise<void>): void {
  const before = Promise.race([turn, new Promise<void>((resolve) => setTimeout(resolve, LONGEST_TURN_MS))]);
  turn = before.then(work);
}

/** What every scan of this page says of itself; it is from now on the one before. */
function scanned(entry: ScanBody["entry"], symbols: ScanBody["symbols"]): ScanBody {
  const [id, follows] = [uuidv7(), sessionStorage.getItem(previousKey)];
  sessionStorage.setItem(previousKey, id);
  return { id, procedure, scanned_at: new Date().toISOString(), entry, symbols, ...(follows ? { follows } : {}) };
}

async function takeOne(text: string, entry: "handheld" | "typed"): Promise<void> {
  const { aim, data } = splitAim(text);
  const symbol = { bytes: base64(new TextEncoder().encode(data)), aim };
  const profile = entry === "handheld" ? knownScanner()?.profile : undefined;
  await record({ body: { ...scanned(entry, [symbol]), ...(profile ? { profile } : {}) }, photo: null, refused: null });
}

/** `again` is the scan whose pack a person shows once more. */
async function takePhoto(file: File, again?: string): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const body = { ...scanned("photo", []), ...(again ? { supersedes_scan: again } : {}) };
  await record({ body, photo: { name: file.name, type: file.type, bytes }, refused: null });
}

/** A person compared the readings of a scan with the pack and says which is right. */
async function chooseReading(scan: string, reading: number): Promise<void> {
  await record({ body: { ...scanned("typed", []), supersedes_scan: scan, reading }, photo: null, refused: null });
}

async function record(entry: Entry): Promise<void> {
  showChecking(entry.photo !== null);
  try {
    await outbox.put(entry);
  } catch {
    // The browser's store is full or broken: the registry alone must then have it before anything is said.
    show("stop", "Not kept: scan it again", "This browser can not store the scan.", ["Scan again. If this stays, use another workstation."]);
  }
  await settle(entry, await deliverInOrder(entry), true);
  await showWaiting();
}

// ---------------------------------------------------------------- delivery

/** The scan before this one goes first: the registry joins the two barcodes of a pack only in their order. */
async function deliverInOrder(entry: Entry): Promise<Delivery> {
  const before = (await outbox.all()).find(({ body, refused }) => body.id === entry.body.follows && refused === null);
  if (before) {
    const delivery = await deliver(before);
    await settle(before, delivery, false);
    if (delivery.kind === "later") return delivery;
  }
  return deliver(entry);
}

async function deliver(entry: Entry): Promise<Delivery> {
  const headers: Record<string, string> = { "X-CSRF-Token": csrf, Accept: "application/json" };
  let url = "/api/v1/scans";
  let body: BodyInit = JSON.stringify(entry.body);
  if (entry.photo) {
    url += "/photo";
    const { symbols: _, ...meta } = entry.body;
    const form = new FormData();
    form.append("meta", new Blob([JSON.stringify(meta)], { type: "application/json" }));
    form.append("photo", new Blob([entry.photo.bytes as BlobPart], { type: entry.photo.type }), entry.photo.name);
    body = form;
  } else {
    headers["Content-Type"] = "application/json";
  }
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
    const status = judgeStatus(response.status);
    if (status === "answered") return { kind: "answered", answer: (await response.json()) as ScanAnswer };
    if (status === "refused") return { kind: "refused", problem: await problemOf(response) };
    return { kind: "later", why: status };
  } catch {
    return { kind: "later", why: "offline" };
  }
}

async function settle(entry: Entry, delivery: Delivery, fresh: boolean): Promise<void> {
  switch (delivery.kind) {
    case "answered":
      await outbox.remove(entry.body.id);
      if (fresh) showAnswer(delivery.answer);
      await refreshDevices();
      break;
    case "refused": {
      const { title, detail, action } = delivery.problem;
      await outbox.put({ ...entry, refused: detail ?? title });
      if (fresh) show("stop", title, detail ?? "The registry did not take this scan.", action ? [action] : []);
      break;
    }
    case "later":
      if (fresh) {
        play("kept");
        const why = { offline: "The registry can not be reached.", busy: "The registry is busy.", "signed-out": "You are signed out." };
        show("look", "Kept, not checked", `${why[delivery.why]} This scan is kept here and will be sent.`, [
          "Check expiry, side and recall by eye before implanting.",
        ], false);
      }
      if (delivery.why === "signed-out") byId("signed-out").hidden = false;
  }
}

let retrying = false;
let pause = 1_000;
async function retry(): Promise<void> {
  if (retrying) return;
  retrying = true;
  try {
    for (const entry of await outbox.all()) {
      if (entry.refused !== null) continue;
      const delivery = await deliver(entry);
      await settle(entry, delivery, false);
      if (delivery.kind === "later") {
        pause = Math.min(pause * 2, 30_000);
        return;
      }
      pause = 1_000;
    }
  } finally {
    retrying = false;
    await showWaiting();
  }
}

function retryForever(): void {
  setTimeout(() => void retry().finally(retryForever), pause);
}

// ---------------------------------------------------------------- showing

function showChecking(photo: boolean): void {
  panel.dataset["answer"] = "checking";
  byId("verdict-headline").textContent = photo ? "Reading the photo…" : "Checking…";
  byId("verdict-product").textContent = "";
  byId("verdict-reasons").replaceChildren();
  offerAnyway(null);
  offerLooked("");
  byId("choose").hidden = true;
}

function show(answer: Answer | "part", headline: string, product: string, lines: (string | [string, string])[], sound = true): void {
  panel.dataset["answer"] = answer;
  byId("verdict-headline").textContent = headline;
  byId("verdict-product").textContent = product;
  const items = lines.map((line) => {
    const item = document.createElement("li");
    const [text, action] = typeof line === "string" ? [line, ""] : line;
    item.append(Object.assign(document.createElement("span"), { className: "app-verdict__reason", textContent: text }));
    if (action) item.append(" ", Object.assign(document.createElement("span"), { className: "app-verdict__action", textContent: action }));
    return item;
  });
  byId("verdict-reasons").replaceChildren(...items);
  if (sound) play(answer === "part" ? "kept" : answer);
}

function showAnswer(answer: ScanAnswer): void {
  const { verdict, product, label } = answer;
  if (answer.pending) {
    show("part", "Scan the other barcode of this pack", "Half of the label is read and kept.", []);
    return;
  }
  if (answer.wristband) {
    const same = answer.wristband.matches === true;
    show(same ? "may" : "stop", same ? "Same patient" : "Check the patient", answer.wristband.text, []);
    return;
  }
  if (!verdict || answer.kind !== "pack") {
    const known = answer.kind === "badge" || answer.kind === "location";
    const headline = { badge: "Badge", location: "A place, not a pack" }[answer.kind as string] ?? "Kept, not understood";
    const text = answer.message ?? "This is not a device's barcode. Scan the one with the device's number (UDI), or type what is printed under it.";
    show(known ? "part" : "look", headline, text, []);
    return;
  }
  const name = product ? [product.name, product.description].filter(Boolean).join(": ") : "Unknown product";
  const readings = label?.outcome === "ambiguous" ? (label.candidates ?? []) : [];
  const lines = verdict.reasons.map(({ text, action }): [string, string] => [text, action]);
  if (answer.message) lines.push([answer.message, ""]);
  show(verdict.answer, verdict.headline, name, lines);
  if (verdict.answer === "look" && answer.device_use?.fate === "implanted" && readings.length === 0) offerLooked(answer.scan.id);
  if (readings.length > 0) offerReadings(answer.scan.id, readings);
  else if (verdict.answer === "stop" && !answer.device_use) offerAnyway({ scan: answer.scan.id, device: name });
}

async function showWaiting(): Promise<void> {
  const entries = await outbox.all();
  const refused = entries.filter((entry) => entry.refused !== null);
  const count = entries.length - refused.length;
  waiting.dataset["count"] = String(count);
  waiting.hidden = count === 0;
  byId("waiting-count").textContent = count === 1 ? "1 scan waits to be sent" : `${count} scans wait to be sent`;
  byId("refused").hidden = refused.length === 0;
  byId("refused-list").replaceChildren(...refused.map(refusedItem));
}

function refusedItem(entry: Entry): HTMLLIElement {
  const item = document.createElement("li");
  const when = new Date(entry.body.scanned_at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  item.append(`Scan of ${when}: ${entry.refused} `);
  const again = Object.assign(document.createElement("button"), { type: "button", className: "app-button-link", textContent: "Send again" });
  again.addEventListener("click", () => void outbox.put({ ...entry, refused: null }).then(retry));
  item.append(again);
  return item;
}

/** The list is drawn by the server alone: fetch this page again and take its list. */
async function refreshDevices(): Promise<void> {
  try {
    const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const list = page.getElementById("devices");
    await untilReleased();
    // A list that says the same stays: nothing moves under a finger without need.
    if (list && !byId("devices").isEqualNode(list)) byId("devices").replaceWith(list);
  } catch {
    // The list is stale until the network is back; what waits is counted beside it.
  }
}

// ---------------------------------------------------------------- the field that is never lost

const burst = new Burst();
const keyOf = (event: KeyboardEvent): Key => ({
  key: event.key, ctrlKey: event.ctrlKey, altKey: event.altKey, metaKey: event.metaKey, at: event.timeStamp,
});
const typesText = (target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement =>
  target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && ["text", "search"].includes(target.type));

/** A scan that lands in a reason's field, or anywhere else, is still a scan. */
function onKey(event: KeyboardEvent): void {
  const target = event.target;
  const key = keyOf(event);
  const scanned = burst.take(key);
  if (target === field) {
    if (character(key) === GS) {
      event.preventDefault();
      field.setRangeText(GS, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
    }
    if (event.key === "Enter" || (event.key === "Tab" && scanned)) {
      event.preventDefault();
      submit(scanned !== null && field.value === scanned);
    }
    return;
  }
  if (scanned !== null && override.takeBadge(scanned)) {
    event.preventDefault();
    return;
  }
  if (scanned !== null) {
    event.preventDefault();
    if (typesText(target)) target.value = target.value.replace(scanned.replaceAll(GS, ""), "");
    field.value = "";
    take(scanned, "handheld");
    return;
  }
  // A printable character outside a text field goes to the scan field; Space, Enter and Tab keep their meaning.
  if (!typesText(target) && !(target instanceof HTMLSelectElement) && character(key) !== null && event.key !== " ") {
    if (character(key) === GS) event.preventDefault();
    if (!document.querySelector("dialog[open]")) field.focus();
  }
}

function submit(handheld: boolean): void {
  const text = field.value;
  field.value = "";
  take(text, handheld ? "handheld" : "typed");
}

document.addEventListener("keydown", onKey, true);
byId<HTMLFormElement>("scan-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(false);
  field.focus();
});
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
  const files = Array.from(input.files ?? []);
  const again = input.dataset["again"];
  input.value = "";
  for (const file of files) inTurn(() => takePhoto(file, again));
  field.focus();
});
// Focus that fell to the page itself (a closed dialog, a tap on nothing) comes back to the field.
document.addEventListener("focusout", () => setTimeout(() => {
  if (document.activeElement === document.body && !document.querySelector("dialog[open]")) field.focus();
}, 0));
addEventListener("focus", () => { if (document.activeElement === document.body) field.focus(); });

// ---------------------------------------------------------------- changing a device's fate, with a reason

const correction = new ReasonDialog("correction", csrf, refreshDevices);
correction.onClose(() => field.focus());
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-correct]");
  if (!button) return;
  const { correct, name, fate } = button.dataset;
  correction.open(`/api/v1/device-uses/${correct}/corrections`, name ?? "", fate);
});

// ---------------------------------------------------------------- choosing between readings

/** Most readings that are offered beside the verdict; of more than these a photo is quicker to compare. */
const MOST_READINGS = 6;

function offerReadings(scan: string, readings: Reading[]): void {
  byId("choose-list").replaceChildren(...toOffer(readings, MOST_READINGS).map(([number, words]) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "nhsuk-button nhsuk-button--secondary nhsuk-button--small", textContent: words,
    });
    Object.assign(button.dataset, { choose: scan, reading: String(number) });
    item.append(button);
    return item;
  }));
  byId<HTMLInputElement>("photo-again").dataset["again"] = scan;
  byId("choose").hidden = false;
}

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-choose]");
  if (!button) return;
  const { choose, reading } = button.dataset;
  // One choice is made once, however often it is tapped.
  for (const other of document.querySelectorAll<HTMLButtonElement>(`button[data-choose="${choose}"]`)) other.disabled = true;
  inTurn(() => chooseReading(choose!, Number(reading)));
  field.focus();
});

/** A verdict that asks to look: that somebody did goes on record. */
function offerLooked(scan: string): void {
  byId("looked-button").dataset["acknowledge"] = scan;
  byId("looked").hidden = scan === "";
}
acknowledgements(csrf, async () => {
  await refreshDevices();
  field.focus();
});

/** A device that was answered with a stop and is not recorded: a person may decide otherwise, and says why. */
let stopped: { scan: string; device: string } | null = null;
function offerAnyway(offer: typeof stopped): void {
  stopped = offer;
  byId("anyway").hidden = offer === null;
}
const override = new ReasonDialog("override", csrf, async () => {
  offerAnyway(null);
  await refreshDevices();
});
override.onClose(() => field.focus());
byId("anyway-open").addEventListener("click", () => {
  if (stopped) override.open(`/api/v1/scans/${stopped.scan}/device-use`, stopped.device);
});

// ---------------------------------------------------------------- start

addEventListener("online", () => void retry());
field.focus();
await showWaiting();
retryForever();
room.dataset["ready"] = "yes";
