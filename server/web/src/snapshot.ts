/** The registry's data that this browser judges by while the registry is away: fetched, checked, kept, its age known. */
import { noteTime, time } from "./clock.ts";
import type { OfflineAnswer, OnTheTable, ScanBody } from "./contract.ts";
import { fromBase64 } from "./id.ts";
import { Link } from "./link.ts";
import { answer } from "./outbox.ts";

interface Signed {
  statement: string;
  signature: string;
}

interface Statement {
  version: string;
  taken: string;
  parts: { name: string; hash: string }[];
}

/** What a scan is judged with, beside the snapshot. */
export interface Beside {
  before: ScanBody | null;
  side: "left" | "right" | "bilateral" | null;
  /** What the device has to fit; null where the registry has told nothing of this operation. */
  onTheTable: OnTheTable | null;
  /** Products that were recorded here since then, by id; empty text for one that is not known. */
  recordedSince: string[];
}

/** Data may change while its parts are fetched: then its list is asked for again, so often. */
const TRIES = 3;
/** So many parts are fetched beside each other: a large catalogue is more than a hundred. */
const AT_ONCE = 8;

export class Snapshot {
  readonly #key: string;
  readonly #link: Link;
  /** The site (ODS code) whose shelves are asked for; null while it is not known. */
  site: string | null = null;
  #database: IDBDatabase | null = null;
  #etag: string | null = null;
  #signed: Signed | null = null;
  #loaded: Statement | null = null;
  /** Done when what was kept is taken up: a scan that comes before that waits for it. */
  #takenUp: Promise<void> = Promise.resolve();

  constructor(script: string, wasm: string, key: string) {
    this.#key = key;
    this.#link = new Link(script, wasm, async (link) => {
      this.#loaded = null;
      await this.#load(link);
    });
  }

  /** When the registry read the data; null where there is none. */
  get taken(): Date | null {
    return this.#loaded ? new Date(this.#loaded.taken) : null;
  }

  /** Takes up what was kept, then asks the registry. */
  async start(): Promise<void> {
    await (this.#takenUp = this.#takeUp());
    await this.refresh();
  }

  async #takeUp(): Promise<void> {
    try {
      this.#database = await open();
      this.#signed = (await answer(this.#store("statement").get("current"))) ?? null;
      if (this.#signed) await this.#link.ask("judge", { scan: null }).catch(() => null);
    } catch {
      // Nothing kept, or it can not be read: the registry is asked for all of it.
    }
  }

  /** Fetches what is new. Quiet where the registry can not be reached: the age tells. */
  async refresh(): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const fetched = await this.#fetch();
      if (fetched !== "changed") return fetched;
    }
    return false;
  }

  async #fetch(): Promise<boolean | "changed"> {
    const asked = this.site ? `?site=${encodeURIComponent(this.site)}` : "";
    try {
      const headers: Record<string, string> = { Accept: "application/json", ...(this.#etag && this.#loaded ? { "If-None-Match": this.#etag } : {}) };
      const response = await fetch(`/api/v1/theatre/snapshot${asked}`, { headers, cache: "no-store", signal: AbortSignal.timeout(15_000) });
      noteTime(response);
      if (response.status === 304) return true;
      if (!response.ok) return false;
      const signed = (await response.json()) as Signed;
      const statement = await this.#verified(signed);
      if (!statement) return false;
      const missing: string[] = [];
      for (const { hash } of statement.parts) if ((await this.#part(hash)) === null) missing.push(hash);
      while (missing.length > 0) {
        const fetched = await Promise.all(missing.splice(0, AT_ONCE).map((hash) => this.#fetchPart(hash, asked)));
        if (fetched.includes("changed")) return "changed";
        if (fetched.includes(false)) return false;
      }
      this.#signed = signed;
      await this.#keepStatement(signed, statement);
      await this.#load(this.#link);
      this.#etag = response.headers.get("etag");
      return true;
    } catch {
      return false;
    }
  }

  async #fetchPart(hash: string, asked: string): Promise<boolean | "changed"> {
    const part = await fetch(`/api/v1/theatre/snapshot/parts/${hash}${asked}`, { signal: AbortSignal.timeout(30_000) });
    if (part.status === 404) return "changed";
    if (part.ok) await this.#keepPart(hash, await part.text());
    return part.ok;
  }

  /** What the snapshot says of a scan; null where there is no snapshot to judge by. */
  async judge(scan: ScanBody, { before, side, onTheTable, recordedSince }: Beside): Promise<OfflineAnswer | null> {
    await this.#takenUp;
    const { now, doubt } = time();
    const raw = (body: ScanBody): unknown[] => body.symbols.map((symbol) => ({ ...symbol, entry: body.entry }));
    const question = {
      symbols: raw(scan),
      before: before ? raw(before) : [],
      apart_ms: before ? Date.parse(scan.scanned_at) - Date.parse(before.scanned_at) : 0,
      profile: scan.profile ?? null,
      side,
      site: this.site,
      on_the_table: onTheTable,
      recorded_since: recordedSince,
      now: now.toISOString(),
      clock_in_doubt: doubt,
    };
    try {
      return await this.#link.ask<OfflineAnswer | null>("judge", { scan: question });
    } catch {
      return null;
    }
  }

  /** Tells the worker what was kept, as far as it is whole and the registry's. */
  async #load(link: Link): Promise<void> {
    const statement = this.#signed && (await this.#verified(this.#signed));
    if (!statement || !this.#signed) return;
    const parts: string[] = [];
    for (const { hash } of statement.parts) {
      const part = await this.#part(hash);
      if (part === null || (await digest(part)) !== hash) return;
      parts.push(part);
    }
    await link.ask("load", { statement: this.#signed.statement, parts });
    this.#loaded = statement;
  }

  async #verified({ statement, signature }: Signed): Promise<Statement | null> {
    const key = await crypto.subtle.importKey("raw", fromBase64(this.#key), "Ed25519", false, ["verify"]);
    const holds = await crypto.subtle.verify("Ed25519", key, fromBase64(signature), new TextEncoder().encode(statement));
    return holds ? (JSON.parse(statement) as Statement) : null;
  }

  #store(name: "parts" | "statement", mode: IDBTransactionMode = "readonly"): IDBObjectStore {
    return this.#database!.transaction(name, mode).objectStore(name);
  }

  async #part(hash: string): Promise<string | null> {
    return (await answer<string | undefined>(this.#store("parts").get(hash))) ?? null;
  }

  async #keepPart(hash: string, text: string): Promise<void> {
    if ((await digest(text)) !== hash) throw new Error("The part is not what the statement names.");
    await answer(this.#store("parts", "readwrite").put(text, hash));
  }

  /** Keeps the statement, and takes away the parts that it no longer names. */
  async #keepStatement(signed: Signed, statement: Statement): Promise<void> {
    await answer(this.#store("statement", "readwrite").put(signed, "current"));
    const named = new Set(statement.parts.map(({ hash }) => hash));
    for (const hash of await answer(this.#store("parts").getAllKeys())) {
      if (!named.has(hash as string)) await answer(this.#store("parts", "readwrite").delete(hash));
    }
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("tessera-snapshot", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("parts");
      request.result.createObjectStore("statement");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function digest(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Such as `3 minutes`. */
export function age(taken: Date, now: Date = time().now): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - taken.getTime()) / 60_000));
  const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
  if (minutes < 1) return "less than a minute";
  if (minutes < 120) return counted(minutes, "minute");
  return minutes < 48 * 60 ? counted(Math.floor(minutes / 60), "hour") : counted(Math.floor(minutes / 1440), "day");
}
