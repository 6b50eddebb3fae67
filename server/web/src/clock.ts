/** What is known of the time: this device's clock held against the registry's, whenever it answers. */

const KEY = "tessera-clock";
/** Clocks of a tablet and a server differ by seconds; more than this is a fault. */
const TOLERANCE_MS = 5 * 60_000;

interface Seen {
  /** The registry's clock at its last answer. */
  registry: number;
  /** Ours at that moment. */
  here: number;
}

function seen(): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") as Seen | null;
  } catch {
    return null;
  }
}

/** Takes the registry's time from its answer. */
export function noteTime(response: Response, here: number = Date.now()): void {
  const registry = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(registry)) return;
  try {
    localStorage.setItem(KEY, JSON.stringify({ registry, here } satisfies Seen));
  } catch {
    // Without storage the clock is taken as it is.
  }
}

/** The later of both clocks, and whether they can be trusted: a slow one must not make an expired device look good. */
export function time(here: number = Date.now(), last: Seen | null = seen()): { now: Date; doubt: boolean } {
  if (!last) return { now: new Date(here), doubt: false };
  const apart = Math.abs(last.registry - last.here) > TOLERANCE_MS;
  const backwards = here < last.here - TOLERANCE_MS;
  return { now: new Date(Math.max(here, last.registry)), doubt: apart || backwards };
}
