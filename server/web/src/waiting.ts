/** What waits to be sent, what the registry refused, and where it said something else than this browser had. */
import { graver, type Change, type Courier } from "./courier.ts";
import type { ScanBody } from "./contract.ts";
import type { Entry } from "./outbox.ts";
import { play } from "./sound.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const waiting = byId("waiting");
const clock = (moment: Date): string => moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

let courier: Courier;
let procedure: string;

/** Tells of the things of this procedure, and counts those of all. */
export function watch(whose: Courier, which: string): void {
  courier = whose;
  procedure = which;
}

export async function showWaiting(): Promise<void> {
  const entries = await courier.entries.all();
  const refused = entries.filter((entry) => entry.refused !== null);
  const count = entries.length - refused.length;
  waiting.dataset["count"] = String(count);
  waiting.hidden = count === 0;
  const scans = entries.every(({ kind }) => kind === "scan");
  const [one, many] = scans ? ["scan waits", "scans wait"] : ["thing waits", "things wait"];
  byId("waiting-count").textContent = count === 1 ? `1 ${one} to be sent` : `${count} ${many} to be sent`;
  byId("refused").hidden = refused.length === 0;
  byId("refused-list").replaceChildren(...refused.map(refusedItem));
  const here = entries.filter(({ kind, procedure: of }) => kind === "scan" && of === procedure);
  byId("kept").hidden = here.length === 0;
  byId("kept-list").replaceChildren(...here.reverse().map(keptItem));
  await showChanges();
}

function refusedItem(entry: Entry): HTMLLIElement {
  const item = document.createElement("li");
  const what = { scan: "Scan", open: "Opening of the procedure", finish: "Finishing of the procedure" }[entry.kind];
  item.append(`${what} of ${clock(new Date(Number.parseInt(entry.id.replaceAll("-", "").slice(0, 12), 16)))}: ${entry.refused} `);
  const again = Object.assign(document.createElement("button"), { type: "button", className: "app-button-link", textContent: "Send again" });
  again.addEventListener("click", () => void courier.again(entry).then(showWaiting));
  item.append(again);
  return item;
}

/** A scan of this procedure that the registry does not have yet. */
function keptItem({ body, judged }: Entry): HTMLLIElement {
  const item = Object.assign(document.createElement("li"), { className: "app-device" });
  item.dataset["answer"] = judged?.answer ?? "look";
  const name = Object.assign(document.createElement("p"), { className: "app-device__name", textContent: judged?.product ?? "Not checked yet" });
  const when = clock(new Date((body as ScanBody).scanned_at));
  item.append(name, Object.assign(document.createElement("p"), { className: "app-device__facts", textContent: `${judged?.headline ?? "Kept"} · scanned ${when}` }));
  return item;
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
  const words = `${product}: ${after.headline}. This page had said “${before.headline}” by older data.`;
  item.append(Object.assign(document.createElement("p"), { className: "app-changed__words", textContent: words }));
  for (const reason of after.reasons) item.append(Object.assign(document.createElement("p"), { textContent: reason }));
  const seen = Object.assign(document.createElement("button"), { type: "button", className: "nhsuk-button nhsuk-button--secondary nhsuk-button--small", textContent: "I have seen this" });
  seen.addEventListener("click", () => void courier.changes.remove(id).then(showChanges).then(() => byId("scan").focus()));
  item.append(seen);
  return item;
}
