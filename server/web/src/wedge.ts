/**
 * Tells a scanner's typing from a person's, and keeps the characters that browsers lose.
 *
 * A keyboard-wedge scanner types its message in a burst and ends it with Enter or Tab. The group separator of GS1
 * (0x1D) arrives as Ctrl+], as F8 or as a control character, depending on the scanner: all become U+001D.
 */

/** What a key press means to the wedge. */
export interface Key {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  /** Milliseconds, monotonic. */
  at: number;
}

/** Longest pause between two characters of one burst: people are slower, scanners with a slow link are not. */
const PAUSE_MS = 50;
/** Fewer characters than this are a person's. */
const SHORTEST = 6;

export const GS = "\u001d";

/** The character that a key adds to a scan, or null if it adds none. */
export function character(key: Key): string | null {
  if (key.ctrlKey && !key.altKey && key.key === "]") return GS;
  if (key.key === "F8" || key.key === GS) return GS;
  if (key.ctrlKey || key.altKey || key.metaKey) return null;
  return key.key.length === 1 ? key.key : null;
}

/** Collects bursts typed anywhere on the page, whatever has the focus. */
export class Burst {
  #text = "";
  #last = -Infinity;

  /** Takes a key; gives the whole scan when the key ended a burst, else null. */
  take(key: Key): string | null {
    const pause = key.at - this.#last;
    if (key.key === "Enter" || key.key === "Tab") {
      const text = this.#text;
      this.#text = "";
      return pause <= PAUSE_MS && text.length >= SHORTEST ? text : null;
    }
    const next = character(key);
    if (next === null) return null;
    this.#text = pause <= PAUSE_MS ? this.#text + next : next;
    this.#last = key.at;
    return null;
  }
}

/** An AIM symbology identifier that the scanner sends before the data (ISO/IEC 15424), apart from the data. */
export function splitAim(text: string): { aim: string | null; data: string } {
  const found = /^\][A-Za-z][0-9A-Za-z]/.exec(text);
  return found ? { aim: found[0], data: text.slice(3) } : { aim: null, data: text };
}
