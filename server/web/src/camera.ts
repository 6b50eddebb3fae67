/** The live camera: frames to the scanner in its worker, outlines and advice on the picture, one scan for what is on a pack. */
import { time } from "./clock.ts";
import { base64 } from "./id.ts";
import { Link } from "./link.ts";

interface Seen {
  corners: [number, number][];
}

interface Scanned {
  aim: string | null;
  bytes: number[];
}

interface Look {
  in_view: Seen[];
  pack: Scanned[] | null;
  hint: string | null;
}

/** A barcode as a scan carries it. */
export interface CameraSymbol {
  bytes: string;
  aim: string | null;
}

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
/** Longest side of the frames that are read: more pixels cost more time than they bring. */
const LONGEST_SIDE = 1280;
/** How long the picture stands still, so that a person sees what was read. */
const FREEZE_MS = 900;

export class CameraView {
  readonly #video = byId<HTMLVideoElement>("camera-video");
  readonly #overlay = byId<HTMLCanvasElement>("camera-outlines");
  readonly #panel = byId("camera");
  readonly #choice = byId<HTMLSelectElement>("camera-choice");
  readonly #torch = byId<HTMLButtonElement>("camera-torch");
  readonly #canvas = document.createElement("canvas");
  readonly #link: Link;
  readonly #take: (symbols: CameraSymbol[]) => void;
  #stream: MediaStream | null = null;
  #times: number[] = [];
  /** Frames go on while this is the running round. */
  #round = 0;

  /** `take` gets the barcodes of one pack. */
  constructor(script: string, wasm: string, take: (symbols: CameraSymbol[]) => void) {
    this.#link = new Link(script, wasm);
    this.#take = take;
    this.#choice.addEventListener("change", () => void this.open(this.#choice.value));
    this.#torch.addEventListener("click", () => void this.#switchTorch());
    // A camera nobody looks at is switched off.
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.close(); });
  }

  async open(device?: string): Promise<void> {
    this.close();
    this.#panel.hidden = false;
    this.#say("Starting the camera…");
    try {
      const wanted: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
      const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...which }, audio: false });
    } catch (problem) {
      const denied = (problem as Error).name === "NotAllowedError";
      this.#say(denied ? "The browser was not allowed to use the camera. Allow it beside the address." : "No camera could be started. Use the scanner, or take a photo.");
      return;
    }
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    await this.#offerCameras();
    const [track] = this.#stream.getVideoTracks();
    const able = track?.getCapabilities?.() as { torch?: boolean } | undefined;
    this.#torch.hidden = able?.torch !== true;
    this.#torch.setAttribute("aria-pressed", "false");
    this.#say("Hold the codes of the pack into the picture.");
    void this.#run(++this.#round);
  }

  close(): void {
    this.#round++;
    // What was read and waited for the pack's other barcodes is a scan all the same.
    if (this.#stream) void this.#link.ask<Scanned[] | null>("end", { year: year() }).then((pack) => { if (pack) this.#take(pack.map(symbol)); }, () => {});
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    this.#panel.hidden = true;
  }

  async #run(round: number): Promise<void> {
    while (round === this.#round) {
      await new Promise((resolve) => this.#video.requestVideoFrameCallback(resolve));
      if (round !== this.#round) return;
      const pack = await this.#frame().catch(() => this.#say("The scanner is started again."));
      if (pack) await this.#finish(pack, round);
    }
  }

  /** The barcodes of a pack, once the scanner waits for no more of them. */
  async #frame(): Promise<Scanned[] | null> {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight, 1));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (width === 0) return null;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true })!;
    pen.drawImage(this.#video, 0, 0, width, height);
    const { buffer } = pen.getImageData(0, 0, width, height).data;
    const question = { pixels: buffer, width, height, now: performance.now(), year: year() };
    const look = await this.#link.ask<Look>("look", question, [buffer as ArrayBuffer], 3_000);
    this.#count();
    this.#outline(look.in_view, width, height);
    if (look.in_view.length === 0) this.#say(look.hint ?? "Hold the codes of the pack into the picture.");
    else this.#say(look.in_view.length === 1 ? "1 code read" : `${look.in_view.length} codes read`);
    return look.pack;
  }

  /** A pack is one scan; the picture stands still for a moment. */
  async #finish(pack: Scanned[], round: number): Promise<void> {
    this.#panel.dataset["frozen"] = "yes";
    this.#video.pause();
    this.#take(pack.map(symbol));
    await new Promise((resolve) => setTimeout(resolve, FREEZE_MS));
    delete this.#panel.dataset["frozen"];
    if (round === this.#round) await this.#video.play();
  }

  #outline(symbols: Seen[], width: number, height: number): void {
    if (this.#overlay.width !== width || this.#overlay.height !== height) Object.assign(this.#overlay, { width, height });
    const pen = this.#overlay.getContext("2d")!;
    pen.clearRect(0, 0, width, height);
    for (const { corners } of symbols) {
      pen.beginPath();
      for (const [x, y] of corners) pen.lineTo(x, y);
      pen.closePath();
      // White around green: to be seen on any pack.
      for (const [colour, line] of [["#ffffff", 10], ["#00703c", 5]] as const) {
        Object.assign(pen, { strokeStyle: colour, lineWidth: line, lineJoin: "round" });
        pen.stroke();
      }
    }
  }

  /** Frames a second over the last second, for who wants to know. */
  #count(): void {
    const now = performance.now();
    this.#times.push(now);
    while (now - this.#times[0]! > 1_000) this.#times.shift();
    this.#panel.dataset["rate"] = String(this.#times.length);
  }

  async #offerCameras(): Promise<void> {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
    const now = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    this.#choice.replaceChildren(...cameras.map(({ deviceId, label }, place) => new Option(label || `Camera ${place + 1}`, deviceId, false, deviceId === now)));
    this.#choice.hidden = cameras.length < 2;
  }

  async #switchTorch(): Promise<void> {
    const on = this.#torch.getAttribute("aria-pressed") !== "true";
    const [track] = this.#stream?.getVideoTracks() ?? [];
    await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
    this.#torch.setAttribute("aria-pressed", String(on));
  }

  #say(text: string): void {
    const line = byId("camera-hint");
    if (line.textContent !== text) line.textContent = text;
  }
}

const symbol = ({ aim, bytes }: Scanned): CameraSymbol => ({ bytes: base64(Uint8Array.from(bytes)), aim });
const year = (): number => time().now.getFullYear();

/** The button that opens and closes it; `done` is called when it was pressed. */
export function offerCamera(script: string, wasm: string, found: ConstructorParameters<typeof CameraView>[2], done: () => void): void {
  const camera = new CameraView(script, wasm, found);
  const button = byId("camera-open");
  const showSwitch = (): void => {
    const open = !byId("camera").hidden;
    button.textContent = open ? "Close the camera" : "Scan with the camera";
    button.setAttribute("aria-expanded", String(open));
    done();
  };
  button.addEventListener("click", () => {
    if (!byId("camera").hidden) camera.close();
    else void camera.open();
    showSwitch();
  });
  document.addEventListener("visibilitychange", showSwitch);
}
