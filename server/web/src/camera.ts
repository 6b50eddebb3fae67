/** The live camera: frames to the scanner in its worker, outlines and advice on the picture, one scan for what is on a pack. */
import { time } from "./clock.ts";
import { base64 } from "./id.ts";
import { Link } from "./link.ts";
import { scannerRuns } from "./runs.ts";

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

/** What the scanner is asked to look at: RGBA, and when it was taken. */
interface Frame {
  pixels: ArrayBuffer;
  width: number;
  height: number;
  now: number;
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
/** A scanner that takes longer for a frame has fallen over. */
const LONGEST_LOOK_MS = 3_000;
/** What is read within this time of the first look was in view already when the camera was opened. */
const AT_ONCE_MS = 1_500;

/** Whether what is in view has been there since the camera was opened. */
class Presence {
  #first: number | null = null;
  #since: number | null = null;
  #left = false;

  saw(codes: number, now: number): void {
    this.#first ??= now;
    if (codes > 0) this.#since ??= now;
    else if (this.#since !== null) this.#left = true;
  }

  get fromTheStart(): boolean {
    return !this.#left && this.#since !== null && this.#since - this.#first! < AT_ONCE_MS;
  }
}

export class CameraView {
  readonly #video = byId<HTMLVideoElement>("camera-video");
  readonly #overlay = byId<HTMLCanvasElement>("camera-outlines");
  readonly #panel = byId("camera");
  readonly #choice = byId<HTMLSelectElement>("camera-choice");
  readonly #torch = byId<HTMLButtonElement>("camera-torch");
  readonly #canvas = document.createElement("canvas");
  readonly #link: Link;
  readonly #take: (symbols: CameraSymbol[], fromTheStart: boolean) => void;
  #stream: MediaStream | null = null;
  #times: number[] = [];
  #presence = new Presence();
  /** Frames go on while this is the running round. */
  #round = 0;

  /** `take` gets the barcodes of one pack, and whether it was in view already when the camera was opened. */
  constructor(script: string, wasm: string, take: (symbols: CameraSymbol[], fromTheStart: boolean) => void) {
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
    delete this.#panel.dataset["dark"];
    this.#say("Starting the camera…");
    const instead = document.getElementById("photo") ? "Use the scanner, or take a photo." : "Use the scanner.";
    if (!scannerRuns()) {
      this.#panel.dataset["dark"] = "yes";
      this.#say(`This browser is too old to read barcodes with the camera: that needs Chrome 91, Firefox 132 or Safari 16.4. ${instead}`);
      return;
    }
    try {
      const wanted: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
      const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { ...wanted, ...which }, audio: false });
    } catch (problem) {
      const denied = (problem as Error).name === "NotAllowedError";
      this.#panel.dataset["dark"] = "yes";
      this.#say(denied ? `The browser was not allowed to use the camera. Allow it beside the address. ${instead}` : `No camera could be started. ${instead}`);
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
    if (this.#stream) void this.#link.ask<Scanned[] | null>("end", { year: year() }).then((pack) => { if (pack) this.#take(pack.map(symbol), false); }, () => {});
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
    this.#panel.hidden = true;
  }

  /** While the scanner looks at one frame, the next is taken: neither waits for the other. */
  async #run(round: number): Promise<void> {
    this.#presence = new Presence();
    let looking = Promise.resolve(false);
    while (round === this.#round) {
      await new Promise((resolve) => this.#video.requestVideoFrameCallback(resolve));
      if (round !== this.#round) return;
      const frame = this.#frame();
      const stoodStill = await looking;
      if (round !== this.#round) return;
      // What was taken before the picture stood still is long past.
      looking = frame && !stoodStill ? this.#look(frame, round) : Promise.resolve(false);
    }
  }

  #frame(): Frame | null {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight, 1));
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (width === 0) return null;
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true })!;
    pen.drawImage(this.#video, 0, 0, width, height);
    return { pixels: pen.getImageData(0, 0, width, height).data.buffer as ArrayBuffer, width, height, now: performance.now() };
  }

  /** Whether it was the last that a pack needed, and the picture stood still for it. */
  async #look(frame: Frame, round: number): Promise<boolean> {
    const { pixels, width, height, now } = frame;
    const look = await this.#link.ask<Look>("look", { ...frame, year: year() }, [pixels], LONGEST_LOOK_MS).catch(() => null);
    if (!look) {
      this.#say("The scanner is started again.");
      return false;
    }
    this.#count();
    this.#presence.saw(look.in_view.length, now);
    this.#outline(look.in_view, width, height);
    if (look.in_view.length === 0) this.#say(look.hint ?? "Hold the codes of the pack into the picture.");
    else this.#say(look.in_view.length === 1 ? "1 code read" : `${look.in_view.length} codes read`);
    if (look.pack) await this.#finish(look.pack, round);
    return look.pack !== null;
  }

  /** A pack is one scan; the picture stands still for a moment. */
  async #finish(pack: Scanned[], round: number): Promise<void> {
    this.#panel.dataset["frozen"] = "yes";
    this.#video.pause();
    this.#take(pack.map(symbol), this.#presence.fromTheStart);
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
