/** Decisions against a stop while the registry is away: kept with what shows who stood by, never with a PIN. */
import type { OverrideBody } from "./contract.ts";
import type { Courier } from "./courier.ts";
import { actEntry, type Vault } from "./outbox.ts";
import { acting, badgeNumber, prove, unlock } from "./people.ts";
import { whyNot } from "./person.ts";
import { lastUser } from "./session.ts";

/** What the dialog asked. */
export interface Decision {
  /** The scan that was answered with a stop. */
  of: string;
  id: string;
  fate: string;
  reason: string;
  witness: { badge: string; pin: string } | undefined;
}

export class AgainstStops {
  readonly #vault: Vault;
  readonly #courier: Courier;
  readonly #procedure: string;
  /** The decision and badge of which was said that nothing can be checked. */
  #told = "";

  constructor(vault: Vault, courier: Courier, procedure: string) {
    this.#vault = vault;
    this.#courier = courier;
    this.#procedure = procedure;
  }

  /** Whether the scan is still on its way: then the decision waits behind it. */
  async waits(scan: string): Promise<boolean> {
    return (await this.#courier.entries.get(scan)) !== null;
  }

  /** Keeps the decision; gives what is wrong with it, or nothing. */
  async keep(decision: Decision): Promise<string> {
    const { of: scan, id, fate, reason, witness } = decision;
    const shown = witness ? await this.#secondPerson(decision, witness) : undefined;
    if (typeof shown === "string") return shown;
    const body: OverrideBody = { id, fate, reason, ...(shown ? { witness: shown } : {}) };
    const entry = await this.#courier.keep(actEntry("override", this.#procedure, body, scan));
    const delivery = await this.#courier.deliver(entry);
    return delivery.kind === "refused" ? (delivery.problem.detail ?? "The registry did not take it.") : "";
  }

  /** What shows the registry who stood by: their own signature, where this tablet knows them; else their badge alone, not verified. */
  async #secondPerson({ id, of: scan, fate, reason }: Decision, { badge, pin }: { badge: string; pin: string }): Promise<OverrideBody["witness"] | string> {
    const number = badgeNumber(badge);
    if (number === null) return "This is not a staff badge: scan the badge of the second person.";
    const result = await unlock(this.#vault, number, pin);
    if (result.kind === "unlocked") {
      const first = (await acting(this.#vault))?.user ?? lastUser();
      if (first?.id === result.signer.user.id) return "This is the badge of the person who records it: another person has to scan theirs.";
      return { badge: number, proof: await prove(result.signer, `second-person ${id} ${scan} ${fate} ${reason}`) };
    }
    if (result.kind === "wrong" || result.kind === "locked") return whyNot(result);
    if (this.#told !== `${id} ${number}`) {
      this.#told = `${id} ${number}`;
      return `${whyNot(result)} Press “Record against the stop” once more to record it as not verified: it stays open until they confirm it.`;
    }
    return { badge: number, not_verified: true };
  }
}
