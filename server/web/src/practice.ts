// The practice theatre: what the live camera reads of a printed pack or wristband goes into the form, as a scanner would type it.
import { offerCamera, type CameraSymbol } from "./camera.ts";
import { fromBase64 } from "./id.ts";

/** Between the barcodes of one pack in the form: no barcode holds it as data. */
const BETWEEN = "\u001e";
/** Kept from scene to scene: who practises with the camera opens it once. */
const WANTED = "tessera-practice-camera";
/** The barcodes that were sent last: each answer is a page of its own, whose camera sees them anew. */
const SENT = "tessera-practice-sent";

const named = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
const typed = ({ aim, bytes }: CameraSymbol): string => (aim ?? "") + String.fromCharCode(...fromBase64(bytes));

// Where a decision is asked for, nothing is scanned.
const form = document.getElementById("scan-form") as HTMLFormElement | null;
if (form) {
  const field = form.querySelector<HTMLInputElement>("#scan")!;
  let sent = false;
  const send = (symbols: CameraSymbol[], fromTheStart: boolean): void => {
    const texts = symbols.map(typed);
    const before = (sessionStorage.getItem(SENT) ?? "").split(BETWEEN);
    // A pack that is still held into the picture was answered already, until it has left the view.
    if (sent || (fromTheStart && texts.every((text) => before.includes(text)))) return;
    sent = true;
    field.value = texts.join(BETWEEN);
    sessionStorage.setItem(SENT, field.value);
    form.requestSubmit();
  };
  const isOpen = (): boolean => !document.getElementById("camera")!.hidden;
  offerCamera(named("reader"), named("scanner"), send, () => {
    if (!document.hidden) sessionStorage.setItem(WANTED, isOpen() ? "yes" : "no");
    field.focus();
  });
  // With a verdict in sight the camera would only read the same barcodes again.
  if (sessionStorage.getItem(WANTED) === "yes" && !document.querySelector(".app-verdict")) document.getElementById("camera-open")!.click();
}
