// Scanners over Web Serial and WebHID: bytes and AIM identifier arrive as the scanner read them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { build } from "esbuild";
import { Registry, answerOf, launch } from "./registry.mjs";

let parts, registry, browser;
before(async () => {
  const { outputFiles } = await build({ entryPoints: [new URL("../src/attached.ts", import.meta.url).pathname], bundle: true, format: "esm", write: false });
  parts = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  registry = await Registry.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  registry?.stop();
});

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const report = (text, aim = "]d2", more = 0) => {
  const data = new Uint8Array(63);
  data[0] = text.length;
  data.set(bytes(aim), 1);
  data.set(bytes(text), 4);
  data[62] = more;
  return new DataView(data.buffer);
};

test("serial lines: whole ones, wherever the pieces were cut", () => {
  const lines = new parts.Lines();
  assert.deepEqual(lines.take(bytes("]d20109")), []);
  assert.deepEqual(lines.take(bytes("521\u001d10A\r\n]C1")).map((line) => Buffer.from(line).toString()), ["]d20109521\u001d10A"]);
  assert.deepEqual(lines.take(bytes("17310331\r")).map((line) => Buffer.from(line).toString()), ["]C117310331"]);
  for (let i = 0; i < 100; i++) lines.take(new Uint8Array(100).fill(65));
  assert.equal(lines.take(bytes("\r")).every((line) => line.length <= 4096), true);
});

test("HID reports: the AIM identifier apart, long barcodes put together, nonsense ignored", () => {
  const reports = new parts.Reports();
  const scan = reports.take(report("0109521001000123\u001d10A"));
  assert.equal(scan.aim, "]d2");
  assert.equal(Buffer.from(scan.bytes).toString(), "0109521001000123\u001d10A");
  assert.equal(reports.take(report("A".repeat(56), "]C1", 1)), null);
  assert.equal(reports.take(report("B", "]C1")).bytes.length, 57);
  assert.equal(reports.take(report("]d201", "\0\0\0")).aim, "]d2");
  assert.equal(reports.take(new DataView(new ArrayBuffer(2))), null);
  assert.equal(reports.take(report("")), null);
});

test("a scan of an attached scanner is a handheld's, byte by byte", async () => {
  registry.answer = ({ json }) => ({ status: 201, json: answerOf(json.id) });
  const page = await browser.newPage({ baseURL: registry.base });
  await page.addInitScript(() => {
    const device = Object.assign(new EventTarget(), { opened: false, productName: "Scanner", open: async () => { device.opened = true; } });
    window.scannerDevice = device;
    Object.defineProperty(navigator, "hid", { value: { getDevices: async () => [device], requestDevice: async () => [device] } });
    const port = { open: async () => { port.readable = new ReadableStream({ start: (control) => { window.scannerLine = control; } }); }, readable: null };
    Object.defineProperty(navigator, "serial", { value: { getPorts: async () => [], requestPort: async () => port } });
  });
  await page.goto("/theatre/01930000-0000-7000-8000-000000000001");
  await page.locator("#theatre[data-ready=yes]").waitFor();
  await page.getByText("1 scanner is attached.").waitFor();
  await page.evaluate((data) => {
    const event = Object.assign(new Event("inputreport"), { data: new DataView(Uint8Array.from(data).buffer) });
    window.scannerDevice.dispatchEvent(event);
  }, Array.from(new Uint8Array(report("0109521001000123\u001d10A\u00e9").buffer)));
  await page.locator("#verdict[data-answer=may]").waitFor();
  await page.getByText("Attach a scanner to this page").click();
  await page.getByRole("button", { name: "Serial scanner" }).click();
  await page.getByText("The scanner is attached").waitFor();
  await page.evaluate(() => window.scannerLine.enqueue(new TextEncoder().encode("]C117310331\r")));
  while (registry.scans().length < 2) await page.waitForTimeout(20);
  const [hid, serial] = registry.scans();
  assert.equal(hid.entry, "handheld");
  assert.deepEqual(hid.symbols, [{ bytes: Buffer.from("0109521001000123\u001d10A\u00e9", "latin1").toString("base64"), aim: "]d2" }]);
  assert.deepEqual(serial.symbols, [{ bytes: Buffer.from("17310331").toString("base64"), aim: "]C1" }]);
  assert.equal(serial.follows, hid.id);
  await page.close();
});
