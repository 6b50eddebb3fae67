// Two people with a tablet each in one procedure at the real server, one of them without a network for a while: every pack is
// recorded once, whoever scanned it, and what the registry learnt meanwhile is told.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launch, scan } from "./registry.mjs";
import { Server, isBuilt } from "./server.mjs";

const PROCEDURE = "01930000-0000-7000-8000-000000000001";
/** Of the sample hospital's shelves. */
const STEM = "09521001000123";
const LENS = "09521006002153";
const SCREW = "09521010350240";
const packOf = (gtin, lot) => `]d201${gtin}1731063010${lot}`;
/** One unit of a product that no catalogue knows, by its serial. */
const SINGLE = "]d20109521005000014173910312100417";

class Tablet {
  static async of(browser, server, { cookie }) {
    const tablet = new Tablet();
    tablet.context = await browser.newContext({ baseURL: server.base });
    const [name, value] = cookie.split("=");
    await tablet.context.addCookies([{ name, value, url: server.base }]);
    tablet.page = await tablet.context.newPage();
    tablet.page.setDefaultTimeout(60_000);
    await tablet.open();
    await tablet.page.locator("#theatre[data-snapshot=yes]").waitFor();
    return tablet;
  }

  async open() {
    await this.page.goto(`/theatre/${PROCEDURE}`);
    await this.page.locator("#theatre[data-ready=yes]").waitFor();
  }

  /** Scans, waits for this answer and gives its words. */
  async told(text, answer) {
    const panel = this.page.locator("#verdict");
    await panel.evaluate(({ dataset }) => (dataset.answer = "idle"));
    await scan(this.page, text);
    await this.page.locator("#verdict:not([data-answer=idle], [data-answer=checking])").waitFor();
    assert.match(await panel.getAttribute("data-answer"), answer, await panel.innerText());
    return panel.innerText();
  }

  async waits(count) {
    await this.page.locator(`#waiting[data-count="${count}"]`).waitFor({ state: "attached" });
  }
}

test("two tablets on one procedure, one of them away: nothing twice, nothing lost, and what changed meanwhile is told", { skip: !isBuilt && "the programs are not built" }, async () => {
  const data = await mkdtemp(join(tmpdir(), "tessera-two-"));
  const server = await Server.start(data);
  const browser = await launch();
  try {
    const [nina, ada, priya] = await Promise.all(["nina", "ada", "priya"].map((name) => server.signedIn(name)));
    const [{ ods_code: site }] = await nina.get("/api/v1/sites");
    await nina.post("/api/v1/procedures", { id: PROCEDURE, patient: { nhs_number: "9434765919" }, site, theatre: "Theatre 1", opcs4: "W37.1", side: "right", started_at: new Date().toISOString() });
    const setApart = async (device, lot) => {
      const { items } = await priya.get(`/api/v1/stock?site=${site}&identifier=${device}&lot=${lot}`);
      assert.ok(items.length > 0, `no packs of ${lot}`);
      for (const { id } of items) await priya.post(`/api/v1/stock/${id}/state`, { state: "quarantined", set_apart_for: "damaged", reason: "wet carton" });
    };
    await setApart(LENS, "LN88120");
    const here = await Tablet.of(browser, server, nina);
    const away = await Tablet.of(browser, server, ada);

    await away.context.setOffline(true);
    assert.match(await away.told(packOf(LENS, "LN88120"), /stop/), /lot LN88120, is set apart at this site as damaged[\s\S]*Judged here/);
    assert.doesNotMatch(await away.told(packOf(STEM, "HWKRA7"), /may/), /set apart/);
    await away.told(SINGLE, /look/);
    await away.waits(3);

    await setApart(STEM, "HWKRA7");
    assert.match(await here.told(packOf(STEM, "HWKRA7"), /stop/), /lot HWKRA7, is set apart at this site as damaged/);
    await here.told(packOf(SCREW, "SCRW77"), /may|look/);
    await here.told(SINGLE, /look/);
    await here.waits(0);

    await away.context.setOffline(false);
    await away.waits(0);
    await away.page.locator("#changed").waitFor();
    assert.match(await away.page.locator("#changed").innerText(), /Stop: do not implant[\s\S]*HWKRA7/);
    const recorded = (await nina.get(`/api/v1/procedures/${PROCEDURE}`)).device_uses.map(({ lot, serial }) => lot ?? serial);
    assert.deepEqual(recorded.sort(), ["00417", "SCRW77"], "a pack that is set apart is recorded only by a decision");
    for (const tablet of [here, away]) {
      await tablet.open();
      assert.equal(await tablet.page.locator("#devices .app-devices > li").count(), 2);
    }
  } finally {
    await browser.close();
    await server.kill();
    await rm(data, { recursive: true, force: true });
  }
});
