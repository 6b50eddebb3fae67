/**
 * What was scanned waits here until the registry has it: through a lost network, a closed lid and a restarted browser.
 *
 * Entries are encrypted (AES-GCM) under a key that the browser keeps and does not give out, because a wristband scan
 * holds an identity. An entry leaves only when the registry has acknowledged it or a person has put it aside.
 */
import type { ScanBody } from "./contract.ts";

/** One scan on its way. */
export interface Entry {
  body: ScanBody;
  photo: { name: string; type: string; bytes: Uint8Array } | null;
  /** Why the registry would not take it; null while it has not answered. */
  refused: string | null;
}

interface Sealed {
  id: string;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

export class Outbox {
  readonly #database: IDBDatabase;
  readonly #key: CryptoKey;

  private constructor(database: IDBDatabase, key: CryptoKey) {
    this.#database = database;
    this.#key = key;
  }

  static async open(name = "tessera-outbox"): Promise<Outbox> {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("entries", { keyPath: "id" });
        request.result.createObjectStore("keys");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    void navigator.storage?.persist?.();
    return new Outbox(database, await sealingKey(database));
  }

  /** Resolves once the entry is on disk: only then may the page say that the scan is kept. */
  async put(entry: Entry): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const photo = entry.photo && { ...entry.photo, bytes: Array.from(entry.photo.bytes) };
    const plain = new TextEncoder().encode(JSON.stringify({ ...entry, photo }));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.#key, plain);
    await this.#write((store) => store.put({ id: entry.body.id, iv, data } satisfies Sealed));
  }

  async remove(id: string): Promise<void> {
    await this.#write((store) => store.delete(id));
  }

  /** Everything that waits, oldest first: ids are UUIDv7, whose order is that of time. */
  async all(): Promise<Entry[]> {
    const store = this.#database.transaction("entries").objectStore("entries");
    const sealed = await answer<Sealed[]>(store.getAll());
    const entries = [];
    for (const { iv, data } of sealed) {
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.#key, data);
      const entry = JSON.parse(new TextDecoder().decode(plain));
      if (entry.photo) entry.photo.bytes = new Uint8Array(entry.photo.bytes);
      entries.push(entry as Entry);
    }
    return entries;
  }

  #write(change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction("entries", "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      change(transaction.objectStore("entries"));
    });
  }
}

async function sealingKey(database: IDBDatabase): Promise<CryptoKey> {
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two tabs may open at once: in one transaction, the first key wins and both use it.
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("keys", "readwrite");
    const store = transaction.objectStore("keys");
    let key: CryptoKey = made;
    const existing = store.get("seal");
    existing.onsuccess = () => {
      if (existing.result) key = existing.result as CryptoKey;
      else store.put(made, "seal");
    };
    transaction.oncomplete = () => resolve(key);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
