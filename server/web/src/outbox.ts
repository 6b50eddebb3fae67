/**
 * What was done waits here until the registry has it: through a lost network, a closed lid and a restarted browser.
 *
 * Everything is encrypted (AES-GCM) under a key that the browser keeps and does not give out, because a wristband scan
 * holds an identity. An entry leaves only when the registry has acknowledged it or a person has put it aside.
 */
import type { Judged, OverrideBody, ProcedureBody, ScanBody } from "./contract.ts";
import { uuidv7 } from "./id.ts";
import type { Proof, Someone } from "./people.ts";

/** One act on its way: a procedure opened, a scan, a look, a decision against a stop, a procedure finished. Its id sorts by the time of making. */
export interface Entry {
  id: string;
  procedure: string;
  kind: "scan" | "open" | "finish" | "look" | "override";
  body: ScanBody | ProcedureBody | OverrideBody | { id: string } | null;
  /** The scan that a look or a decision is about. */
  of?: string;
  /** Who did it, as far as this browser knows; it goes in nobody else's name. */
  by?: Someone | null;
  /** What shows the registry that it was they. */
  proof?: Proof;
  photo: { name: string; type: string; bytes: Uint8Array } | null;
  /** Why the registry would not take it; null while it has not answered. */
  refused: string | null;
  /** What the page said of it by its own data, where it had to. */
  judged: Judged | null;
  /** The product that the page took it for: null where it is no pack of a known product, nothing while nobody has said. */
  product?: string | null;
}

/** Something else than a scan on its way. */
export function actEntry(kind: Exclude<Entry["kind"], "scan">, procedure: string, body: Entry["body"], of?: string): Entry {
  return { id: uuidv7(), procedure, kind, body, photo: null, refused: null, judged: null, ...(of ? { of } : {}) };
}

/** A scan on its way. */
export function scanEntry(body: ScanBody, photo: Entry["photo"] = null): Entry & { body: ScanBody } {
  return { id: body.id, procedure: body.procedure, kind: "scan", body, photo, refused: null, judged: null };
}

interface Sealed {
  id: string;
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

const ROOMS = ["entries", "procedures", "changes", "people"] as const;
type RoomName = (typeof ROOMS)[number];

/** The browser's store, and the key that seals what is in it. */
export class Vault {
  readonly database: IDBDatabase;
  readonly key: CryptoKey;

  private constructor(database: IDBDatabase, key: CryptoKey) {
    this.database = database;
    this.key = key;
  }

  static async open(name = "tessera-outbox"): Promise<Vault> {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 3);
      request.onupgradeneeded = () => {
        const { result } = request;
        for (const room of ROOMS) if (!result.objectStoreNames.contains(room)) result.createObjectStore(room, { keyPath: "id" });
        if (!result.objectStoreNames.contains("keys")) result.createObjectStore("keys");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    // A newer page in another tab may need to change the store: this one then opens it anew when it is loaded again.
    database.onversionchange = () => database.close();
    void navigator.storage?.persist?.();
    return new Vault(database, await sealingKey(database));
  }

  room<T extends { id: string }>(name: RoomName): Room<T> {
    return new Room<T>(this, name);
  }
}

/** Sealed records of one kind, by id. */
export class Room<T extends { id: string }> {
  readonly #vault: Vault;
  readonly #name: RoomName;

  constructor(vault: Vault, name: RoomName) {
    this.#vault = vault;
    this.#name = name;
  }

  /** Resolves once the record is on disk: only then may the page say that it is kept. */
  async put(record: T): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(record, (_, value) => (value instanceof Uint8Array ? { bytes: Array.from(value) } : value)));
    const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.#vault.key, plain);
    await this.#write((store) => store.put({ id: record.id, iv, data } satisfies Sealed));
  }

  async remove(id: string): Promise<void> {
    await this.#write((store) => store.delete(id));
  }

  async get(id: string): Promise<T | null> {
    const store = this.#vault.database.transaction(this.#name).objectStore(this.#name);
    const sealed = await answer<Sealed | undefined>(store.get(id));
    return sealed ? this.#open(sealed) : null;
  }

  /** Everything, oldest first: ids are UUIDv7, whose order is that of time. */
  async all(): Promise<T[]> {
    const store = this.#vault.database.transaction(this.#name).objectStore(this.#name);
    return Promise.all((await answer<Sealed[]>(store.getAll())).map((sealed) => this.#open(sealed)));
  }

  async #open({ iv, data }: Sealed): Promise<T> {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.#vault.key, data);
    return JSON.parse(new TextDecoder().decode(plain), (_, value) => (Array.isArray(value?.bytes) ? Uint8Array.from(value.bytes as number[]) : value)) as T;
  }

  #write(change: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#vault.database.transaction(this.#name, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
      change(transaction.objectStore(this.#name));
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

export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
