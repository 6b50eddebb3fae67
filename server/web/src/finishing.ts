/** Finishing a procedure: at the registry, or here until that can be told. */
import type { Courier } from "./courier.ts";
import type { Kept } from "./kept.ts";
import { actEntry, type Room } from "./outbox.ts";
import { show } from "./panel.ts";
import { showWaiting } from "./waiting.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

export function showFinished(): void {
  byId("finished-here").hidden = false;
  byId("finish-form").hidden = true;
}

/** The form that finishes; `known` is what is kept of a procedure beside what the registry drew. It takes its turn behind scans. */
export function finishing(
  procedure: string,
  courier: Courier,
  procedures: Room<Kept>,
  known: () => Pick<Kept, "side" | "site">,
  inTurn: (work: () => Promise<void>) => void,
): void {
  byId<HTMLFormElement>("finish-form").addEventListener("submit", (event) => {
    event.preventDefault();
    inTurn(async () => {
      const kept = await procedures.get(procedure);
      const entry = await courier.keep(actEntry("finish", procedure, null));
      const delivery = await courier.deliver(entry);
      if (delivery.kind === "answered") return location.assign(`/theatre/${procedure}/summary`);
      if (delivery.kind === "later") {
        await procedures.put({ id: procedure, opened: null, drawn: null, ...known(), ...kept, finished: new Date().toISOString() });
        showFinished();
      }
      if (delivery.kind === "refused") {
        // Nothing is lost with it: a person does what is missing, and finishes again.
        await courier.entries.remove(entry.id);
        const { title, detail, action } = delivery.problem;
        show("look", title, detail ?? "The registry did not finish the procedure.", action ? [action] : []);
      }
      await showWaiting();
    });
  });
}
