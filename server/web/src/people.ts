/**
 * Who may act on this tablet without a network: whoever gave badge and PIN to the registry here, within the last days.
 *
 * Each has a signing key (ECDSA, P-256) whose private half is wrapped under a key that is derived from the PIN (PBKDF2); the
 * registry knows the public half and takes as theirs what is signed with it. A PIN is never kept. See decision 42.
 */
import { time } from "./clock.ts";
import { base64, uuidv7 } from "./id.ts";
import { answer, type Vault } from "./outbox.ts";

/** Iterations of PBKDF2 with HMAC-SHA-256 (OWASP Password Storage Cheat Sheet, 2023: 600,000). */
const ITERATIONS = 600_000;
/** Wrong PINs in a row until only the registry can help. */
const TRIES = 5;
/** For how long a person who gave the PIN here may go on without giving it again. */
const UNLOCKED_MS = 60 * 60_000;

export interface Someone {
  id: string;
  name: string;
}

interface Enrolled {
  /** SHA-256 of the badge's number. */
  id: string;
  user: Someone;
  key: string;
  salt: Uint8Array;
  iv: Uint8Array;
  /** The private half (PKCS #8), wrapped. */
  wrapped: Uint8Array;
  expires: string;
  tries: number;
}

/** A person who gave the PIN here, and can sign. */
export interface Signer {
  user: Someone;
  /** The registry's name for the key. */
  key: string;
  private: CryptoKey;
}

export interface Proof {
  key: string;
  at: string;
  signature: string;
}

export type Unlocking = { kind: "unlocked"; signer: Signer } | { kind: "unknown" | "expired" | "locked" } | { kind: "wrong"; left: number };

/** The 18 digits of a staff badge (GSRN of a provider, AI 8017), as scanned or typed. */
export function badgeNumber(text: string): string | null {
  const bare = text.trim().replace(/^\][A-Za-z]\d/, "").replace(/[\u001d()\s]/g, "");
  return /^(?:8017)?(\d{18})$/.exec(bare)?.[1] ?? null;
}

/** Makes a key of this person for this tablet; `tell` gives the public half to the registry, which answers until when it holds. */
export async function enrol(vault: Vault, user: Someone, badge: string, pin: string, tell: (key: string, publicKey: string) => Promise<string>): Promise<void> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), crypto.getRandomValues(new Uint8Array(12))];
  const wrapped = await crypto.subtle.wrapKey("pkcs8", pair.privateKey, await underPin(pin, salt), { name: "AES-GCM", iv });
  const key = uuidv7();
  const expires = await tell(key, base64(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))));
  await vault.room<Enrolled>("people").put({ id: await hashed(badge), user, key, salt, iv, wrapped: new Uint8Array(wrapped), expires, tries: 0 });
}

/** Whether badge and PIN belong together. A try is on disk before it is made: a browser that is killed gives none back. */
export function unlock(vault: Vault, badge: string, pin: string): Promise<Unlocking> {
  return navigator.locks.request("tessera-pin", async (): Promise<Unlocking> => {
    const people = vault.room<Enrolled>("people");
    const found = await people.get(await hashed(badge));
    if (!found) return { kind: "unknown" };
    if (found.tries >= TRIES) return { kind: "locked" };
    const { now, doubt } = time();
    if (doubt || now.toISOString() > found.expires) return { kind: "expired" };
    const tries = found.tries + 1;
    await people.put({ ...found, tries });
    try {
      const under = await underPin(pin, Uint8Array.from(found.salt));
      const unwrapped = await crypto.subtle.unwrapKey("pkcs8", Uint8Array.from(found.wrapped), under, { name: "AES-GCM", iv: Uint8Array.from(found.iv) }, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
      await people.put({ ...found, tries: 0 });
      return { kind: "unlocked", signer: { user: found.user, key: found.key, private: unwrapped } };
    } catch {
      return tries >= TRIES ? { kind: "locked" } : { kind: "wrong", left: TRIES - tries };
    }
  });
}

/** Signs what was done, at the moment that is known here. */
export async function prove(signer: Signer, subject: string): Promise<Proof> {
  const at = time().now.toISOString();
  const message = new TextEncoder().encode(`tessera-tablet-1\n${signer.key}\n${at}\n${subject}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, signer.private, message);
  return { key: signer.key, at, signature: base64(new Uint8Array(signature)) };
}

/** Keeps who is at work here over the pages of this browser, for an hour at most. */
export async function begin(vault: Vault, signer: Signer): Promise<void> {
  await answer(keys(vault, "readwrite").put({ signer, until: Date.now() + UNLOCKED_MS }, "acting"));
}

export async function end(vault: Vault): Promise<void> {
  await answer(keys(vault, "readwrite").delete("acting"));
}

/** Who is at work here without a network. */
export async function acting(vault: Vault): Promise<Signer | null> {
  const kept = await answer<{ signer: Signer; until: number } | undefined>(keys(vault, "readonly").get("acting"));
  // A clock that was set back gives no more time: what is longer than an hour away was not written by this clock.
  const left = kept ? kept.until - Date.now() : 0;
  if (kept && left > 0 && left <= UNLOCKED_MS) return kept.signer;
  if (kept) await end(vault);
  return null;
}

const keys = (vault: Vault, mode: IDBTransactionMode): IDBObjectStore => vault.database.transaction("keys", mode).objectStore("keys");

async function underPin(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const typed = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ITERATIONS }, typed, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

async function hashed(badge: string): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(badge))));
}
