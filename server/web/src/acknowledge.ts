// "I have looked at it": a tap that goes on record, once however often it is tapped.
import { uuidv7 } from "./id.ts";
import { problemOf } from "./reasons.ts";

/** Buttons with `data-acknowledge` name the scan whose verdict was looked at; `done` draws the list again. */
export function acknowledgements(csrf: string, done: () => Promise<void>): void {
  const ids = new Map<string, string>();
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-acknowledge]");
    const scan = button?.dataset["acknowledge"];
    if (!button || !scan) return;
    const id = ids.get(scan) ?? uuidv7();
    ids.set(scan, id);
    button.disabled = true;
    void send(scan, id, csrf).then(async (problem) => {
      button.disabled = false;
      const error = document.getElementById("acknowledge-error")!;
      error.textContent = problem;
      error.hidden = problem === "";
      if (problem === "") {
        if (button.id === "looked-button") button.parentElement!.hidden = true;
        await done();
      }
    });
  });
}

async function send(scan: string, id: string, csrf: string): Promise<string> {
  try {
    const response = await fetch(`/api/v1/scans/${scan}/acknowledgement`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ id }),
    });
    return response.ok ? "" : ((await problemOf(response)).detail ?? "The registry did not take it; tap again.");
  } catch {
    return "The registry can not be reached, so this is not on record yet: tap again later.";
  }
}
