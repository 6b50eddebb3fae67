// "I have looked at it": a tap that goes on record, once however often it is tapped, with or without a network.
import type { Courier } from "./courier.ts";
import { uuidv7 } from "./id.ts";
import { actEntry } from "./outbox.ts";

/** Buttons with `data-acknowledge` name the scan whose verdict was looked at; `done` draws the list again. */
export function acknowledgements(courier: Courier, procedure: string, done: () => Promise<void>): void {
  const made = new Map<string, Promise<string>>();
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-acknowledge]");
    const scan = button?.dataset["acknowledge"];
    if (!button || !scan || made.has(scan)) return;
    button.disabled = true;
    const looked = look(courier, procedure, scan);
    made.set(scan, looked);
    void looked.then(async (problem) => {
      button.disabled = false;
      if (problem !== "") made.delete(scan);
      const error = document.getElementById("acknowledge-error")!;
      error.textContent = problem;
      error.hidden = problem === "";
      if (problem === "" && button.id === "looked-button") button.parentElement!.hidden = true;
      await done();
    });
  });
}

/** Keeps it and sends it; gives what the registry had against it. */
async function look(courier: Courier, procedure: string, scan: string): Promise<string> {
  const entry = await courier.keep(actEntry("look", procedure, { id: uuidv7() }, scan)).catch(() => null);
  if (!entry) return "This browser can not store it: tap again.";
  const delivery = await courier.deliver(entry);
  if (delivery.kind !== "refused") return "";
  await courier.entries.remove(entry.id);
  return delivery.problem.detail ?? "The registry did not take it; tap again.";
}
