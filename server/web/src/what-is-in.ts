/** What the next device has to fit: what the registry told last is in the patient, and what was recorded here since. */
import type { OverrideBody } from "./contract.ts";
import type { Kept } from "./kept.ts";
import type { Entry, Room } from "./outbox.ts";
import type { Beside } from "./snapshot.ts";

/** Before this scan; where the browser's store cannot be read, nothing is known. */
export async function whatIsIn(scan: Entry, procedures: Room<Kept>, entries: Room<Entry>): Promise<Pick<Beside, "onTheTable" | "recordedSince">> {
  try {
    const kept = await procedures.get(scan.procedure);
    return { onTheTable: kept?.onTheTable ?? null, recordedSince: recordedSince(await entries.all(), scan) };
  } catch {
    return { onTheTable: null, recordedSince: [] };
  }
}

/** Products by id, oldest first, of what waits before this scan; empty text where nobody has said yet what it is. */
function recordedSince(entries: Entry[], { id, procedure }: Entry): string[] {
  const here = entries.filter((entry) => entry.procedure === procedure && entry.id < id && entry.refused === null);
  const decided = (scan: string): boolean =>
    here.some(({ kind, of, body }) => kind === "override" && of === scan && (body as OverrideBody).fate === "implanted");
  return here.flatMap((entry) => {
    if (entry.kind !== "scan" || entry.product === null) return [];
    if (entry.judged?.answer === "stop" && !decided(entry.id)) return [];
    return [entry.product ?? ""];
  });
}
