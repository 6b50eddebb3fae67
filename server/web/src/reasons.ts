// A change to the record that needs a reason: a dialog that asks for it, and a request that is never made twice.
import { uuidv7 } from "./id.ts";
import { csrf } from "./session.ts";
import type { Problem } from "./contract.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** What the registry said when it did not take something. */
export async function problemOf(response: Response): Promise<Problem> {
  const fallback = { title: `The registry answered ${response.status}`, status: response.status };
  return response.json().then((problem: Problem) => ({ ...fallback, ...problem }), () => fallback);
}

const UNCHANGED = "Nothing was changed; try again.";

/** What a dialog does where the registry can not be asked. */
interface Without {
  /** Whether what the change is about is not at the registry yet. */
  waits: (of: string) => Promise<boolean>;
  /** Keeps the change; gives what is wrong with it, or nothing. */
  keep: (change: { id: string; of: string; fate: string; reason: string; witness: { badge: string; pin: string } | undefined }) => Promise<string>;
}

/** The dialog `ID` with its parts `ID-form`, `ID-device`, `ID-error`, `ID-cancel`; the form posts `fate` and `reason`. */
export class ReasonDialog {
  readonly #name: string;
  readonly #done: (of: string) => Promise<void>;
  readonly #dialog: HTMLDialogElement;
  readonly #form: HTMLFormElement;
  #change: { url: string; id: string; of: string } | null = null;
  readonly #without: Without | null;

  /** `done` is told what the change was about. */
  constructor(name: string, done: (of: string) => Promise<void>, without: Without | null = null) {
    this.#name = name;
    this.#without = without;
    this.#done = done;
    this.#dialog = byId(name);
    this.#form = byId(`${name}-form`);
    byId(`${name}-cancel`).addEventListener("click", () => this.#dialog.close());
    this.#form.addEventListener("change", () => this.#showWitness());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  /** A badge that is scanned while the dialog asks for a second person goes there, wherever the focus is. */
  takeBadge(scanned: string): boolean {
    const [badge, pin] = [this.#input("badge"), this.#input("pin")];
    if (!this.#dialog.open || !badge || !pin) return false;
    for (const field of this.#form.querySelectorAll("input")) {
      if (["text", "password"].includes(field.type)) field.value = field.value.replace(scanned, "");
    }
    badge.value = scanned;
    pin.value = "";
    pin.focus();
    return true;
  }

  onClose(listener: () => void): void {
    this.#dialog.addEventListener("close", listener);
  }

  /** Asks for the reason of a change that is posted to `url`; `of` is what it is about. */
  open(url: string, device: string, fate?: string, of = ""): void {
    this.#change = { url, id: uuidv7(), of };
    this.#form.reset();
    byId(`${this.#name}-device`).textContent = device;
    const choice = this.#form.querySelector<HTMLInputElement>(`input[name="fate"][value="${fate}"]`);
    if (choice) choice.checked = true;
    byId(`${this.#name}-error`).hidden = true;
    this.#showWitness();
    this.#dialog.showModal();
    this.#field().focus();
  }

  #input(name: string): HTMLInputElement | null {
    return this.#form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
  }

  /** A second person is asked for where the device goes into the patient. */
  #showWitness(): void {
    const witness = document.getElementById(`${this.#name}-witness`);
    if (witness) witness.hidden = new FormData(this.#form).get("fate") !== "implanted";
  }

  #field(): HTMLInputElement {
    return this.#form.querySelector<HTMLInputElement>('input[name="reason"]')!;
  }

  #say(text: string): void {
    const error = byId(`${this.#name}-error`);
    error.textContent = text;
    error.hidden = false;
  }

  async #send(): Promise<void> {
    const data = new FormData(this.#form);
    const [fate, reason] = [data.get("fate"), String(data.get("reason") ?? "").trim()];
    if (!this.#change) return;
    if (fate === null) return this.#say("Choose what happened to it.");
    if (reason === "") {
      this.#say("Say why, in a few words.");
      this.#field().focus();
      return;
    }
    const [badge, pin] = [String(data.get("badge") ?? ""), String(data.get("pin") ?? "")];
    const witness = this.#input("badge") !== null && fate === "implanted" ? { badge, pin } : undefined;
    if (witness && (badge === "" || pin === "")) {
      this.#say(badge === "" ? "A second person scans their badge." : "The second person types their PIN.");
      this.#input(badge === "" ? "badge" : "pin")!.focus();
      return;
    }
    const change = { id: this.#change.id, of: this.#change.of, fate: String(fate), reason, witness };
    const problem = await this.#make(this.#change.url, change);
    // The same id is sent again on the next try: never two changes.
    if (problem !== "") return this.#say(problem);
    this.#dialog.close();
    await this.#done(change.of);
  }

  /** Makes the change at the registry, or keeps it where that can not be reached; gives what is wrong, or nothing. */
  async #make(url: string, change: Parameters<Without["keep"]>[0]): Promise<string> {
    const { id, fate, reason, witness } = change;
    if (await this.#without?.waits(change.of)) return this.#without!.keep(change);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() },
        body: JSON.stringify({ id, fate, reason, ...(witness ? { witness } : {}) }),
        signal: AbortSignal.timeout(10_000),
      });
      if (response.ok) return "";
      const { detail, action } = await problemOf(response);
      // A failure in nobody's words is not the registry's: something between here and there.
      if (response.status < 500 || detail || !this.#without) {
        return [detail ?? "The registry did not take the change.", witness ? action : "", UNCHANGED].filter(Boolean).join(" ");
      }
    } catch {
      if (!this.#without) return `The registry can not be reached. ${UNCHANGED}`;
    }
    return this.#without.keep(change);
  }
}
