// The live camera in a real Chromium: a made-up video of a label (fixtures/labels) stands in for a camera.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Registry, launch, root } from "./registry.mjs";

const LABEL = "several-codes-02.png";
const BLURRED = "gs1-128-01.png";
const [WIDTH, HEIGHT] = [1280, 720];
let registry, browser, folder;

/** A video in the form that Chromium's fake camera takes (YUV4MPEG2): a label on a grey table, a little further each frame, and out of
 * focus by so many pixels. */
async function video(file, label, blur) {
  const drawing = await launch();
  const page = await drawing.newPage();
  const picture = (await readFile(join(root, "fixtures/labels", label))).toString("base64");
  const frames = [];
  for (let shift = 0; shift < 4; shift++) {
    const grey = await page.evaluate(async ({ picture, shift, blur, width, height }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${picture}`;
      await image.decode();
      const pen = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d");
      pen.fillStyle = "#8a8f94";
      pen.fillRect(0, 0, width, height);
      if (blur > 0) pen.filter = `blur(${blur}px)`;
      pen.drawImage(image, 180 + 3 * shift, 70 + 2 * shift);
      const { data } = pen.getImageData(0, 0, width, height);
      let luma = "";
      for (let at = 0; at < data.length; at += 4) luma += String.fromCharCode(16 + Math.round(data[at] * 219 / 255));
      return btoa(luma);
    }, { picture, shift, blur, width: WIDTH, height: HEIGHT });
    frames.push(Buffer.from(grey, "base64"));
  }
  await drawing.close();
  const colourless = Buffer.alloc(WIDTH * HEIGHT / 2, 128);
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F30:1 Ip A1:1 C420jpeg\n`)];
  for (const frame of frames) parts.push(Buffer.from("FRAME\n"), frame, colourless);
  await writeFile(file, Buffer.concat(parts));
}

/** A browser whose camera shows a label. */
async function camera(name, label, blur) {
  const file = join(folder, name);
  await video(file, label, blur);
  return launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${file}`]);
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tessera-camera-"));
  registry = await Registry.start();
  browser = await camera("label.y4m", LABEL, 0);
});
after(async () => {
  await browser?.close();
  registry?.stop();
  if (folder) await rm(folder, { recursive: true });
});

/** What is printed in the codes of a label. */
async function printed(label = LABEL) {
  const lines = (await readFile(join(root, "fixtures/labels/expected.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).find(({ file }) => file === label).symbols.map(({ text }) => text).sort();
}

test("a pack held into the camera is one scan with every code on it, outlined, and told once", async () => {
  const page = await browser.newPage({ baseURL: registry.base });
  await page.goto("/theatre/01930000-0000-7000-8000-000000000001");
  await page.locator("#theatre[data-ready=yes]").waitFor();
  await page.getByRole("button", { name: "Scan with the camera" }).click();
  await page.locator("#camera[data-frozen=yes]").waitFor();
  await page.locator("#verdict[data-answer=may]").waitFor();
  const green = await page.evaluate(() => {
    const canvas = document.getElementById("camera-outlines");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 1] === 0x70 && data[at] === 0 && data[at + 3] === 255) count++;
    return count;
  });
  assert.ok(green > 500, `${green} pixels of outline`);
  await page.locator("#camera:not([data-frozen])").waitFor();
  // It stays in view for a while, and is not scanned again.
  const rates = [];
  for (let i = 0; i < 5; i++) {
    await page.waitForTimeout(400);
    rates.push(Number(await page.locator("#camera").getAttribute("data-rate")));
  }
  assert.equal(registry.scans().length, 1);
  const [{ entry, symbols }] = registry.scans();
  assert.equal(entry, "camera");
  const texts = symbols.map(({ bytes }) => Buffer.from(bytes, "base64").toString());
  assert.deepEqual(texts.sort(), await printed());
  console.log(`frames a second, ${WIDTH} × ${HEIGHT}: ${rates.join(", ")}`);
  await page.getByRole("button", { name: "Close the camera" }).click();
  assert.ok(await page.locator("#camera").isHidden());
});

test("a camera that is closed as soon as it has read something has lost nothing", async () => {
  const page = await browser.newPage({ baseURL: registry.base });
  await page.goto("/theatre/01930000-0000-7000-8000-000000000002");
  await page.locator("#theatre[data-ready=yes]").waitFor();
  const before = registry.scans().length;
  // The first code is in view: the others of the pack are still waited for.
  await page.evaluate(() => {
    const hint = document.getElementById("camera-hint");
    const close = new MutationObserver(() => {
      if (!/codes? read/.test(hint.textContent)) return;
      close.disconnect();
      document.getElementById("camera-open").click();
    });
    close.observe(hint, { childList: true, characterData: true, subtree: true });
  });
  await page.getByRole("button", { name: "Scan with the camera" }).click();
  await page.locator("#verdict[data-answer=may]").waitFor();
  assert.ok(await page.locator("#camera").isHidden());
  await page.waitForTimeout(500);
  assert.equal(registry.scans().length, before + 1);
});

test("in the practice theatre what the camera reads goes into the form, every code of it", async () => {
  const page = await browser.newPage({ baseURL: registry.base });
  await page.goto("/practice/scene");
  const sent = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/practice/scene"));
  await page.getByRole("button", { name: "Scan with the camera" }).click();
  const scanned = new URLSearchParams((await sent).postData()).get("scan");
  const texts = scanned.split("\u001e").map((code) => code.replace(/^\]../, ""));
  assert.deepEqual(texts.sort(), await printed());
});

test("in the practice theatre a wrong pack that stays in view is sent once, and again when it was taken away and shown", async () => {
  const page = await browser.newPage({ baseURL: registry.base });
  let sent = 0;
  page.on("request", (request) => { if (request.method() === "POST") sent++; });
  // What the practice theatre answers to a wrong pack: the same scene again, on a page of its own.
  const scene = registry.pages.practice.replace('class="app-verdict"', 'class="made-up"');
  await page.route("**/practice/scene", (route) => route.fulfill({ contentType: "text/html", body: scene }));
  await page.goto("/practice/scene");
  const answered = page.waitForEvent("load");
  await page.getByRole("button", { name: "Scan with the camera" }).click();
  await answered;
  await page.locator("#camera[data-frozen=yes]").waitFor();
  await page.locator("#camera:not([data-frozen])").waitFor();
  assert.equal(sent, 1);
  // A hand over the lens: nothing is in view, and then the pack is again.
  const again = page.waitForRequest((request) => request.method() === "POST");
  await page.evaluate(() => {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (picture, ...place) {
      if (picture instanceof HTMLVideoElement) this.clearRect(0, 0, ...place.slice(2));
    };
    const back = new MutationObserver(() => {
      if (/codes? read/.test(document.getElementById("camera-hint").textContent)) return;
      CanvasRenderingContext2D.prototype.drawImage = draw;
    });
    back.observe(document.getElementById("camera-hint"), { childList: true, characterData: true, subtree: true });
  });
  await again;
  assert.equal(sent, 2);
});

test("a pack that is out of focus, which no glance reads, is read all the same", async () => {
  const blurred = await camera("blurred.y4m", BLURRED, 1.6);
  try {
    const page = await blurred.newPage({ baseURL: registry.base });
    await page.goto("/theatre/01930000-0000-7000-8000-000000000003");
    await page.locator("#theatre[data-ready=yes]").waitFor();
    const before = registry.scans().length;
    await page.getByRole("button", { name: "Scan with the camera" }).click();
    await page.locator("#camera[data-frozen=yes]").waitFor();
    while (registry.scans().length === before) await page.waitForTimeout(50);
    const texts = registry.scans()[before].symbols.map(({ bytes }) => Buffer.from(bytes, "base64").toString());
    assert.deepEqual(texts, await printed(BLURRED));
  } finally {
    await blurred.close();
  }
});
