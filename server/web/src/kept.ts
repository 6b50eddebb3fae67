/** Procedures as this browser knows them: what a page showed of them last, or what was typed when they were opened here. */
import type { OnTheTable, ProcedureBody } from "./contract.ts";
import type { Room } from "./outbox.ts";

export interface Kept {
  id: string;
  /** The facts and the devices as the registry drew them; null for a procedure that it has not seen. */
  drawn: { facts: string; devices: string; at: string } | null;
  /** As opened here. */
  opened: { body: ProcedureBody; patient: string; site: string } | null;
  side: "left" | "right" | "bilateral" | null;
  /** At which site (ODS code); what was kept before sites were has none. */
  site?: string | null;
  /** What a device has to fit; null from when the registry took something that the page has not been drawn with yet. */
  onTheTable?: OnTheTable | null;
  /** When it was finished here. */
  finished: string | null;
}

const SIDES = { left: "left", right: "right", both: "bilateral", bilateral: "bilateral" } as const;

/** A side as the pages say it. */
export function sideOf(word: string | undefined): Kept["side"] {
  return SIDES[word as keyof typeof SIDES] ?? null;
}

/** What the page says that a device has to fit. */
export function onTheTable(room: HTMLElement | null): OnTheTable | null {
  const told = room?.dataset["onTheTable"];
  return told ? (JSON.parse(told) as OnTheTable) : null;
}

/** The registry has taken something of this procedure: until the page is drawn anew, nobody knows here what has to be fitted. */
export async function outdate(procedures: Room<Kept>, procedure: string): Promise<void> {
  const kept = await procedures.get(procedure);
  if (kept?.onTheTable) await procedures.put({ ...kept, onTheTable: null });
}

/** What is shown of a procedure that was opened here. */
export function factsOf({ body, patient, site }: NonNullable<Kept["opened"]>): [name: string, value: string, side?: boolean][] {
  const side = body.side === "bilateral" ? "both" : (body.side ?? "none");
  const started = new Date(body.started_at).toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
  return [["Patient", patient], ["Procedure", body.opcs4], ["Side", side, body.side !== null], ["Place", `${body.theatre}, ${site}`], ["Started", started]];
}

/** Draws those facts as the server draws them. */
export function drawFacts(opened: NonNullable<Kept["opened"]>): HTMLDListElement {
  const list = Object.assign(document.createElement("dl"), { className: "app-theatre__facts" });
  for (const [name, value, side] of factsOf(opened)) {
    const [pair, term, detail] = [document.createElement("div"), document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    detail.append(side ? Object.assign(document.createElement("span"), { className: "app-side", textContent: value }) : value);
    pair.append(term, detail);
    list.append(pair);
  }
  return list;
}
