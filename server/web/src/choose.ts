/** Between the readings of a scan a person chooses, with the pack in the hand. */
import type { Reading } from "./contract.ts";
import { toOffer } from "./readings.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Most readings that are offered beside the verdict; of more than these a photo is quicker to compare. */
const MOST_READINGS = 6;

export function offerReadings(scan: string, readings: Reading[]): void {
  byId("choose-list").replaceChildren(...toOffer(readings, MOST_READINGS).map(([number, words]) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), {
      type: "button", className: "nhsuk-button nhsuk-button--secondary nhsuk-button--small", textContent: words,
    });
    Object.assign(button.dataset, { choose: scan, reading: String(number) });
    item.append(button);
    return item;
  }));
  byId<HTMLInputElement>("photo-again").dataset["again"] = scan;
  byId("choose").hidden = false;
}

/** `chosen` is called once for each choice, however often it is tapped. */
export function readingChoices(chosen: (scan: string, reading: number) => void): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-choose]");
    const { choose, reading } = button?.dataset ?? {};
    if (!choose) return;
    for (const other of document.querySelectorAll<HTMLButtonElement>(`button[data-choose="${choose}"]`)) other.disabled = true;
    chosen(choose, Number(reading));
  });
}
