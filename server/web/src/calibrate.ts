// The calibration page: one printed barcode, scanned once, tells what this scanner and computer make of every character.
import { base64 } from "./id.ts";
import { problemOf } from "./reasons.ts";
import { keepScanner, knownScanner, type Scanner } from "./scanner.ts";
import { GS, character } from "./wedge.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const field = byId<HTMLInputElement>("calibration");
const workstation = byId<HTMLInputElement>("workstation");
const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')!.content;

function show(): void {
  const known = knownScanner();
  byId("scanner-known").hidden = known === null;
  byId("scanner-unknown").hidden = known !== null;
  byId("scanner-workstation").textContent = known?.workstation ?? "without a name";
  byId("scanner-layout").textContent = known?.layout ?? "";
  byId("scanner-separator").textContent = known?.separator ?? "";
}

function complain(text: string): void {
  byId("calibration-error").textContent = text;
  byId("calibration-error").hidden = text === "";
}

async function learn(): Promise<void> {
  const typed = field.value;
  const name = workstation.value.trim();
  field.value = "";
  try {
    const response = await fetch("/api/v1/scanner/calibration", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify({ typed: base64(new TextEncoder().encode(typed)), ...(name ? { workstation: name } : {}) }),
    });
    if (!response.ok) return complain((await problemOf(response)).detail ?? "The registry could not learn from this scan.");
    keepScanner((await response.json()) as Scanner);
    complain("");
    show();
  } catch {
    complain("The registry can not be reached. Try again.");
  } finally {
    field.focus();
  }
}

field.addEventListener("keydown", (event) => {
  const key = { key: event.key, ctrlKey: event.ctrlKey, altKey: event.altKey, metaKey: event.metaKey, at: event.timeStamp };
  if (character(key) === GS) {
    event.preventDefault();
    field.setRangeText(GS, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
  } else if (event.key === "Enter" || (event.key === "Tab" && field.value !== "")) {
    event.preventDefault();
    void learn();
  }
});
byId("calibration-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void learn();
});
byId("scanner-forget").addEventListener("click", () => {
  keepScanner(null);
  show();
  field.focus();
});
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-scanner]")) {
  button.addEventListener("click", () => {
    keepScanner(JSON.parse(button.dataset["scanner"]!) as Scanner);
    complain("");
    show();
    byId("scanner-known").scrollIntoView({ block: "nearest" });
  });
}
workstation.value = knownScanner()?.workstation ?? "";
byId("calibration-print").addEventListener("click", () => print());
show();
byId("calibration-room").dataset["ready"] = "yes";
