/**
 * Scanners that the browser itself speaks to, so that bytes and AIM identifier arrive as the scanner read them and no keyboard
 * layout comes between: over a serial line (Web Serial), or as a HID point-of-sale scanner (WebHID, usage page 0x8C).
 * A person allows a scanner once; then it is opened again whenever the page is.
 */

/** One scan as a scanner gave it. */
export interface Attached {
  bytes: Uint8Array;
  aim: string | null;
}

type Take = (scan: Attached) => void;

/** USB HID Point of Sale Usage Tables 1.02, section 4: the page of barcode scanners. */
const BARCODE_SCANNER_PAGE = 0x8c;
/** The report of scanned data: length, three characters of AIM identifier, 56 of data, and at the end whether more follows. */
const [LENGTH_AT, AIM_AT, DATA_AT, DATA_MOST, MORE_AT] = [0, 1, 4, 56, 62];
const LONGEST = 4_096;

/** Lines of a serial scanner: each ends with CR or LF; separators within stay. */
export class Lines {
  #kept: number[] = [];

  /** Takes what came; gives the scans that are whole. A line without end is given up rather than growing for ever. */
  take(bytes: Uint8Array): Uint8Array[] {
    const whole: Uint8Array[] = [];
    for (const byte of bytes) {
      if (byte !== 0x0d && byte !== 0x0a) {
        this.#kept.push(byte);
        if (this.#kept.length > LONGEST) this.#kept = [];
        continue;
      }
      if (this.#kept.length > 0) whole.push(Uint8Array.from(this.#kept));
      this.#kept = [];
    }
    return whole;
  }
}

/** Reports of one HID scanner, put together where a long barcode comes in several. */
export class Reports {
  #kept: number[] = [];

  /** Takes one report; gives the scan when its last part is there. */
  take(report: DataView): Attached | null {
    if (report.byteLength < DATA_AT) return null;
    const length = Math.min(report.getUint8(LENGTH_AT), DATA_MOST, report.byteLength - DATA_AT);
    for (let at = 0; at < length; at++) this.#kept.push(report.getUint8(DATA_AT + at));
    const more = report.byteLength > MORE_AT && report.getUint8(MORE_AT) === 1;
    if (more && this.#kept.length < LONGEST) return null;
    const bytes = Uint8Array.from(this.#kept);
    this.#kept = [];
    const aim = String.fromCharCode(...[0, 1, 2].map((at) => report.getUint8(AIM_AT + at)));
    return bytes.length === 0 ? null : splitBytes(bytes, /^\][A-Za-z][0-9A-Za-z]$/.test(aim) ? aim : null);
  }
}

/** The AIM identifier apart from the bytes, where the scanner sends it before them. */
export function splitBytes(bytes: Uint8Array, aim: string | null = null): Attached {
  const head = String.fromCharCode(...bytes.slice(0, 3));
  if (aim === null && /^\][A-Za-z][0-9A-Za-z]$/.test(head)) return { aim: head, bytes: bytes.slice(3) };
  return { aim, bytes };
}

// ---------------------------------------------------------------- the browser's interfaces, as far as they are used

interface Port {
  open(options: { baudRate: number }): Promise<void>;
  readable: ReadableStream<Uint8Array> | null;
}
interface Device extends EventTarget {
  opened: boolean;
  productName: string;
  open(): Promise<void>;
}
interface Interfaces {
  serial?: { getPorts(): Promise<Port[]>; requestPort(): Promise<Port> };
  hid?: { getDevices(): Promise<Device[]>; requestDevice(options: { filters: { usagePage: number }[] }): Promise<Device[]> };
}
const interfaces = ((globalThis as { navigator?: unknown }).navigator ?? {}) as Interfaces;

/** Which of them this browser has. */
export const attachable = { serial: interfaces.serial !== undefined, hid: interfaces.hid !== undefined };

/** Opens every scanner that was allowed before. */
export async function reopen(take: Take): Promise<number> {
  const ports = (await interfaces.serial?.getPorts()) ?? [];
  const devices = (await interfaces.hid?.getDevices()) ?? [];
  const opened = await Promise.all([...ports.map((port) => listen(port, take)), ...devices.map((device) => hear(device, take))]);
  return opened.filter(Boolean).length;
}

/** Asks a person for a scanner; false where none was chosen or it can not be opened. */
export async function attach(kind: "serial" | "hid", take: Take): Promise<boolean> {
  try {
    if (kind === "serial") return await listen(await interfaces.serial!.requestPort(), take);
    const [device] = await interfaces.hid!.requestDevice({ filters: [{ usagePage: BARCODE_SCANNER_PAGE }] });
    return device !== undefined && (await hear(device, take));
  } catch {
    return false;
  }
}

async function listen(port: Port, take: Take): Promise<boolean> {
  try {
    await port.open({ baudRate: 9_600 });
  } catch {
    return false;
  }
  void (async () => {
    const lines = new Lines();
    // A line that breaks off is listened to again, until the scanner is gone.
    while (port.readable) {
      const reader = port.readable.getReader();
      try {
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          for (const line of lines.take(part.value)) take(splitBytes(line));
        }
        return;
      } catch {
        // Framing or overrun: what follows is read all the same.
      } finally {
        reader.releaseLock();
      }
    }
  })();
  return true;
}

async function hear(device: Device, take: Take): Promise<boolean> {
  try {
    if (!device.opened) await device.open();
  } catch {
    return false;
  }
  const reports = new Reports();
  device.addEventListener("inputreport", (event) => {
    const scan = reports.take((event as Event & { data: DataView }).data);
    if (scan) take(scan);
  });
  return true;
}
