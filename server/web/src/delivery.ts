/** How one act reaches the registry, and how that ended. */
import { noteTime } from "./clock.ts";
import { judgeStatus, type Delivery, type ScanAnswer } from "./contract.ts";
import type { Entry } from "./outbox.ts";
import { prove, type Signer } from "./people.ts";
import { problemOf } from "./reasons.ts";
import { csrf, renewSession, sessionUser } from "./session.ts";

const LONGEST_MS = 15_000;

/** Sends an entry; sending it twice is one record. */
export async function send(entry: Entry): Promise<Delivery> {
  if (csrf() === "" || (entry.by && !entry.proof && sessionUser() === null)) {
    const session = await renewSession();
    if (session !== "signed-in") return { kind: "later", why: session };
  }
  if (isAnothers(entry)) return { kind: "later", why: "another-person" };
  const first = await attempt(entry);
  // A page kept from before carries the token of an earlier session.
  if (first.kind !== "refused" || first.problem.code !== "cross-site") return first;
  const session = await renewSession();
  if (session !== "signed-in") return { kind: "later", why: session };
  return isAnothers(entry) ? { kind: "later", why: "another-person" } : attempt(entry);
}

/** What somebody else did is not sent in the name of whoever is signed in now, unless it carries their signature. */
export function isAnothers({ by, proof }: Entry): boolean {
  const user = sessionUser();
  return Boolean(by && !proof && user && by.id !== user.id);
}

/** The entry as its maker signs it, so that it is theirs whoever sends it. */
export async function signed(entry: Entry, signer: Signer): Promise<Entry> {
  const { url, body } = request(entry);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { ...entry, by: signer.user, proof: await prove(signer, `POST ${url}\n${hex}`) };
}

async function attempt(entry: Entry): Promise<Delivery> {
  const { url, body, type } = request(entry);
  const headers: Record<string, string> = { "X-CSRF-Token": csrf(), Accept: "application/json", "Content-Type": type };
  if (entry.proof) headers["X-Tablet-Proof"] = `${entry.proof.key} ${entry.proof.at} ${entry.proof.signature}`;
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(LONGEST_MS) });
    noteTime(response);
    const status = judgeStatus(response.status);
    // Half an answer is no answer: reading it fails, and the entry is sent again.
    if (status === "answered") {
      const text = await response.text();
      return { kind: "answered", answer: entry.kind === "scan" ? (JSON.parse(text) as ScanAnswer) : null };
    }
    if (status === "refused") return { kind: "refused", problem: await problemOf(response) };
    return { kind: "later", why: status };
  } catch {
    return { kind: "later", why: "offline" };
  }
}

interface Request {
  url: string;
  /** To the byte the same each time: it may be signed. */
  body: Uint8Array<ArrayBuffer>;
  type: string;
}

function request(entry: Entry): Request {
  const { kind, procedure } = entry;
  if (entry.kind === "scan" && entry.photo) return photoRequest(entry, entry.photo);
  const [url, body] = ((): [string, unknown] => {
    switch (kind) {
      case "scan": return ["/api/v1/scans", entry.body];
      case "open": return ["/api/v1/procedures", entry.body];
      case "finish": return [`/api/v1/procedures/${procedure}/finish`, {}];
      case "look": return [`/api/v1/scans/${entry.of}/acknowledgement`, entry.body];
      case "override": return [`/api/v1/scans/${entry.of}/device-use`, entry.body];
    }
  })();
  return { url, body: new TextEncoder().encode(JSON.stringify(body)), type: "application/json" };
}

/** Two parts (RFC 7578), under a boundary that is made from the entry's id alone. */
function photoRequest(entry: Entry, photo: NonNullable<Entry["photo"]>): Request {
  const { symbols: _, ...meta } = entry.body as unknown as { symbols: unknown };
  const boundary = `tessera-${entry.id}`;
  const name = photo.name.replace(/[^\w.-]/g, "_") || "photo";
  const before = `--${boundary}\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(meta)}\r\n`
    + `--${boundary}\r\nContent-Disposition: form-data; name="photo"; filename="${name}"\r\nContent-Type: ${photo.type || "image/jpeg"}\r\n\r\n`;
  const parts = [new TextEncoder().encode(before), photo.bytes, new TextEncoder().encode(`\r\n--${boundary}--\r\n`)];
  const body = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    body.set(part, place);
    place += part.length;
  }
  return { url: "/api/v1/scans/photo", body, type: `multipart/form-data; boundary=${boundary}` };
}
