// The theatre without a network, in a real Chromium: what is scanned is judged here, kept, and arrives once and in order.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { answerOf, launch, scan } from "./registry.mjs";
import { GREEN, PROCEDURE, RECALLED, asNew, playedRegistry, tablet } from "./tablet.mjs";

let registry, browser, context, page;
const { open, openAndKeep, network, shows, waits, words } = tablet(() => ({ registry, context, page }));

before(async () => {
  registry = await playedRegistry();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  registry?.stop();
});
beforeEach(async () => {
  await context?.close();
  asNew(registry);
  context = await browser.newContext({ baseURL: registry.base });
  page = await context.newPage();
});

test("in the middle of a case the network goes: verdicts go on, and everything arrives once and in order", async () => {
  await openAndKeep();
  await scan(page, GREEN);
  await shows("may");
  await network(false);
  await scan(page, RECALLED);
  await shows("stop");
  assert.match(await words("verdict"), /TES-2026-009[\s\S]*Judged here, from data less than a minute old/);
  await waits(1);
  await scan(page, GREEN);
  await shows("may");
  await waits(2);
  assert.equal(await page.locator("#kept-list li").count(), 2);
  // The tab is closed, and opened again without a network: it is all still there.
  await page.close();
  page = await context.newPage();
  await open();
  await waits(2);
  assert.ok((await words("facts")).includes("Procedure"), "what the registry drew last is shown");
  assert.ok(await page.locator("#no-network").isVisible());
  await scan(page, RECALLED);
  await shows("stop");
  await waits(3);
  await network(true);
  await waits(0);
  const texts = registry.scans().map(({ symbols }) => Buffer.from(symbols[0].bytes, "base64").toString());
  assert.deepEqual(texts, [GREEN, RECALLED, GREEN, RECALLED].map((text) => text.slice(3)));
  const ids = registry.scans().map(({ id }) => id);
  assert.deepEqual(ids, [...ids].sort(), "in the order in which they were made");
});

test("a pack that is set apart at this site stops while the network is away, and one that may be used says how many there are", async () => {
  const lot = (text) => GREEN.replace("CD34", text);
  await openAndKeep();
  await network(false);
  await scan(page, lot("DM1"));
  await shows("stop");
  assert.match(await words("verdict"), /lot DM1, is set apart at this site as damaged[\s\S]*take another[\s\S]*Judged here/);
  await scan(page, lot("IQ1"));
  await shows("look");
  // The page that comes without the registry knows the site as it was kept with the procedure.
  await open();
  await scan(page, GREEN);
  await shows("may");
  assert.match(await words("verdict"), /On the shelves here: 15 packs of it that may be used/);
  await scan(page, lot("DM1"));
  await shows("stop");
});

test("while the network is away a pack is held against what is in already, and against what was scanned here since", async () => {
  const [STEM, HEAD] = ["]d201095210010077711731033110ZZ77", "]d201095210016141841731033110ZZ78"];
  await openAndKeep();
  await network(false);
  await scan(page, HEAD);
  await shows("may");
  await scan(page, STEM);
  await shows("stop");
  assert.match(await words("verdict"), /has taper V40; Harrowmere Tindle TI-32 has 12\/14: they do not fit together/);
  // What was scanned is kept through a closed tab, and what was stopped is in nobody.
  await open();
  await scan(page, HEAD);
  await shows("may");
  await network(true);
  await waits(0);
  // The registry takes a pack and then cannot draw the page: what it had told before is out of date.
  registry.works = 500;
  const taken = page.waitForResponse((response) => response.request().method() === "POST");
  await scan(page, GREEN);
  await taken;
  await waits(0);
  registry.answer = () => ({ status: 500 });
  await scan(page, HEAD);
  await shows("look");
  assert.match(await words("verdict"), /fits the other parts and the plan could not be checked here/);
});

test("a recall published meanwhile: the registry judges again, and the page says so until a person has seen it", async () => {
  await openAndKeep();
  await network(false);
  await scan(page, GREEN);
  await shows("may");
  const stop = { answer: "stop", headline: "Stop: do not implant", reasons: [{ code: "recalled", answer: "stop", text: "Recalled an hour ago.", action: "Quarantine." }] };
  registry.answer = ({ json }) => ({ status: 201, json: answerOf(json.id, stop) });
  await page.evaluate(() => (window.heard = []));
  await network(true);
  await page.locator("#changed").waitFor();
  assert.match(await words("changed"), /Stop: do not implant[\s\S]*May be implanted[\s\S]*Recalled an hour ago/);
  assert.deepEqual(await page.evaluate(() => window.heard), ["stop"]);
  await shows("stop");
  assert.match(await words("verdict"), /Recalled an hour ago/, "the green panel gives way");
  await open();
  await page.locator("#changed").waitFor();
  await page.getByRole("button", { name: "I have seen this" }).click();
  await page.locator("#changed").waitFor({ state: "hidden" });
});

test("a registry that answers 500, or half an answer, loses nothing and doubles nothing", async () => {
  await openAndKeep();
  registry.works = 500;
  const faults = ["half", { status: 500 }, "hang up"];
  let place = 0;
  const whenItWorks = (id) => (registry.works === true ? { status: 200, json: answerOf(id) } : { status: 500 });
  registry.answer = ({ json }) => faults[place++] ?? whenItWorks(json.id);
  await scan(page, GREEN);
  await shows("may");
  await scan(page, RECALLED);
  await shows("stop");
  // A page that the registry can not draw comes from here.
  await open();
  assert.ok(await page.locator("#no-network").isVisible());
  registry.works = true;
  await waits(0);
  assert.equal(registry.scans().length, 2);
  assert.ok(registry.posts.length >= 5);
});

test("a scan is kept while the one before it is still being answered", async () => {
  await openAndKeep();
  // A registry that never answers, and a page that never stops waiting for it.
  registry.answer = () => new Promise(() => {});
  await page.evaluate(() => {
    const wait = window.setTimeout;
    window.setTimeout = (work, time, ...more) => (time >= 2_000 ? 0 : wait(work, time, ...more));
  });
  await scan(page, GREEN);
  await scan(page, RECALLED);
  await page.waitForFunction(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open("tessera-outbox");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const counting = opening.result.transaction("entries").objectStore("entries").count();
      counting.onsuccess = () => { opening.result.close(); resolve(counting.result === 2); };
    };
  }));
  assert.equal(await page.locator("#verdict").getAttribute("data-answer"), "checking");
  // The page is gone with all that it knew; the next one finds both.
  await page.close();
  asNew(registry);
  page = await context.newPage();
  await open();
  await waits(0);
  assert.equal(registry.scans().length, 2);
});

test("whoever leaves while a scan is on its way into the store is asked first", async () => {
  await openAndKeep();
  await page.evaluate(() => { crypto.subtle.encrypt = () => new Promise(() => {}); });
  await scan(page, GREEN);
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
});

test("two tabs: each thing is one record, and one tab alone sends", async () => {
  await openAndKeep();
  const other = await context.newPage();
  await open(`/theatre/${PROCEDURE}`, other);
  await network(false);
  await scan(page, GREEN);
  await waits(1);
  await scan(other, RECALLED);
  await waits(2, other);
  let busy = 0, most = 0;
  registry.answer = async ({ json }) => {
    most = Math.max(most, ++busy);
    await new Promise((resolve) => setTimeout(resolve, 60));
    busy--;
    return { status: 201, json: answerOf(json.id) };
  };
  await network(true);
  await other.locator("#waiting[data-count='0']").waitFor({ state: "attached" });
  assert.equal(registry.scans().length, 2);
  assert.equal(most, 1, "two tabs sent at once");
});

test("a procedure is opened, scanned and finished without a network, and arrives in that order", async () => {
  await openAndKeep();
  await network(false);
  await page.goto("/theatre");
  await page.locator("#open-form[data-ready=yes]").waitFor();
  await page.locator("#theatre").fill("");
  await page.getByRole("button", { name: "Open procedure" }).click();
  await page.locator("#open-errors").waitFor();
  assert.match(await words("open-errors"), /wristband[\s\S]*theatre[\s\S]*OPCS-4[\s\S]*side/);
  await page.locator("#wristband").fill("943 476 5919");
  await page.locator("#theatre").fill("Theatre 4");
  await page.locator("#code").fill("W38.1");
  await page.getByLabel("Right", { exact: true }).check();
  await page.getByRole("button", { name: "Open procedure" }).click();
  await page.waitForURL(/\/theatre\/[0-9a-f-]{36}$/);
  const id = page.url().split("/").at(-1);
  await page.locator("#theatre[data-ready=yes]").waitFor();
  assert.match(await words("facts"), /943 ?476 ?5919[\s\S]*W38\.1[\s\S]*right/i);
  await scan(page, GREEN);
  await shows("may");
  await page.getByRole("button", { name: "Finish procedure" }).click();
  await page.locator("#finished-here").waitFor();
  await waits(3);
  await network(true);
  await waits(0);
  const order = registry.posts.map(({ pathname }) => pathname);
  assert.deepEqual(order, ["/api/v1/procedures", "/api/v1/scans", `/api/v1/procedures/${id}/finish`]);
  const [opened] = registry.posts;
  assert.equal(opened.json.id, id);
  assert.deepEqual(opened.json.patient, { nhs_number: "9434765919" });
  assert.equal(opened.json.side, "right");
  assert.equal(opened.headers["x-csrf-token"], "token", "a page kept from before asks for the session's token");
});

test("a full disk: what can be kept nowhere is not said to be kept", async () => {
  await openAndKeep();
  await page.evaluate(() => {
    IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
  });
  await network(false);
  await scan(page, GREEN);
  await shows("stop");
  assert.equal(await words("verdict-headline"), "Not kept: scan it again");
  await network(true);
  await scan(page, GREEN);
  await shows("may");
  assert.equal(registry.scans().length, 1);
});

test("an answer that comes late is not covered by what the page had said itself", async () => {
  await openAndKeep();
  const stop = { answer: "stop", headline: "Stop: do not implant", reasons: [] };
  let release;
  const held = new Promise((resolve) => (release = resolve));
  registry.answer = async ({ json }) => { await held; return { status: 201, json: answerOf(json.id, stop) }; };
  await scan(page, GREEN);
  await shows("may");
  assert.match(await words("verdict"), /has not answered yet/);
  release();
  await shows("stop");
  await waits(0);
  assert.ok(await page.locator("#verdict[data-answer=stop]").isVisible());
});

test("what a forged or broken snapshot says is not used", async () => {
  await openAndKeep();
  await page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open("tessera-snapshot");
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("parts", "readwrite");
      const store = transaction.objectStore("parts");
      store.getAllKeys().onsuccess = ({ target }) => {
        for (const key of target.result) store.put('{"products":[],"recalls":[]}', key);
      };
      transaction.oncomplete = () => resolve();
    };
  }));
  await network(false);
  await open();
  await scan(page, GREEN);
  await shows("look");
  assert.equal(await words("verdict-headline"), "Kept, not checked");
});

test("old data and a clock that was set back are never green", async () => {
  registry.taken = () => new Date(Date.now() - 30 * 3_600_000).toISOString();
  await openAndKeep();
  assert.match(await words("snapshot-age"), /30 hours old/);
  await network(false);
  await scan(page, GREEN);
  await shows("look");
  assert.match(await words("verdict"), /30 hours old/);
});

test("a scanner that falls over in its worker is started again", async () => {
  await openAndKeep();
  await network(false);
  const workers = page.workers();
  assert.ok(workers.length > 0);
  // As a panic ends it: nothing answers any more.
  await workers[0].evaluate(() => { self.onmessage = () => self.postMessage({ id: -1, error: "unreachable", fatal: true }); });
  await scan(page, GREEN);
  await shows("look");
  await scan(page, GREEN);
  await shows("may");
  await waits(2);
});

test("nothing that holds an identity is kept in the clear, and no page of a procedure in the cache", async () => {
  await openAndKeep();
  await network(false);
  await scan(page, GREEN);
  await waits(1);
  const found = await page.evaluate(async () => {
    const names = [];
    for (const request of await (await caches.open("tessera-theatre-1")).keys()) names.push(new URL(request.url).pathname);
    const database = await new Promise((resolve) => { const opening = indexedDB.open("tessera-outbox"); opening.onsuccess = () => resolve(opening.result); });
    const kept = [];
    for (const room of ["entries", "procedures", "changes"]) {
      const all = await new Promise((resolve) => { const asked = database.transaction(room).objectStore(room).getAll(); asked.onsuccess = () => resolve(asked.result); });
      for (const { data, ...rest } of all) kept.push([room, Object.keys(rest).join(), new TextDecoder().decode(data)]);
    }
    return { names, kept };
  });
  assert.ok(found.names.every((name) => name.startsWith("/assets/") || name.startsWith("/theatre/offline")), found.names.join());
  assert.ok(found.kept.some(([room]) => room === "procedures"));
  for (const [room, fields, data] of found.kept) {
    assert.equal(fields, "id,iv");
    assert.ok(!data.includes("procedure") && !data.includes("Patient"), `${room} is kept in the clear`);
  }
});
