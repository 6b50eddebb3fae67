// The browser is killed at random moments and the registry's answers are lost at random: what the page acknowledged arrives,
// and nothing arrives twice. TESSERA_LONG=1: 1,000 scans and 100 kills.
import assert from "node:assert/strict";
import { mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { Registry, answerOf, browserArguments } from "./registry.mjs";

const [SCANS, KILLS] = process.env.TESSERA_LONG ? [1000, 100] : [16, 2];
const PROCEDURE = "/theatre/01930000-0000-7000-8000-000000000001";

/** From a fixed beginning, so that a failure can be repeated. */
let state = Number(process.env.TESSERA_SEED ?? 20261127);
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;

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
  let [made, kills] = [0, 0];
  const open = async () => {
    const context = await chromium.launchPersistentContext(folder, { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: browserArguments, baseURL: registry.base });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(PROCEDURE);
    await page.locator("#theatre[data-ready=yes]").waitFor();
    return { context, page, pid: Number((await readlink(join(folder, "SingletonLock"))).split("-").at(-1)) };
  };
  try {
    let { context, page, pid } = await open();
    while (made < SCANS || kills < KILLS) {
      const due = kills < KILLS && made >= ((kills + 1) * SCANS) / (KILLS + 1);
      const lot = `LOT${String(made++).padStart(6, "0")}`;
      const scanning = page.evaluate(async (text) => {
        document.getElementById("scan").value = text;
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
      }, `0109521001000123173103311 0${lot}`.replace(" ", "")).then(() => acknowledged.add(lot), () => {});
      if (due) {
        await new Promise((resolve) => setTimeout(resolve, random() * 60));
        process.kill(pid, "SIGKILL");
        kills++;
        await scanning;
        await context.close().catch(() => {});
        ({ context, page, pid } = await open());
      } else {
        await scanning;
      }
    }
    await page.locator("#waiting[data-count='0']").waitFor({ state: "attached", timeout: 120_000 });
    await context.close();
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
