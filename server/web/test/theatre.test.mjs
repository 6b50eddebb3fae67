// The theatre page in a real Chromium against a registry that this file plays: answers, fails and refuses on demand.
// The page is the one that `cargo test -p tessera-server gallery` wrote.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";

const root = new URL("../../../", import.meta.url).pathname;
const kinds = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const may = { answer: "may", headline: "May be implanted", reasons: [] };
const stop = { answer: "stop", headline: "Stop: do not implant", reasons: [{ code: "expired", answer: "stop", text: "Expired on 31 October 2026.", action: "Take another." }] };
const whole = { outcome: "read", udi: { lot: "AB12" } };
const read = (id, verdict) => ({
  scan: { id }, kind: "pack", pending: false, label: whole, product: { name: "Stem" }, verdict,
  device_use: verdict?.answer === "stop" ? null : { id: "use", fate: "implanted" }, wristband: null,
});
const partly = (id) => ({ ...read(id, null), label: { outcome: "incomplete", udi: null }, pending: true, device_use: null, product: null });

let server, browser, context, page, html;
let posts, answer;

before(async () => {
  html = await readFile(join(root, "test-artefacts/gallery/theatre_procedure.html")).catch(() => {
    throw new Error("Run `cargo test -p tessera-server gallery` first: it writes the page.");
  });
  server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.method === "POST") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const post = { pathname, headers: request.headers, body: Buffer.concat(chunks) };
      posts.push(post);
      const reply = await answer(post);
      if (reply === "hang up") return request.socket.destroy();
      response.writeHead(reply.status, { "content-type": "application/json" });
      return response.end(JSON.stringify(reply.json ?? null));
    }
    if (pathname.startsWith("/assets/")) {
      const file = join(root, "server/web/dist", pathname.slice(8));
      response.writeHead(200, { "content-type": kinds[extname(file)] ?? "application/octet-stream" });
      return response.end(await readFile(file));
    }
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'self'; img-src 'self' data: blob:" });
    return response.end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});
beforeEach(async () => {
  await context?.close();
  posts = [];
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, may) });
  context = await browser.newContext({ baseURL: `http://127.0.0.1:${server.address().port}` });
  page = await context.newPage();
  await open();
});

async function open() {
  await page.goto("/theatre/1");
  await page.evaluate(() => {
    window.heard = [];
    document.addEventListener("tessera:sound", (event) => window.heard.push(event.detail));
  });
  await page.locator("#theatre[data-ready=yes]").waitFor();
}
/** As a scanner types: 5 ms apart by the keys' own clock, however slow this machine is. F8 is one of its separators. */
async function scan(text) {
  const session = await context.newCDPSession(page);
  const began = Date.now() / 1000;
  const codes = { "\u001d": { key: "F8", code: "F8", windowsVirtualKeyCode: 119 }, "\r": { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" } };
  for (const [index, letter] of [...text, "\r"].entries()) {
    const key = codes[letter] ?? { key: letter, text: letter };
    const timestamp = began + index * 0.005;
    await session.send("Input.dispatchKeyEvent", { type: key.text ? "keyDown" : "rawKeyDown", timestamp, ...key });
    await session.send("Input.dispatchKeyEvent", { type: "keyUp", timestamp, key: key.key });
  }
  await session.detach();
}
const shows = (state) => page.locator(`#verdict[data-answer=${state}]`).waitFor();
const waits = (count) => page.locator(`#waiting[data-count="${count}"]`).waitFor({ state: "attached" });
const focused = () => page.evaluate(() => document.activeElement?.id);
/** Each scan once: on a slow machine the page sends one again, with the same id, while its first answer is on the way. */
const scans = () => {
  const bodies = posts.filter((post) => post.pathname === "/api/v1/scans").map((post) => JSON.parse(post.body));
  return [...new Map(bodies.map((body) => [body.id, body])).values()];
};
const text = (symbol) => Buffer.from(symbol.bytes, "base64").toString();

test("a handheld scan is posted as it was sent and answered in words, colour and sound", async () => {
  await scan("]d20105012345678900\u001d10AB12");
  await shows("may");
  const [body] = scans();
  assert.equal(text(body.symbols[0]), "0105012345678900\u001d10AB12");
  assert.equal(body.symbols[0].aim, "]d2");
  assert.equal(body.entry, "handheld");
  assert.match(body.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.equal(posts[0].headers["x-csrf-token"], "token");
  assert.equal(await page.locator("#verdict-headline").innerText(), "May be implanted");
  assert.deepEqual(await page.evaluate(() => window.heard), ["may"]);
  await waits(0);
});

test("what a person types is typed, and Ctrl+] is a separator", async () => {
  await page.keyboard.type("0105012345678900", { delay: 60 });
  await page.keyboard.press("Control+]");
  await page.keyboard.type("10AB12", { delay: 60 });
  await page.keyboard.press("Enter");
  await shows("may");
  const [body] = scans();
  assert.equal(text(body.symbols[0]), "0105012345678900\u001d10AB12");
  assert.equal(body.entry, "typed");
});

test("stop says why and what to do", async () => {
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, stop) });
  await scan("0105012345678900");
  await shows("stop");
  const words = await page.locator("#verdict").innerText();
  assert.ok(words.includes("Expired on 31 October 2026.") && words.includes("Take another."), words);
  assert.deepEqual(await page.evaluate(() => window.heard), ["stop"]);
});

test("a scan that cannot be sent is kept through a reload and arrives once, with the same id", async () => {
  answer = () => "hang up";
  await scan("0105012345678900");
  await shows("look");
  assert.equal(await page.locator("#verdict-headline").innerText(), "Kept, not checked");
  await waits(1);
  assert.ok(await page.locator("#waiting").isVisible());
  const before = scans()[0].id;
  await open();
  await waits(1);
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, may) });
  await waits(0);
  assert.ok(scans().every((body) => body.id === before));
});

test("what waits is not readable in the browser's store", async () => {
  answer = () => ({ status: 503 });
  await scan("0105012345678900");
  await waits(1);
  const stored = await page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open("tessera-outbox");
    opening.onsuccess = () => {
      const request = opening.result.transaction("entries").objectStore("entries").getAll();
      request.onsuccess = () => resolve(request.result.map((entry) => ({ fields: Object.keys(entry), text: new TextDecoder().decode(entry.data) })));
    };
  }));
  assert.equal(stored.length, 1);
  assert.deepEqual(stored[0].fields, ["id", "iv", "data"]);
  assert.ok(!stored[0].text.includes("procedure"), "the entry is stored in the clear");
});

test("a scan that the registry refuses stays in sight", async () => {
  answer = () => ({ status: 409, json: { title: "Conflict", status: 409, detail: "Another scan has this id." } });
  await scan("0105012345678900");
  await shows("stop");
  await page.locator("#refused").waitFor();
  assert.ok((await page.locator("#refused-list").innerText()).includes("Another scan has this id."));
  answer = ({ body }) => ({ status: 200, json: read(JSON.parse(body).id, may) });
  await page.getByRole("button", { name: "Send again" }).click();
  await page.locator("#refused").waitFor({ state: "hidden" });
});

test("every scan says which one was before it: the registry alone decides what belongs together", async () => {
  answer = ({ body }) => {
    const { id, follows } = JSON.parse(body);
    return { status: 201, json: follows ? read(id, may) : partly(id) };
  };
  // Both at once: the second must wait for the first one's answer.
  await scan("1727033110AB12");
  await scan("0105012345678900");
  await shows("may");
  const [first, second] = scans();
  assert.equal(first.follows, undefined);
  assert.equal(second.follows, first.id);
  assert.equal(second.supersedes_scan, undefined);
  assert.deepEqual(second.symbols.map(text), ["0105012345678900"], "a scan is sent as it was made");
  // Still so after a reload.
  await open();
  await scan("0105012345678900");
  await shows("may");
  assert.equal(scans()[2].follows, second.id);
});

test("a half that could not be sent goes before the scan that follows it", async () => {
  answer = () => "hang up";
  await scan("1727033110AB12");
  await waits(1);
  posts = [];
  answer = ({ body }) => {
    const { id, follows } = JSON.parse(body);
    return { status: 201, json: follows ? read(id, may) : partly(id) };
  };
  await scan("0105012345678900");
  await shows("may");
  const sent = posts.map((post) => JSON.parse(post.body));
  assert.equal(sent.at(-1).follows, sent[0].id);
  await waits(0);
});

const unclear = (id) => ({
  ...read(id, { answer: "look", headline: "Look at this", reasons: [{ code: "ambiguous", answer: "look", text: "This scan can be read in more than one way: lot A1, or lot A117.", action: "Choose." }] }),
  label: { outcome: "ambiguous", udi: null, candidates: [{ lot: "A1", expiry: "2026-06-30" }, { lot: "A1", expiry: "2026-06-30" }, { lot: "A117260630", expiry: null }] },
});

test("a person chooses between the readings of a scan, once", async () => {
  answer = ({ body }) => {
    const { id, reading } = JSON.parse(body);
    return { status: 201, json: reading === undefined ? unclear(id) : read(id, may) };
  };
  assert.ok(await page.locator("#choose").isHidden());
  await scan("010501234567890010A117260630");
  await shows("look");
  const offered = page.locator("#choose-list button");
  assert.deepEqual(await offered.allInnerTexts(), ["lot A1, expires 30 June 2026", "lot A117260630"], "what cannot be told apart is one");
  await offered.nth(1).click();
  await shows("may");
  assert.ok(await page.locator("#choose").isHidden());
  const [first, choice] = scans();
  assert.equal(choice.supersedes_scan, first.id);
  assert.equal(choice.reading, 2);
  assert.deepEqual(choice.symbols, []);
  assert.equal(scans().length, 2);
  await page.waitForFunction(() => document.activeElement?.id === "scan");
});

test("a photo of the same pack says so, any other photo only what was before it", async () => {
  answer = ({ pathname, body }) => {
    if (pathname.endsWith("/photo")) return { status: 201, json: read("x", may) };
    return { status: 201, json: unclear(JSON.parse(body).id) };
  };
  const file = { name: "pack.png", mimeType: "image/png", buffer: Buffer.from("not a real picture") };
  await scan("010501234567890010A117260630");
  await shows("look");
  const [first] = scans();
  await page.locator("#photo-again").setInputFiles(file);
  await shows("may");
  await page.locator("#photo").setInputFiles(file);
  await page.waitForFunction(() => window.heard.length === 3);
  const metas = posts.filter(({ pathname }) => pathname.endsWith("/photo")).map(({ body }) => JSON.parse(/\{.*\}/.exec(body.toString())[0]));
  assert.equal(metas[0].supersedes_scan, first.id);
  assert.equal(metas[1].supersedes_scan, undefined);
  assert.equal(metas[1].follows, metas[0].id);
});

test("a badge or a place is answered in the registry's words", async () => {
  const other = (id, kind, message) => ({ ...read(id, null), kind, message, label: null, product: null, device_use: null });
  answer = ({ body }) => ({ status: 201, json: other(JSON.parse(body).id, "badge", "Nina Okafor is on the team of this procedure.") });
  await scan("]d28017952100100000000244");
  await shows("part");
  assert.ok((await page.locator("#verdict").innerText()).includes("Nina Okafor is on the team"));
  answer = ({ body }) => ({ status: 201, json: other(JSON.parse(body).id, "other", "This barcode does not say which device it is.") });
  await scan("5012345678900");
  await shows("look");
  assert.ok((await page.locator("#verdict").innerText()).includes("does not say which device it is"));
});

test("what was stopped is recorded only against the stop, with a fate and a reason", async () => {
  assert.ok(await page.locator("#anyway").isHidden());
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, stop) });
  await scan("0105012345678900");
  await shows("stop");
  await page.getByRole("button", { name: "Record it anyway…" }).click();
  const save = page.getByRole("button", { name: "Record against the stop" });
  await save.click();
  assert.equal(await page.locator("#override-error").innerText(), "Choose what happened to it.");
  await page.getByLabel("It is in the patient").check();
  await save.click();
  assert.equal(await page.locator("#override-error").innerText(), "Say why, in a few words.");
  await page.locator("#override-reason").fill("in the patient before it was scanned");
  await save.click();
  assert.equal(await page.locator("#override-error").innerText(), "A second person scans their badge.");
  // A badge goes to its field wherever the focus is, and is no scan of a pack.
  await page.locator("#override-reason").focus();
  await scan("]C18017952114100000001039");
  assert.equal(await page.locator("#override-badge").inputValue(), "]C18017952114100000001039");
  assert.equal(await page.locator("#override-reason").inputValue(), "in the patient before it was scanned");
  assert.equal(await focused(), "override-pin");
  await save.click();
  assert.equal(await page.locator("#override-error").innerText(), "The second person types their PIN.");
  await page.locator("#override-pin").fill("482716");
  const [scanned] = scans();
  answer = () => ({ status: 503, json: { title: "Busy", status: 503, detail: "The registry is busy." } });
  await save.click();
  await page.locator("#override-error", { hasText: "The registry is busy." }).waitFor();
  answer = () => ({ status: 200, json: {} });
  await save.click();
  await page.locator("#override").waitFor({ state: "hidden" });
  await page.locator("#anyway").waitFor({ state: "hidden" });
  const decisions = posts.filter(({ pathname }) => pathname === `/api/v1/scans/${scanned.id}/device-use`).map(({ body }) => JSON.parse(body));
  assert.equal(decisions.length, 2);
  assert.deepEqual(decisions[0], decisions[1], "a second try is the same decision");
  assert.equal(decisions[0].fate, "implanted");
  assert.equal(decisions[0].reason, "in the patient before it was scanned");
  assert.deepEqual(decisions[0].witness, { badge: "]C18017952114100000001039", pin: "482716" });
  assert.equal(scans().length, 1, "the badge became a scan");
  // The next scan takes the offer away.
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, may) });
  await scan("0105012345678900");
  await shows("may");
  assert.ok(await page.locator("#anyway").isHidden());
});

test("that somebody looked goes on record, once", async () => {
  const look = { answer: "look", headline: "Look at this", reasons: [{ code: "expires-soon", answer: "look", text: "It expires soon.", action: "Check." }] };
  answer = ({ body }) => ({ status: 201, json: read(JSON.parse(body).id, look) });
  await scan("0105012345678900");
  await shows("look");
  const [scanned] = scans();
  answer = () => ({ status: 503, json: { title: "Busy", status: 503, detail: "The registry is busy." } });
  await page.locator("#looked-button").click();
  await page.locator("#looked").waitFor({ state: "hidden" });
  await page.locator("#waiting[data-count='1']").waitFor({ state: "attached" });
  answer = () => ({ status: 201, json: null });
  await page.locator("#waiting[data-count='0']").waitFor({ state: "attached" });
  const told = posts.filter(({ pathname }) => pathname === `/api/v1/scans/${scanned.id}/acknowledgement`).map(({ body }) => JSON.parse(body));
  assert.ok(told.length >= 2);
  assert.equal(new Set(told.map(({ id }) => id)).size, 1, "a second try is the same acknowledgement");
});

test("the field keeps the focus, and a scan that lands elsewhere is still a scan", async () => {
  assert.equal(await focused(), "scan");
  await page.mouse.click(5, 700);
  await page.waitForFunction(() => document.activeElement?.id === "scan");
  await page.getByRole("button", { name: "Finish procedure" }).focus();
  await scan("0105012345678900");
  await shows("may");
  assert.equal(text(scans()[0].symbols[0]), "0105012345678900");
});

test("a scan into the reason of an undo is taken out of it; the reason is posted", async () => {
  await page.getByRole("button", { name: "Undo" }).first().click();
  assert.equal(await focused(), "reason");
  await page.keyboard.type("wrong pack ", { delay: 70 });
  await scan("0105012345678900");
  await shows("may");
  assert.equal(await page.locator("#reason").inputValue(), "wrong pack ");
  answer = () => ({ status: 201, json: {} });
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#correction").waitFor({ state: "hidden" });
  const post = posts.find(({ pathname }) => pathname.endsWith("/corrections"));
  const { fate, reason } = JSON.parse(post.body);
  assert.deepEqual({ fate, reason }, { fate: "entered-in-error", reason: "wrong pack" });
  await page.waitForFunction(() => document.activeElement?.id === "scan");
});

test("an undo without a reason is not sent", async () => {
  await page.getByRole("button", { name: "Wasted" }).first().click();
  await page.getByRole("button", { name: "Save" }).click();
  assert.equal(await page.locator("#correction-error").innerText(), "Say why, in a few words.");
  assert.deepEqual(posts, []);
});

test("a photo is posted with its meta", async () => {
  answer = () => ({ status: 201, json: read("x", may) });
  await page.locator("#photo").setInputFiles({ name: "pack.png", mimeType: "image/png", buffer: Buffer.from("not a real picture") });
  await shows("may");
  const [post] = posts;
  assert.equal(post.pathname, "/api/v1/scans/photo");
  const body = post.body.toString();
  assert.match(body, /name="meta"/);
  assert.match(body, /"entry":"photo"/);
  assert.match(body, /name="photo"; filename="pack.png"\r\nContent-Type: image\/png\r\n\r\nnot a real picture/);
});

test("signed out: the page says so and keeps the scan", async () => {
  answer = () => ({ status: 401, json: { title: "Signed out", status: 401 } });
  await scan("0105012345678900");
  await page.locator("#signed-out").waitFor();
  await waits(1);
});
