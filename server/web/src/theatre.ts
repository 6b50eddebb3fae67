// The theatre page: every scan is kept first, sent second, and answered in colour, words, shape and sound.
import { acknowledgements } from "./acknowledge.ts";
import { AgainstStops } from "./against.ts";
import type { Attached } from "./attached.ts";
import { offerToAttach } from "./attaching.ts";
import { base64, fromBase64, uuidv7 } from "./id.ts";
import { offerCamera } from "./camera.ts";
import { Courier } from "./courier.ts";
import type { Delivery, Judged, OnTheTable, ScanAnswer, ScanBody } from "./contract.ts";
import { finishing, showFinished } from "./finishing.ts";
import { drawFacts, onTheTable, sideOf, type Kept } from "./kept.ts";
import { Vault, scanEntry, type Entry } from "./outbox.ts";
import { PersonDialog, WhoActs, confirmations } from "./person.ts";
import { stayFor } from "./leaving.ts";
import { nameOf, show, showAnswer, showChecking, showOffline, showSnapshotAge } from "./panel.ts";
import { offerReadings, readingChoices } from "./choose.ts";
import { ReasonDialog } from "./reasons.ts";
import { untilReleased } from "./released.ts";
import { knownScanner } from "./scanner.ts";
import { renewSession } from "./session.ts";
import { Snapshot } from "./snapshot.ts";
import { play } from "./sound.ts";
import { inTurn } from "./turns.ts";
import { answering, showWaiting, watch } from "./waiting.ts";
import { whatIsIn } from "./what-is-in.ts";
import { Burst, GS, character, splitAim, type Key } from "./wedge.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const room = byId("theatre");
/** The page that is shown without the registry knows its procedure by its address alone. */
const procedure = room.dataset["procedure"] || (location.pathname.split("/")[2] ?? "");
const drawnByRegistry = room.dataset["procedure"] !== "";
const field = byId<HTMLInputElement>("scan");

const vault = await Vault.open();
const courier = new Courier(vault, told, async () => {
  const change = previous && (await courier.changes.get(previous.id));
  if (change) show(change.after.answer, change.after.headline, change.product, change.after.reasons, false);
  await refreshDrawn();
  await showWaiting();
});
watch(courier, procedure);
const procedures = vault.room<Kept>("procedures");
const named = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
const [reader, wasm] = [named("reader"), named("scanner")];
const snapshot = new Snapshot(reader, wasm, room.dataset["snapshotKey"] ?? "");
let side = sideOf(room.dataset["side"]);
snapshot.site = room.dataset["site"] || null;
/** The scan before this one on this page, kept through a reload: the second barcode of a pack follows the first. */
const previousKey = `tessera-previous-${procedure}`;
let previous: ScanBody | null = null;
type Scanned = Entry & { body: ScanBody };
/** A registry that has not answered by then is not waited for: the page says what it knows itself. */
const PATIENCE_MS = 2_500;

// ---------------------------------------------------------------- taking a scan in

function take(text: string, entry: "handheld" | "typed"): void {
  if (text.trim() === "") return;
  const { aim, data } = splitAim(text);
  const symbol = { bytes: base64(new TextEncoder().encode(data)), aim };
  const profile = entry === "handheld" ? knownScanner()?.profile : undefined;
  accept(scanEntry({ ...scanned(entry, [symbol]), ...(profile ? { profile } : {}) }));
}

/** Kept at once, however long the registry takes over the scans before it; sent and answered in its turn. */
function accept(entry: Scanned | Promise<Scanned>): void {
  const kept = Promise.resolve(entry).then(async (made) => {
    answering.add(made.id);
    return { made, stored: await courier.keep(made).catch(() => null) };
  });
  stayFor(kept);
  inTurn(async () => {
    const known = await kept.catch(() => null);
    if (!known) return show("stop", "Not kept: take it again", "This photo can not be read.", ["Photograph the pack again, or scan it."]);
    await record(known.made, known.stored).finally(() => answering.delete(known.made.id));
    await showWaiting();
  });
}

/** What every scan of this page says of itself; it is from now on the one before. */
function scanned(entry: ScanBody["entry"], symbols: ScanBody["symbols"]): ScanBody {
  const [id, follows] = [uuidv7(), sessionStorage.getItem(previousKey)];
  sessionStorage.setItem(previousKey, id);
  return { id, procedure, scanned_at: new Date().toISOString(), entry, symbols, ...(follows ? { follows } : {}) };
}

/** `again` is the scan whose pack a person shows once more. */
function takePhoto(file: File, again?: string): void {
  const body = { ...scanned("photo", []), ...(again ? { supersedes_scan: again } : {}) };
  accept(file.arrayBuffer().then((bytes) => scanEntry(body, { name: file.name, type: file.type, bytes: new Uint8Array(bytes) })));
}

/** A person compared the readings of a scan with the pack and says which is right. */
function chooseReading(scan: string, reading: number): void {
  accept(scanEntry({ ...scanned("typed", []), supersedes_scan: scan, reading }));
}

async function record(entry: Scanned, kept: Entry | null): Promise<void> {
  showChecking(entry.photo !== null);
  offerAnyway(null);
  offerLooked("");
  byId("choose").hidden = true;
  const before = previous;
  previous = entry.body;
  const came = answered.get(entry.id);
  const delivery = came ? told(entry, came, true).then(() => came) : courier.deliver(kept ?? entry);
  if (!kept && (await delivery).kind === "later") {
    // The browser's store is full or broken, and the registry does not have it: the scan is nowhere.
    show("stop", "Not kept: scan it again", "This browser can not store the scan.", ["Scan again. If this stays, use another workstation."]);
    return;
  }
  const first = await Promise.race([delivery, new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))]);
  if (first === null || first.kind === "later") {
    await who.offer(entry.body.symbols.map(({ bytes, aim }) => (aim ?? "") + String.fromCharCode(...fromBase64(bytes))).join(""));
    const said = await sayWhatIsKnown(entry, before, first);
    // The answer may have come meanwhile: then the entry is gone, and must not come back.
    const waiting = said && (await courier.entries.get(entry.id));
    if (waiting) await courier.entries.put({ ...waiting, ...said });
    if (said?.judged) offerOffline(entry.id, said.judged);
  }
}

/** Without the registry, or until it answers: what the snapshot says, or that nothing could be checked. */
async function sayWhatIsKnown(entry: Scanned, before: ScanBody | null, delivery: Delivery | null): Promise<Pick<Entry, "judged" | "product"> | null> {
  const why = delivery?.kind === "later" ? WHY[delivery.why] : "The registry has not answered yet.";
  const asked = entry.body.symbols.length > 0 && !entry.body.supersedes_scan;
  const known = asked ? await snapshot.judge(entry.body, { before, side, ...(await whatIsIn(entry, procedures, courier.entries)) }) : null;
  // The registry's answer may have come meanwhile, and nothing takes its place.
  if (answered.has(entry.id)) return null;
  if (known && snapshot.taken) return { judged: showOffline(known, snapshot.taken, why), product: (known.verdict && known.product?.id) ?? null };
  play("kept");
  show("look", "Kept, not checked", `${why} This scan is kept here and will be sent.`, ["Check expiry, side and recall by eye before implanting."], false);
  return null;
}

const WHY = {
  offline: "The registry can not be reached.",
  busy: "The registry is busy.",
  "signed-out": "You are signed out.",
  held: "The registry has not taken this procedure yet.",
  "another-person": "Somebody else is signed in at the registry.",
};

/** What the registry said of scans of this page, be it before their turn came. */
const answered = new Map<string, Delivery>();

/** What the courier brought back. */
async function told(entry: Entry, delivery: Delivery, fresh: boolean): Promise<void> {
  if (delivery.kind !== "later") answered.set(entry.id, delivery);
  if (delivery.kind === "answered") {
    byId("signed-out").hidden = true;
    await who.show(false);
    // What this page said of the scan in sight gives way to what the registry says.
    if (delivery.answer && (fresh || entry.id === previous?.id)) {
      showAnswer(delivery.answer, fresh);
      offerWhatIsOpen(delivery.answer);
    }
    await refreshDrawn();
  } else if (delivery.kind === "refused") {
    const { title, detail, action } = delivery.problem;
    if (fresh) show("stop", title, detail ?? "The registry did not take this scan.", action ? [action] : []);
  } else {
    if (delivery.why === "signed-out") byId("signed-out").hidden = false;
    await who.show(true);
  }
  await showWaiting();
}

// ---------------------------------------------------------------- what the registry draws, and what is kept of it

/** The facts and the list are drawn by the server alone: fetch this page again, take them, and keep them for later. */
async function refreshDrawn(): Promise<void> {
  const before = answered.size;
  try {
    const response = await fetch(`/theatre/${procedure}`, { headers: { Accept: "text/html" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (page.getElementById("theatre")?.dataset["procedure"] !== procedure && drawnByRegistry) {
      if (page.getElementById("devices") === null) return;
    }
    byId("no-network").hidden = true;
    side = sideOf(page.getElementById("theatre")?.dataset["side"]) ?? side;
    snapshot.site = page.getElementById("theatre")?.dataset["site"] || snapshot.site;
    await untilReleased();
    for (const id of ["facts", "devices"]) {
      const part = page.getElementById(id);
      // What says the same stays: nothing moves under a finger without need.
      if (part && !byId(id).isEqualNode(part)) byId(id).replaceWith(part);
    }
    // What the registry took while this was drawn may not be on it yet.
    await keepDrawn(answered.size === before ? onTheTable(page.getElementById("theatre")) : null);
  } catch {
    // The list is stale until the network is back; what waits is counted beside it.
  }
}

async function keepDrawn(told: OnTheTable | null): Promise<void> {
  const drawn = { facts: byId("facts").innerHTML, devices: byId("devices").innerHTML, at: new Date().toISOString() };
  const kept = await procedures.get(procedure);
  await procedures.put({ id: procedure, opened: kept?.opened ?? null, drawn, side, site: snapshot.site, onTheTable: told, finished: kept?.finished ?? null });
}

/** On the page that came without the registry: what this browser knows of the procedure. */
async function restore(): Promise<void> {
  const kept = await procedures.get(procedure);
  byId("no-network").hidden = false;
  side = kept?.side ?? null;
  snapshot.site = kept?.site ?? null;
  if (kept?.drawn) {
    byId("facts").innerHTML = kept.drawn.facts;
    byId("devices").innerHTML = kept.drawn.devices;
  } else if (kept?.opened) {
    byId("facts").replaceChildren(drawFacts(kept.opened));
  }
  if (kept?.finished) showFinished();
}

finishing(procedure, courier, procedures, () => ({ side, site: snapshot.site }), inTurn);

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
  if (scanned !== null && (override.takeBadge(scanned) || person.takeBadge(scanned))) {
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
  for (const file of files) takePhoto(file, again);
  field.focus();
});
// Focus that fell to the page itself (a closed dialog, a tap on nothing) comes back to the field.
document.addEventListener("focusout", () => setTimeout(() => {
  if (document.activeElement === document.body && !document.querySelector("dialog[open]")) field.focus();
}, 0));
addEventListener("focus", () => { if (document.activeElement === document.body) field.focus(); });

// ---------------------------------------------------------------- changing a device's fate, with a reason

const correction = new ReasonDialog("correction", refreshDrawn);
correction.onClose(() => field.focus());
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLButtonElement>("button[data-correct]");
  if (!button) return;
  const { correct, name, fate } = button.dataset;
  correction.open(`/api/v1/device-uses/${correct}/corrections`, name ?? "", fate);
});

// ---------------------------------------------------------------- what is open after an answer

readingChoices((scan, reading) => {
  chooseReading(scan, reading);
  field.focus();
});

/** A verdict that asks to look: that somebody did goes on record. */
function offerLooked(scan: string): void {
  byId("looked-button").dataset["acknowledge"] = scan;
  byId("looked").hidden = scan === "";
}
acknowledgements(courier, procedure, async () => {
  await refreshDrawn();
  await showWaiting();
  field.focus();
});

/** After an answer of the registry: readings between which a person chooses, or recording against a stop. */
function offerWhatIsOpen({ scan, label, verdict, product, kind, device_use }: ScanAnswer): void {
  if (kind !== "pack" || !verdict) return;
  const readings = label?.outcome === "ambiguous" ? (label.candidates ?? []) : [];
  if (verdict.answer === "look" && device_use?.fate === "implanted" && readings.length === 0) offerLooked(scan.id);
  if (readings.length > 0) offerReadings(scan.id, readings);
  else if (verdict.answer === "stop" && !device_use && !decided.has(scan.id)) offerAnyway({ scan: scan.id, device: nameOf(product) });
}

/** A device that was answered with a stop and is not recorded: a person may decide otherwise, and says why. */
let stopped: { scan: string; device: string } | null = null;
/** Scans of which somebody decided so: that the registry stops them, too, opens nothing again. */
const decided = new Set<string>();
function offerAnyway(offer: typeof stopped): void {
  stopped = offer;
  byId("anyway").hidden = offer === null;
}
/** What this page said of a scan itself is looked at and decided against as the registry's own words are. */
function offerOffline(scan: string, { answer, product }: Judged): void {
  if (answer === "look") offerLooked(scan);
  if (answer === "stop" && !decided.has(scan)) offerAnyway({ scan, device: product });
}

const override = new ReasonDialog("override", async (scan) => {
  decided.add(scan);
  if (stopped?.scan === scan) offerAnyway(null);
  await refreshDrawn();
  await showWaiting();
}, new AgainstStops(vault, courier, procedure));
override.onClose(() => field.focus());
byId("anyway-open").addEventListener("click", () => {
  if (stopped) override.open(`/api/v1/scans/${stopped.scan}/device-use`, stopped.device, undefined, stopped.scan);
});

// ---------------------------------------------------------------- who acts

const person = new PersonDialog();
person.onClose(() => field.focus());
const who = new WhoActs(vault, person);
confirmations(person, refreshDrawn);

// ---------------------------------------------------------------- scanners that the browser speaks to

/** As a handheld's: badges go to the second person's field where that is asked for. */
function takeAttached({ bytes, aim }: Attached): void {
  const text = String.fromCharCode(...bytes);
  if (override.takeBadge((aim ?? "") + text) || person.takeBadge((aim ?? "") + text)) return;
  accept(scanEntry(scanned("handheld", [{ bytes: base64(bytes), aim }])));
}

offerToAttach(takeAttached, () => field.focus());

// ---------------------------------------------------------------- the camera

offerCamera(reader, wasm, (symbols) => {
  byId("verdict").scrollIntoView({ block: "nearest" });
  accept(scanEntry(scanned("camera", symbols)));
}, () => field.focus());

// ---------------------------------------------------------------- start

const showAge = (): void => showSnapshotAge(snapshot.taken);
if ("serviceWorker" in navigator) {
  void navigator.serviceWorker.register("/service-worker.js").catch(() => {
    // Without it the page still works, as long as it stays open.
  });
}
addEventListener("online", () => void courier.retry().then(() => snapshot.refresh()).then(showAge));
field.focus();
if (drawnByRegistry) await keepDrawn(onTheTable(room)).catch(() => {});
else await restore();
await who.show(!drawnByRegistry);
if (drawnByRegistry) void renewSession().then(showWaiting);
await showWaiting();
courier.retryForever();
showAge();
void snapshot.start().then(showAge).then(() => (room.dataset["snapshot"] = snapshot.taken ? "yes" : "no"));
setInterval(showAge, 15_000);
setInterval(() => void snapshot.refresh().then(showAge), 60_000);
room.dataset["ready"] = "yes";
