/** The panel that answers a scan, in colour, words, shape and sound. */
import type { Answer, Judged, OfflineAnswer, Product, ScanAnswer } from "./contract.ts";
import { scannerRuns } from "./runs.ts";
import { age } from "./snapshot.ts";
import { play } from "./sound.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const panel = byId("verdict");

export function showChecking(photo: boolean): void {
  panel.dataset["answer"] = "checking";
  byId("verdict-headline").textContent = photo ? "Reading the photo…" : "Checking…";
  byId("verdict-product").textContent = "";
  byId("verdict-source").hidden = byId("verdict-shelf").hidden = true;
  byId("verdict-reasons").replaceChildren();
}

export function show(answer: Answer | "part", headline: string, product: string, lines: (string | [string, string])[], sound = true): void {
  panel.dataset["answer"] = answer;
  byId("verdict-headline").textContent = headline;
  byId("verdict-product").textContent = product;
  byId("verdict-source").hidden = byId("verdict-shelf").hidden = true;
  const items = lines.map((line) => {
    const item = document.createElement("li");
    const [text, action] = typeof line === "string" ? [line, ""] : line;
    item.append(Object.assign(document.createElement("span"), { className: "app-verdict__reason", textContent: text }));
    if (action) item.append(" ", Object.assign(document.createElement("span"), { className: "app-verdict__action", textContent: action }));
    return item;
  });
  byId("verdict-reasons").replaceChildren(...items);
  // On a small screen the answer would stand below the edge.
  panel.scrollIntoView({ block: "nearest" });
  if (sound) play(answer === "part" ? "kept" : answer);
}

/** The name that is shown of a product. */
export const nameOf = (product: Product | null): string =>
  product ? [product.name, product.description].filter(Boolean).join(": ") : "Unknown product";

/** How many packs of it the site's shelves have, this one counted until it is recorded. */
function showOnShelf(product: Product | null): void {
  const packs = product?.on_shelf ?? null;
  const counted = packs === 0 ? "no pack" : packs === 1 ? "1 pack" : `${packs} packs`;
  byId("verdict-shelf").textContent = `On the shelves here: ${counted} of it that may be used.`;
  byId("verdict-shelf").hidden = packs === null;
}

/** Shows what the registry answered; without `sound` where it only takes the place of what this page had said. */
export function showAnswer(answer: ScanAnswer, sound = true): void {
  const { verdict } = answer;
  if (answer.pending) return show("part", "Scan the other barcode of this pack", "Half of the label is read and kept.", [], sound);
  if (answer.wristband) {
    const same = answer.wristband.matches === true;
    return show(same ? "may" : "stop", same ? "Same patient" : "Check the patient", answer.wristband.text, [], sound);
  }
  if (!verdict || answer.kind !== "pack") {
    const known = answer.kind === "badge" || answer.kind === "location";
    const headline = { badge: "Badge", location: "A place, not a pack" }[answer.kind as string] ?? "Kept, not understood";
    const text = answer.message ?? "This is not a device's barcode. Scan the one with the device's number (UDI), or type what is printed under it.";
    return show(known ? "part" : "look", headline, text, [], sound);
  }
  const lines = verdict.reasons.map(({ text, action }): [string, string] => [text, action]);
  if (answer.message) lines.push([answer.message, ""]);
  show(verdict.answer, verdict.headline, nameOf(answer.product), lines, sound);
  showOnShelf(answer.product);
}

/** Shows what this browser says by its own data; gives what is to be remembered of it. */
export function showOffline(answer: OfflineAnswer, taken: Date, why: string): Judged | null {
  const source = byId("verdict-source");
  const kept = `${why} It is kept here and will be sent.`;
  if (answer.pending) {
    show("part", "Scan the other barcode of this pack", "Half of the label is read and kept.", [kept]);
    return null;
  }
  if (!answer.verdict || answer.kind !== "device-pack") {
    const words = { wristband: "A wristband: compare name and number by eye.", "staff-badge": "A badge", location: "A place, not a pack" }[answer.kind as string];
    show(answer.kind === "wristband" || !words ? "look" : "part", words ?? "Kept, not understood", kept, []);
    return null;
  }
  const { verdict } = answer;
  const headline = answer.headline ?? "";
  show(verdict.answer, headline, nameOf(answer.product), verdict.reasons.map(({ text, action }): [string, string] => [text, action]));
  showOnShelf(answer.product);
  source.textContent = `Judged here, from data ${age(taken)} old. ${kept} The registry judges it again.`;
  source.hidden = false;
  return { answer: verdict.answer, headline, product: nameOf(answer.product), taken: taken.toISOString() };
}

/** How old the data is that this browser judges by without a network. */
export function showSnapshotAge(taken: Date | null): void {
  const none = scannerRuns()
    ? "No catalogue and recalls here yet: without a network nothing can be checked"
    : "This browser is too old to check packs without a network: that needs Chrome 91, Firefox 89 or Safari 16.4";
  byId("snapshot-age").textContent = taken ? `Catalogue and recalls for use without a network: ${age(taken)} old` : none;
  byId("snapshot-age").dataset["taken"] = taken?.toISOString() ?? "";
}
