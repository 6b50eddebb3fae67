/** How one act reaches the registry, and how that ended. */
import { noteTime } from "./clock.ts";
import { judgeStatus, type Delivery, type ScanAnswer } from "./contract.ts";
import type { Entry } from "./outbox.ts";
import { problemOf } from "./reasons.ts";
import { csrf, renewSession } from "./session.ts";

const LONGEST_MS = 15_000;

/** Sends an entry; sending it twice is one record. */
export async function send(entry: Entry): Promise<Delivery> {
  if (csrf() === "") {
    const session = await renewSession();
    if (session !== "signed-in") return { kind: "later", why: session };
  }
  const first = await attempt(entry);
  // A page kept from before carries the token of an earlier session.
  if (first.kind !== "refused" || first.problem.code !== "cross-site") return first;
  const session = await renewSession();
  if (session !== "signed-in") return { kind: "later", why: session };
  return attempt(entry);
}

async function attempt(entry: Entry): Promise<Delivery> {
  const { url, body, json } = request(entry);
  const headers: Record<string, string> = { "X-CSRF-Token": csrf(), Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(LONGEST_MS) });
    noteTime(response);
    const status = judgeStatus(response.status);
    // Half an answer is no answer: reading it fails, and the entry is sent again.
    if (status === "answered") {
      const answer = (await response.json()) as ScanAnswer;
      return { kind: "answered", answer: entry.kind === "scan" ? answer : null };
    }
    if (status === "refused") return { kind: "refused", problem: await problemOf(response) };
    return { kind: "later", why: status };
  } catch {
    return { kind: "later", why: "offline" };
  }
}

function request(entry: Entry): { url: string; body: BodyInit; json: boolean } {
  if (entry.kind === "open") return { url: "/api/v1/procedures", body: JSON.stringify(entry.body), json: true };
  if (entry.kind === "finish") return { url: `/api/v1/procedures/${entry.procedure}/finish`, body: "{}", json: true };
  if (!entry.photo) return { url: "/api/v1/scans", body: JSON.stringify(entry.body), json: true };
  const { symbols: _, ...meta } = entry.body as { symbols: unknown };
  const form = new FormData();
  form.append("meta", new Blob([JSON.stringify(meta)], { type: "application/json" }));
  form.append("photo", new Blob([entry.photo.bytes as BlobPart], { type: entry.photo.type }), entry.photo.name);
  return { url: "/api/v1/scans/photo", body: form, json: false };
}
