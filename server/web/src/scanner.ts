/** What this workstation's scanner is known to do, learnt once from the calibration barcode or taken over from the organisation; kept in this browser, so that scans carry it while the registry is away. */

const KEY = "tessera-scanner";

export interface Scanner {
  /** As the registry learnt it; sent with every scan, so that its reading can be repeated. */
  profile: unknown;
  /** The computer's keyboard, in words. */
  layout: string;
  /** What the scanner types for a separator, in words. */
  separator: string;
  /** The name by which the organisation knows it. */
  workstation?: string;
}

export function knownScanner(): Scanner | null {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null") as Scanner | null;
    return kept && typeof kept === "object" && kept.profile ? kept : null;
  } catch {
    return null;
  }
}

export function keepScanner(scanner: Scanner | null): void {
  if (scanner) localStorage.setItem(KEY, JSON.stringify(scanner));
  else localStorage.removeItem(KEY);
}
