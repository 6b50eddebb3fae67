// A chart taken away as a picture: the page of the gallery in a real Chromium, under the server's content security policy.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const root = new URL("../../../", import.meta.url).pathname;
const kinds = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'";
let server, browser, page;

before(async () => {
  const html = await readFile(join(root, "test-artefacts/gallery/league.html")).catch(() => {
    throw new Error("Run `cargo test -p tessera-server gallery` first: it writes the page.");
  });
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (!pathname.startsWith("/assets/")) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy });
      return response.end(html);
    }
    const file = join(root, "server/web/dist", pathname.slice(8));
    response.writeHead(200, { "content-type": kinds[extname(file)] ?? "application/octet-stream" });
    return response.end(await readFile(file));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/league`);
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

async function saved(button) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test("as a PNG of three pixels for each of the drawing, and not blank", async () => {
  const { name, bytes } = await saved("Save as PNG");
  assert.match(name, /^revisions-observed-over-expected\.png$/);
  assert.equal(bytes.subarray(1, 4).toString(), "PNG");
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const box = await page.locator("figure.app-chart svg").getAttribute("viewBox");
  assert.deepEqual([width, height], box.split(" ").slice(2).map((side) => 3 * Number(side)));
  const inks = await page.evaluate(async (data) => {
    const picture = Object.assign(new Image(), { src: data });
    await picture.decode();
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    pen.drawImage(picture, 0, 0);
    const { data: pixels } = pen.getImageData(0, 0, picture.width, picture.height);
    const seen = new Set();
    for (let at = 0; at < pixels.length; at += 4) seen.add((pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2]);
    return seen.size;
  }, `data:image/png;base64,${bytes.toString("base64")}`);
  assert.ok(inks > 20, `${inks} colours`);
});

test("as the SVG itself, with its size and its description", async () => {
  const { name, bytes } = await saved("Save as SVG");
  const text = bytes.toString();
  assert.match(name, /\.svg$/);
  assert.match(text, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  assert.match(text, / width="760"/);
  assert.match(text, /<desc /);
});

test("as a PDF of one page whose table of objects is right, in lines and letters", async () => {
  const { name, bytes } = await saved("Save as PDF");
  const text = bytes.toString("latin1");
  assert.match(name, /\.pdf$/);
  assert.ok(text.startsWith("%PDF-1.4\n") && text.endsWith("%%EOF\n"));
  const table = Number(/startxref\n(\d+)\n/.exec(text)[1]);
  assert.equal(text.slice(table, table + 4), "xref");
  const places = [...text.slice(table).matchAll(/^(\d{10}) 00000 n $/gm)].map((entry) => Number(entry[1]));
  assert.equal(places.length, 7);
  places.forEach((place, at) => assert.equal(text.slice(place, place + 7), `${at + 1} 0 obj`));
  const [, length, content] = /\/Length (\d+) >>\nstream\n([^]*?)\nendstream/.exec(text);
  assert.equal(content.length, Number(length));
  assert.match(text, /\/MediaBox \[0 0 570 /);
  const words = await page.locator("figure.app-chart svg text").allTextContents();
  for (const word of words.filter((word) => /^[\w ]+$/.test(word))) assert.ok(content.includes(`(${word}) Tj`), word);
  assert.equal((content.match(/ c h$/gm) ?? []).length, await page.locator("figure.app-chart svg circle").count());
});
