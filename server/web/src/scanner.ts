/** What this workstation's scanner is known to do, learnt once from the calibration barcode and kept in this browser. */

const KEY = "tessera-scanner";

export interface Scanner {
  /** As the registry learnt it; sent with every scan, so that its reading can be repeated. */
  profile: unknown;
  /** The computer's keyboard, in words. */
  layout: string;
  /** What the scanner types for a separator, in words. */
  separator: string;
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
