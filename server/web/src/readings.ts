/** One possible reading of a pack, in the words that are printed on it. */
import type { Reading } from "./contract.ts";

/** Such as `lot AB12, expires 31 March 2031`. */
export function inWords({ lot, serial, expiry }: Reading): string {
  const parts = [lot && `lot ${lot}`, serial && `serial ${serial}`, expiry && `expires ${day(expiry)}`].filter(Boolean);
  return parts.length === 0 ? "no lot, no serial, no expiry" : parts.join(", ");
}

/** What to offer, by number: readings that differ in nothing that is compared with the pack are one. */
export function toOffer(readings: Reading[], most: number): [number: number, words: string][] {
  const words = readings.map(inWords);
  const distinct = words.map((text, number): [number, string] => [number, text]).filter(([number, text]) => words.indexOf(text) === number);
  return distinct.slice(0, most);
}

/** A date as the registry writes it, `2031-03-31`; without its day it is the last of the month. */
function day(text: string): string {
  const [year, month, dayOfMonth] = text.split("-").map(Number);
  const known = dayOfMonth ? new Date(Date.UTC(year!, month! - 1, dayOfMonth)) : new Date(Date.UTC(year!, month!, 0));
  return known.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}
