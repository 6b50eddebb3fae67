/** The part of the page that attaches scanners to it (attached.ts). */
import { attach, attachable, reopen, type Attached } from "./attached.ts";

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** `taken` gets what they scan; `done` is called when somebody was asked to choose one. */
export function offerToAttach(taken: (scanned: Attached) => void, done: () => void): void {
  for (const kind of ["serial", "hid"] as const) {
    const button = byId(`attach-${kind}`);
    button.hidden = !attachable[kind];
    button.addEventListener("click", () => void attach(kind, taken).then((opened) => {
      byId("attached").textContent = opened ? "The scanner is attached: scan a pack." : "No scanner was attached.";
      done();
    }));
  }
  byId("attach").hidden = !attachable.serial && !attachable.hid;
  void reopen(taken).then((count) => {
    if (count > 0) byId("attached").textContent = count === 1 ? "1 scanner is attached." : `${count} scanners are attached.`;
  });
}
