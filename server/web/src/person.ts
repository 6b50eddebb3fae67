/** Who acts while the registry is away: the line that says so, and the dialog for badge and PIN. */
import { problemOf } from "./reasons.ts";
import type { Vault } from "./outbox.ts";
import { acting, badgeNumber, begin, end, unlock, type Someone, type Unlocking } from "./people.ts";
import { csrf, lastUser } from "./session.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** What is asked of a person, and what is done with the answer; it gives what is wrong, or nothing. */
interface Question {
  heading: string;
  text: string;
  go: string;
  done: (badge: string, pin: string) => Promise<string>;
}

export class PersonDialog {
  readonly #dialog = byId<HTMLDialogElement>("person");
  readonly #form = byId<HTMLFormElement>("person-form");
  #question: Question | null = null;

  constructor() {
    byId("person-cancel").addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  onClose(listener: () => void): void {
    this.#dialog.addEventListener("close", listener);
  }

  ask(question: Question): void {
    this.#question = question;
    this.#form.reset();
    byId("person-heading").textContent = question.heading;
    byId("person-text").textContent = question.text;
    byId("person-go").textContent = question.go;
    byId("person-error").hidden = true;
    this.#dialog.showModal();
    byId("person-badge").focus();
  }

  /** A badge that is scanned while the dialog is open goes there, wherever the focus is. */
  takeBadge(scanned: string): boolean {
    if (!this.#dialog.open) return false;
    byId<HTMLInputElement>("person-badge").value = scanned;
    byId<HTMLInputElement>("person-pin").value = "";
    byId("person-pin").focus();
    return true;
  }

  async #send(): Promise<void> {
    const data = new FormData(this.#form);
    const [badge, pin] = [badgeNumber(String(data.get("badge") ?? "")), String(data.get("pin") ?? "")];
    const error = byId("person-error");
    error.textContent = badge === null ? "Scan the badge." : pin === "" ? "Type the PIN." : "";
    if (badge !== null && pin !== "") error.textContent = (await this.#question?.done(badge, pin)) ?? "";
    error.hidden = error.textContent === "";
    if (error.hidden) this.#dialog.close();
    else byId(badge === null ? "person-badge" : "person-pin").focus();
  }
}

/** Why nobody was let in, in words. */
export function whyNot(result: Exclude<Unlocking, { kind: "unlocked" }>): string {
  if (result.kind === "wrong") return `Badge and PIN do not belong together. ${result.left === 1 ? "One try is" : `${result.left} tries are`} left here.`;
  return {
    unknown: "This badge can not be checked here: its owner has to sign in once with badge and PIN on this tablet while the registry can be reached.",
    expired: "It is too long ago that this badge was checked by the registry, or the clock here is in doubt.",
    locked: "There were too many wrong PINs for this badge here. It opens again when its owner signs in while the registry can be reached.",
  }[result.kind];
}

/** Shows who acts here without a network, and lets somebody say that it is they. */
export class WhoActs {
  readonly #vault: Vault;
  readonly #dialog: PersonDialog;
  #away = false;
  #signed = false;

  constructor(vault: Vault, dialog: PersonDialog) {
    this.#vault = vault;
    this.#dialog = dialog;
    byId("who-unlock").addEventListener("click", () => this.ask());
    byId("who-lock").addEventListener("click", () => void end(vault).then(() => this.show(this.#away)));
  }

  ask(): void {
    this.#dialog.ask({
      heading: "Sign in without a network",
      text: "What you do here is then signed by you, and reaches the registry in your name.",
      go: "Sign in here",
      done: async (badge, pin) => {
        const result = await unlock(this.#vault, badge, pin);
        if (result.kind !== "unlocked") return whyNot(result);
        await begin(this.#vault, result.signer);
        await this.show(this.#away);
        return "";
      },
    });
  }

  /** A badge was scanned while the registry does not answer: where nobody has signed in here, its owner is asked for the PIN. */
  async offer(scanned: string): Promise<void> {
    if (badgeNumber(scanned) === null) return;
    await this.show(true);
    if (this.#signed || document.querySelector("dialog[open]")) return;
    this.ask();
    this.#dialog.takeBadge(scanned);
  }

  /** `away`: the registry can not be reached, or nobody is signed in there. */
  async show(away: boolean): Promise<void> {
    this.#away = away;
    const signer = await acting(this.#vault);
    this.#signed = signer !== null;
    byId("who").hidden = !away && signer === null;
    byId("who-name").textContent = signer ? `Signed here by ${signer.user.name}` : unsigned(lastUser());
    byId("who-unlock").hidden = signer !== null;
    byId("who-lock").hidden = signer === null;
  }
}

/** In whose name goes what nobody signs here. */
const unsigned = (last: Someone | null): string =>
  last ? `What is done here is kept for ${last.name} to send. Is it you, or somebody else? Sign it with badge and PIN.`
    : "Nobody has signed in here: what is done goes in the name of whoever sends it.";

/** Buttons with `data-confirm` name a device whose second person was not verified: they confirm it to the registry. */
export function confirmations(dialog: PersonDialog, done: () => Promise<void>): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-confirm]");
    if (!button) return;
    dialog.ask({
      heading: "Did you stand by?",
      text: `${button.dataset["name"] ?? ""}: it was recorded against a stop while nothing could be checked, and your badge was named.`,
      go: "I stood by",
      done: async (badge, pin) => {
        try {
          const response = await fetch(`/api/v1/device-uses/${button.dataset["confirm"]}/second-person`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
            body: JSON.stringify({ badge, pin }),
          });
          if (!response.ok) return (await problemOf(response)).detail ?? "The registry did not take it.";
          await done();
          return "";
        } catch {
          return "The registry can not be reached: confirm it later.";
        }
      },
    });
  });
}
