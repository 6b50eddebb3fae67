// The real server with the sample hospital, to be killed and started again; null where the programs are not built.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { root } from "./registry.mjs";

const program = process.env.TESSERA_PROGRAM ?? join(root, "target/debug/tessera");
export const isBuilt = existsSync(program);

let asked = 0;

/** A port below those that the system gives to whoever asks for any: between being found free and being used, nobody else takes it. */
async function freePort() {
  for (;;) {
    const port = 20_000 + ((process.pid * 16 + asked++) % 10_000);
    const server = createServer();
    const free = await new Promise((resolve) => server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true)));
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export class Server {
  #folder;
  #port;
  #child = null;

  constructor(folder, port) {
    this.#folder = folder;
    this.#port = port;
    this.base = `http://127.0.0.1:${port}`;
  }

  static async start(folder) {
    const server = new Server(folder, await freePort());
    await server.start();
    return server;
  }

  /** Starts it on what it left behind. */
  async start() {
    const child = spawn(program, ["demo", "--data", this.#folder, "--listen", `127.0.0.1:${this.#port}`], { stdio: ["ignore", "ignore", "pipe"] });
    this.#child = child;
    let said = "";
    child.stderr.on("data", (words) => (said = (said + words).slice(-2000)));
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${said}`);
      const ready = await fetch(`${this.base}/readyz`).then(({ ok }) => ok, () => false);
      if (ready) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As a power cut does: at once, with nothing tidied up. */
  async kill() {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  /** Someone of the sample hospital who asks and changes by the interface. */
  async signedIn(username) {
    const body = JSON.stringify({ username, password: "tessera-sample-2026" });
    const response = await fetch(`${this.base}/api/v1/session`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    const cookie = response.headers.get("set-cookie").split(";")[0];
    const { csrf } = await response.json();
    const ask = async (path, init = {}) => {
      const answer = await fetch(this.base + path, { ...init, headers: { cookie, "X-CSRF-Token": csrf, "Content-Type": "application/json" } });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    };
    return { cookie, get: (path) => ask(path), post: (path, body) => ask(path, { method: "POST", body: JSON.stringify(body) }) };
  }
}

