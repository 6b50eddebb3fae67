/** Carries what waits to the registry: in order, one tab at a time, again and again until each is taken or refused. */
import type { Answer, Delivery, ScanAnswer } from "./contract.ts";
import { send, signed } from "./delivery.ts";
import { outdate, type Kept } from "./kept.ts";
import type { Entry, Room, Vault } from "./outbox.ts";
import { acting } from "./people.ts";
import { lastUser, sessionUser } from "./session.ts";

/** The registry said something else of a scan than this browser had said before. */
export interface Change {
  id: string;
  procedure: string;
  product: string;
  before: { answer: Answer; headline: string; taken: string };
  after: { answer: Answer; headline: string; reasons: string[] };
}

const GRAVITY: Record<Answer, number> = { may: 0, look: 1, stop: 2 };

export const graver = ({ before, after }: Change): boolean => GRAVITY[after.answer] > GRAVITY[before.answer];

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

export class Courier {
  readonly entries: Room<Entry>;
  readonly changes: Room<Change>;
  readonly #told: (entry: Entry, delivery: Delivery, fresh: boolean) => Promise<void>;
  readonly #vault: Vault;
  readonly #procedures: Room<Kept>;
  #pause = SHORTEST_PAUSE_MS;
  #retrying = false;
  /** Tells the other tabs that something left or was refused. */
  readonly #others = new BroadcastChannel("tessera-delivery");

  /** `told` is called when the store says what `delivery` means, to show it; `elsewhere` when another tab delivered. */
  constructor(vault: Vault, told: (entry: Entry, delivery: Delivery, fresh: boolean) => Promise<void>, elsewhere: () => Promise<void>) {
    this.#vault = vault;
    this.#others.onmessage = () => void elsewhere();
    this.entries = vault.room<Entry>("entries");
    this.changes = vault.room<Change>("changes");
    this.#procedures = vault.room<Kept>("procedures");
    this.#told = told;
  }

  /** Keeps what was done, in the name of whoever is at work here; it is theirs from then on, whoever sends it. */
  async keep(entry: Entry): Promise<Entry> {
    const signer = await acting(this.#vault).catch(() => null);
    const made = signer ? await signed(entry, signer) : { ...entry, by: lastUser() };
    await this.entries.put(made);
    return made;
  }

  /** Sends a new entry, after what waits of its procedure: the registry joins the two barcodes of a pack only in their order. */
  deliver(entry: Entry): Promise<Delivery> {
    return alone(async () => {
      for (const before of await this.#all()) {
        if (before.procedure !== entry.procedure || before.id >= entry.id) continue;
        if (before.refused !== null && before.kind !== "open") continue;
        const delivery = before.refused !== null ? HELD : await this.#one(before, false);
        // What opens the procedure must be there first; of the rest only what can not be sent now holds up.
        if (delivery.kind === "later" || (delivery.kind === "refused" && before.kind === "open")) return HELD_OR(delivery);
      }
      return this.#one(entry, true);
    });
  }

  /** Sends everything that waits. */
  async retry(): Promise<void> {
    if (this.#retrying) return;
    this.#retrying = true;
    try {
      await alone(async () => {
        const held = new Set<string>();
        for (const entry of await this.#all()) {
          if (entry.refused !== null && entry.kind === "open") held.add(entry.procedure);
          if (entry.refused !== null || held.has(entry.procedure)) continue;
          const delivery = await this.#one(entry, false);
          if (delivery.kind === "refused" && entry.kind === "open") held.add(entry.procedure);
          if (delivery.kind === "later" && delivery.why === "another-person") {
            held.add(entry.procedure);
            continue;
          }
          if (delivery.kind === "later") {
            this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
            return;
          }
          this.#pause = SHORTEST_PAUSE_MS;
        }
      });
    } finally {
      this.#retrying = false;
    }
  }

  retryForever(): void {
    setTimeout(() => void this.retry().finally(() => this.retryForever()), this.#pause);
  }

  /** A person says: try this one again. A proof that was not taken is left out: then only its maker's own session sends it. */
  async again(entry: Entry): Promise<void> {
    const { proof: _, ...unproven } = entry;
    await this.entries.put({ ...unproven, refused: null });
    await this.retry();
  }

  /** Whoever is signed in vouches for what somebody else did here, and sends it in their own name. */
  async takeOver(entry: Entry): Promise<void> {
    await this.again({ ...entry, by: sessionUser() });
  }

  async #all(): Promise<Entry[]> {
    return (await this.entries.all()).map(asEntry);
  }

  async #one(entry: Entry, fresh: boolean): Promise<Delivery> {
    const delivery = await send(entry);
    if (delivery.kind === "answered") {
      // What was said of it may have been kept after it was on its way.
      const change = changed((await this.entries.get(entry.id).catch(() => null)) ?? entry, delivery.answer);
      // First the alert, then the entry goes: a browser that dies in between tells twice rather than never.
      if (change) await this.changes.put(change);
      await outdate(this.#procedures, entry.procedure).catch(() => {});
      await this.entries.remove(entry.id).catch(() => {});
    } else if (delivery.kind === "refused") {
      const { title, detail } = delivery.problem;
      await this.entries.put({ ...entry, refused: detail ?? title }).catch(() => {});
    }
    if (delivery.kind !== "later") this.#others.postMessage(entry.id);
    await this.#told(entry, delivery, fresh);
    return delivery;
  }
}

const HELD: Delivery = { kind: "later", why: "held" };
const HELD_OR = (delivery: Delivery): Delivery => (delivery.kind === "later" ? delivery : HELD);

/** An entry as earlier versions of this page kept it. */
function asEntry(entry: Entry): Entry {
  const body = entry.body as { id: string; procedure: string };
  return entry.kind ? entry : { ...entry, id: body.id, procedure: body.procedure, kind: "scan", judged: null };
}

function changed({ id, procedure, judged }: Entry, answer: ScanAnswer | null): Change | null {
  const after = answer?.verdict;
  if (!judged || !after || after.answer === judged.answer) return null;
  const reasons = after.reasons.map(({ text, action }) => `${text} ${action}`);
  const { product, ...before } = judged;
  return { id, procedure, product, before, after: { answer: after.answer, headline: after.headline, reasons } };
}

/** One tab at a time, where the browser can tell; sending twice is one record all the same. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? ((await navigator.locks.request("tessera-delivery", work)) as T) : work();
}
