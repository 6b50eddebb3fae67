// A registry that tests play: serves the pages that `cargo test -p tessera-server gallery` wrote, answers and fails on demand.
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { chromium } from "playwright-core";

export const root = new URL("../../../", import.meta.url).pathname;
const kinds = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json" };
/** The policy of the real registry (application.rs). */
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const may = { answer: "may", headline: "May be implanted", reasons: [] };
export const answerOf = (id, verdict = may) => ({
  scan: { id }, kind: "pack", pending: false, label: { outcome: "read", udi: { lot: "CD34" } }, product: { name: "Stem" }, verdict,
  device_use: verdict.answer === "stop" ? null : { id: "use", fate: "implanted" }, wristband: null,
});

export class Registry {
  posts = [];
  /** What a post is answered with: a status and JSON, `"hang up"`, or `"half"` of an answer. */
  answer = ({ json }) => ({ status: 201, json: answerOf(json?.id) });
  /** Pages and data: `true`, or a status to fail with. */
  works = true;
  /** Who is signed in. */
  user = {};
  /** No network: whoever asks is hung up on. */
  down = false;
  key = generateKeyPairSync("ed25519");
  parts = [];
  taken = () => new Date().toISOString();

  static async start() {
    const registry = new Registry();
    const page = (name) => readFile(join(root, `test-artefacts/gallery/${name}.html`), "utf8").catch(() => {
      throw new Error("Run `cargo test -p tessera-server gallery` first: it writes the pages.");
    });
    const raw = registry.key.publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
    const keyed = (html) => html.replace('data-snapshot-key=""', `data-snapshot-key="${raw}"`);
    registry.pages = {
      procedure: keyed(await page("theatre_procedure")),
      offline: keyed(await page("theatre_offline")),
      start: await page("theatre_start"),
      offlineStart: await page("theatre_offline_start"),
      signIn: await page("signin"),
      practice: await page("practice_scene"),
    };
    registry.server = createServer((request, response) => void registry.#serve(request, response));
    await new Promise((resolve) => registry.server.listen(0, "127.0.0.1", resolve));
    registry.base = `http://127.0.0.1:${registry.server.address().port}`;
    return registry;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Scans that arrived, each once by its id, in the order of their first arrival. */
  scans() {
    const bodies = this.posts.filter(({ pathname }) => pathname === "/api/v1/scans").map(({ json }) => json);
    return [...new Map(bodies.map((body) => [body.id, body])).values()];
  }

  async #serve(request, response) {
    if (this.down) return request.socket.destroy();
    const { pathname } = new URL(request.url, this.base);
    const send = (status, type, body, headers = {}) => {
      response.writeHead(status, { "content-type": type, "content-security-policy": policy, ...headers });
      response.end(body);
    };
    const json = (status, body) => send(status, "application/json", JSON.stringify(body));
    if (request.method === "POST") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      let parsed = null;
      try { parsed = JSON.parse(body); } catch { /* a photo or a form */ }
      const post = { pathname, headers: request.headers, body, json: parsed };
      this.posts.push(post);
      const reply = await this.answer(post);
      if (reply === "hang up") return request.socket.destroy();
      if (reply === "half") {
        response.writeHead(201, { "content-type": "application/json", "content-length": "900" });
        response.write('{"scan":{"id":"');
        return setTimeout(() => request.socket.destroy(), 20);
      }
      return json(reply.status, reply.json ?? null);
    }
    if (pathname.startsWith("/assets/")) {
      const file = join(root, "server/web/dist", pathname.slice(8));
      return send(200, kinds[extname(file)] ?? "application/octet-stream", await readFile(file));
    }
    if (pathname === "/service-worker.js") return send(200, "text/javascript", await readFile(join(root, "server/web/dist/service-worker.js")));
    if (this.works !== true) return send(this.works, "text/plain", "out of order");
    if (pathname === "/api/v1/session") return json(200, { user: this.user, csrf: "token" });
    if (pathname === "/api/v1/theatre/snapshot") return json(200, this.#snapshot());
    if (pathname.startsWith("/api/v1/theatre/snapshot/parts/")) {
      const part = this.parts.find((text) => hash(text) === pathname.split("/").at(-1));
      return part ? send(200, "application/json", part) : json(404, {});
    }
    const { procedure, offline, start, offlineStart, signIn, practice } = this.pages;
    const page = { "/practice/scene": practice, "/sign-in": signIn, "/theatre": start, "/theatre/offline": offline, "/theatre/offline/start": offlineStart }[pathname] ?? procedure;
    send(200, "text/html; charset=utf-8", page.replace(/data-procedure="[^"]+"/, `data-procedure="${pathname.split("/")[2]}"`));
  }

  #snapshot() {
    const parts = this.parts.map((text, place) => ({ name: `part-${place}`, hash: hash(text) }));
    const statement = JSON.stringify({ version: hash(JSON.stringify(parts)), taken: this.taken(), limits: { expiry_warning_days: 30, snapshot_hours: 24 }, parts });
    return { statement, signature: sign(null, Buffer.from(statement), this.key.privateKey).toString("base64") };
  }
}

const hash = (text) => createHash("sha256").update(text).digest("hex");

export const browserArguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const launch = (more = []) => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [...browserArguments, ...more],
});

/** As a scanner types: 5 ms apart by the keys' own clock, however slow this machine is. F8 is one of its separators. */
export async function scan(page, text) {
  const session = await page.context().newCDPSession(page);
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
