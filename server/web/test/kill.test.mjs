// Browser and server are killed at random moments, and the registry's answers are lost at random: what the page acknowledged
// arrives, and nothing arrives twice. TESSERA_LONG=1: 1,000 scans and 100 kills.
import assert from "node:assert/strict";
import { mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { Registry, answerOf, browserArguments } from "./registry.mjs";
import { Server, isBuilt } from "./server.mjs";

const [SCANS, KILLS] = process.env.TESSERA_LONG ? [1000, 100] : [16, 2];
const PROCEDURE = "/theatre/01930000-0000-7000-8000-000000000001";
/** The page of a procedure lists its devices: so many of them are one, and the next scans another's. */
const SCANS_OF_A_PROCEDURE = 50;

/** From a fixed beginning, so that a failure can be repeated. */
let state = Number(process.env.TESSERA_SEED ?? 20261127);
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;

/** A browser on a folder of its own, which is there again after it was killed. */
class Tablet {
  #folder;
  #context;
  #base;
  #cookie;

  constructor(folder, base, cookie) {
    this.#folder = folder;
    this.#base = base;
    this.#cookie = cookie;
  }

  async open(path) {
    this.#context = await chromium.launchPersistentContext(this.#folder, { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: browserArguments, baseURL: this.#base });
    if (this.#cookie) {
      const [name, value] = this.#cookie.split("=");
      await this.#context.addCookies([{ name, value, url: this.#base }]);
    }
    this.page = this.#context.pages()[0] ?? (await this.#context.newPage());
    await this.show(path);
  }

  async show(path) {
    await this.page.goto(path);
    await this.page.locator("#theatre[data-ready=yes]").waitFor();
  }

  async kill() {
    process.kill(Number((await readlink(join(this.#folder, "SingletonLock"))).split("-").at(-1)), "SIGKILL");
  }

  async close() {
    await this.#context?.close().catch(() => {});
  }

  /** Resolves when the page has said of the scan that it is kept or answered. */
  scan(text) {
    return this.page.evaluate(async (typed) => {
      document.getElementById("scan").value = typed;
      document.getElementById("scan-form").requestSubmit();
      const panel = document.getElementById("verdict");
      // The page says "checking" at once when the scan's turn comes, and something else when it is kept or answered.
      await new Promise((resolve) => {
        let begun = false;
        const look = () => {
          if (panel.dataset.answer === "checking") begun = true;
          else if (begun) resolve();
          setTimeout(look, 5);
        };
        new MutationObserver(look).observe(panel, { attributes: true });
      });
    }, text);
  }

  /** Everything that was kept has reached the registry. */
  async delivered() {
    await this.page.locator("#waiting[data-count='0']").waitFor({ state: "attached", timeout: 180_000 });
  }
}

/** In letters: digits may look like the beginning of another element, whose separator was lost. */
const lotOf = (number) => `LOT${Array.from(String(number).padStart(6, "0"), (digit) => "ABCDEFGHJK"[digit]).join("")}`;
const packOf = (lot) => `01095210010001231731033110${lot}`;
const pause = (longest) => new Promise((resolve) => setTimeout(resolve, random() * longest));

test(`${SCANS} scans, the browser killed ${KILLS} times: what was acknowledged arrives, and nothing twice`, async () => {
  const registry = await Registry.start();
  const folder = await mkdtemp(join(tmpdir(), "tessera-kill-"));
  const recorded = new Map();
  // As a registry does that may be killed before it has written, or between writing and answering.
  registry.answer = ({ json }) => {
    const fate = random();
    if (fate < 0.15) return "hang up";
    const again = recorded.has(json.id);
    if (!again) recorded.set(json.id, JSON.stringify(json));
    else assert.equal(recorded.get(json.id), JSON.stringify(json), "one id, two bodies");
    if (fate < 0.3) return fate < 0.22 ? "half" : "hang up";
    return { status: again ? 200 : 201, json: answerOf(json.id) };
  };
  const acknowledged = new Set();
  const tablet = new Tablet(folder, registry.base);
  let [made, kills] = [0, 0];
  try {
    await tablet.open(PROCEDURE);
    while (made < SCANS || kills < KILLS) {
      const due = kills < KILLS && made >= ((kills + 1) * SCANS) / (KILLS + 1);
      const lot = lotOf(made++);
      const scanning = tablet.scan(packOf(lot)).then(() => acknowledged.add(lot), () => {});
      if (due) {
        await pause(60);
        await tablet.kill();
        kills++;
        await scanning;
        await tablet.close();
        await tablet.open(PROCEDURE);
      } else {
        await scanning;
      }
    }
    await tablet.delivered();
    await tablet.close();
  } finally {
    registry.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const arrived = Array.from(recorded.values(), (body) => Buffer.from(JSON.parse(body).symbols[0].bytes, "base64").toString().slice(-9));
  assert.equal(new Set(arrived).size, arrived.length, "a scan arrived twice");
  const lost = [...acknowledged].filter((lot) => !arrived.includes(lot));
  assert.deepEqual(lost, [], "acknowledged and lost");
  assert.ok(acknowledged.size >= SCANS - KILLS);
  console.log(`${made} scans, ${acknowledged.size} acknowledged, ${arrived.length} arrived, ${kills} kills`);
});

test(`the real server: ${SCANS} scans, browser and server killed ${KILLS} times: delivered is what was scanned, each once`, { skip: !isBuilt && "the programs are not built" }, async () => {
  const [folder, data] = [await mkdtemp(join(tmpdir(), "tessera-kill-")), await mkdtemp(join(tmpdir(), "tessera-kill-data-"))];
  const server = await Server.start(data);
  const nurse = await server.signedIn("nina");
  const [{ ods_code: site }] = await nurse.get("/api/v1/sites");
  const procedures = [];
  const began = Date.now();
  /** Opened by the interface: what is tried here is the scans. */
  const openProcedure = async () => {
    const id = idOf(procedures.length);
    await nurse.post("/api/v1/procedures", { id, patient: { nhs_number: "9434765919" }, site, theatre: "Theatre 1", opcs4: "W37.1", side: "right", started_at: new Date().toISOString() });
    procedures.push(id);
    return `/theatre/${id}`;
  };
  const [scanned, acknowledged] = [new Set(), new Set()];
  const tablet = new Tablet(folder, server.base, nurse.cookie);
  let [browserKills, serverKills, path] = [0, 0, await openProcedure()];
  try {
    await tablet.open(path);
    for (let number = 0; number < SCANS; number++) {
      const kills = browserKills + serverKills;
      if (number > 0 && number % SCANS_OF_A_PROCEDURE === 0) {
        path = await openProcedure();
        await tablet.show(path);
      }
      const lot = lotOf(number);
      scanned.add(lot);
      const scanning = tablet.scan(packOf(lot)).then(() => acknowledged.add(lot), () => {});
      if (kills >= KILLS || number < ((kills + 1) * SCANS) / (KILLS + 1)) {
        await scanning;
        continue;
      }
      await pause(120);
      if (kills % 2 === 0) {
        await Promise.all([server.kill(), scanning]);
        serverKills++;
        // What is scanned meanwhile waits.
        await pause(300);
        await server.start();
      } else {
        await tablet.kill();
        browserKills++;
        await scanning;
        await tablet.close();
        await tablet.open(path);
      }
    }
    await tablet.delivered();
    const recorded = [];
    for (const id of procedures) recorded.push(...(await nurse.get(`/api/v1/procedures/${id}`)).device_uses.map(({ lot }) => lot));
    assert.equal(new Set(recorded).size, recorded.length, "a scan was recorded twice");
    assert.deepEqual([...acknowledged].filter((lot) => !recorded.includes(lot)), [], "acknowledged and lost");
    assert.deepEqual(recorded.filter((lot) => !scanned.has(lot)), [], "recorded and never scanned");
    assert.equal(browserKills + serverKills, KILLS);
    // A browser that died before it had said "kept" may have kept nothing: at most one scan for each time.
    assert.ok(acknowledged.size >= SCANS - browserKills);
    console.log(`${SCANS} scans, ${acknowledged.size} acknowledged, ${recorded.length} recorded, ${browserKills} browsers and ${serverKills} servers killed, ${Math.round((Date.now() - began) / 1000)} s`);
  } finally {
    await tablet.close();
    await server.kill();
    for (const one of [folder, data]) await rm(one, { recursive: true, force: true });
  }
});

/** An id of version 7, from the number of the procedure. */
const idOf = (number) => `01930000-0000-7000-8000-${String(number + 1).padStart(12, "0")}`;
