/** Ids are made at the edge: UUID version 7 (RFC 9562, section 5.7), so that they sort by the time of making. */
export function uuidv7(now: number = rising(), random: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const LAST = "tessera-last-id";
let last = 0;

/** Milliseconds that only rise, through a clock that is set back and over the tabs of a browser: what is made later sorts later. */
export function rising(now: number = Date.now()): number {
  let kept = 0;
  try {
    kept = Number(localStorage.getItem(LAST) ?? 0);
  } catch {
    // No storage: rising within this page must do.
  }
  last = Math.max(now, last + 1, Number.isFinite(kept) ? kept + 1 : 0);
  try {
    localStorage.setItem(LAST, String(last));
  } catch {
    // As above.
  }
  return last;
}

/** Bytes as standard base64. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
