// The whole story: nurse, procurement, safety officer, analyst; one implant from its pack to the recall and the curve.
import assert from "node:assert/strict";
import { join } from "node:path";

import { facts, picture, scan, signIn, verdictAfter, withBrowser } from "./lib.mjs";

const { earlier, labels, password, secrets, stem, wristband } = facts;
const lot = "HW24117";
let stations = 0;

await withBrowser(async ({ page }) => {
  const station = async (name, options) => {
    stations += 1;
    // What the station is about is in the picture, and not below its edge.
    if (options?.top) await page.locator(options.top).evaluate((part) => part.scrollIntoView());
    await picture(page, name, { fullPage: options?.fullPage });
  };
  const enter = async (username) => {
    await page.context().clearCookies();
    await signIn(page, username, password);
  };
  const follow = (link) => page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: link, exact: true }).click();
  const devices = page.locator('#devices .app-device:not([data-fate="entered-in-error"])');
  const holds = (text, ...parts) => { for (const part of parts) assert.ok(text.includes(part), `"${part}" is missing in: ${text}`); };
  const keepsSecrets = async () => {
    const html = await page.content();
    for (const secret of secrets) assert.ok(!html.includes(secret), `the page at ${page.url()} tells ${secret}`);
    assert.doesNotMatch(await page.locator("body").innerText(), /\b9\d{2} ?\d{3} ?\d{4}\b/, "the page shows an NHS number");
  };
  const openProcedure = async (patient) => {
    await page.goto("/theatre");
    await page.getByLabel("Scan the patient’s wristband").focus();
    await scan(page, patient);
    await page.getByLabel("Theatre", { exact: true }).fill("Theatre 4");
    await page.getByLabel("Procedure code").fill("W38.1");
    await page.getByLabel("Right", { exact: true }).check();
    await page.getByRole("button", { name: "Open procedure" }).click();
    await page.locator("#theatre[data-ready=yes]").waitFor();
  };

  // ---- the nurse opens a procedure by the wristband and scans three packs
  await enter("nina");
  await openProcedure(wristband);
  holds(await page.locator(".app-theatre__facts").innerText(), "SAMPLE", "W38.1", "RIGHT");

  const expired = await verdictAfter(page, () => page.locator("#photo").setInputFiles(join(labels, "story-expired.png")));
  assert.equal(expired.answer, "stop");
  holds(expired.text, "Tarncup", "expired on 31 March 2024", "Set it aside");
  assert.equal(await page.locator("#verdict").evaluate((panel) => getComputedStyle(panel).backgroundColor), "rgb(179, 18, 29)");
  assert.equal(await devices.count(), 0, "an expired device is recorded as implanted");
  assert.ok(await page.getByRole("button", { name: "Record it anyway…" }).isVisible());
  await station("theatre-stop");

  // The screw's label is in two barcodes; the first stands for itself until the second comes.
  const screw = async () => {
    const first = await verdictAfter(page, () => scan(page, "]C10109521010350240"));
    assert.equal(first.answer, "look");
    holds(first.text, "other barcode");
    const both = await verdictAfter(page, () => scan(page, "]C110SCRW77"));
    assert.equal(both.answer, "may", both.text);
  };
  await screw();
  await devices.filter({ hasText: "SCRW77" }).waitFor();
  assert.equal(await devices.count(), 1, "the two barcodes of one pack became two devices");

  // The same screw once more, by mistake: undone with a reason.
  await screw();
  await devices.filter({ hasText: "SCRW77" }).nth(1).waitFor();
  await devices.first().getByRole("button", { name: "Undo" }).click();
  await page.getByLabel("Why?").and(page.locator("#reason")).fill("Scanned twice, one screw used");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator('.app-device[data-fate="entered-in-error"]').filter({ hasText: "Scanned twice" }).waitFor();
  holds(await page.locator("#devices").innerText(), "Scanned twice, one screw used");

  const good = await verdictAfter(page, () => page.locator("#photo").setInputFiles(join(labels, "story-good.png")));
  assert.equal(good.answer, "may", good.text);
  holds(good.text, "Fellgate");
  await devices.filter({ hasText: lot }).waitFor();
  await station("theatre");
  await page.setViewportSize({ width: 1024, height: 768 });
  await picture(page, "theatre-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.getByRole("button", { name: "Finish procedure" }).click();
  await page.getByRole("heading", { name: "Procedure finished" }).waitFor();
  assert.ok(await page.getByRole("heading", { name: "Implanted (2)" }).isVisible());
  await keepsSecrets();
  await station("summary", { fullPage: true });

  // ---- procurement enters the recall of that lot, and may not confirm it
  await enter("priya");
  await follow("Recalls");
  await page.getByRole("link", { name: "Enter a recall" }).click();
  await page.getByLabel("Reference of the notice").fill("TES-2026-014");
  await page.getByLabel("Who published it").fill("MHRA");
  await page.getByLabel("What is wrong, in a few words").fill("Taper of the stem out of tolerance");
  await page.locator("#criteria-0-identifier").fill(stem);
  await page.locator("#criteria-0-values").fill(lot);
  await page.getByRole("button", { name: "Enter recall" }).click();
  await page.getByRole("heading", { name: "Taper of the stem" }).waitFor();
  const recall = page.url();
  assert.equal(await page.getByRole("button", { name: /Confirm/ }).count(), 0, "who enters a recall may confirm it");
  holds(await page.locator("main").innerText(), "second person");

  // ---- a safety officer confirms it
  await enter("sam");
  await follow("Recalls");
  await page.getByRole("link", { name: /TES-2026-014|Taper of the stem/ }).first().click();
  await page.getByRole("button", { name: /Confirm/ }).click();
  await page.getByText("Confirmed by Sam Whitfield").waitFor();

  // ---- procurement sees the stock and one pseudonym, and no identity
  await enter("priya");
  await page.goto(recall);
  const patients = page.locator("#patients tbody tr");
  assert.equal(await patients.count(), 1, `the recall of one lot concerns one patient:\n${(await patients.allInnerTexts()).join("\n")}`);
  const pseudonym = (await patients.locator("td").first().innerText()).trim();
  holds(await patients.innerText(), lot, "definite");
  const stock = page.locator("#stock tbody tr");
  assert.equal(await stock.count(), 1);
  holds(await stock.innerText(), lot, "3", "definite");
  await keepsSecrets();
  assert.equal(await page.getByRole("button", { name: "Open", exact: true }).count(), 0, "procurement may open an identity");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export as CSV" }).click()]);
  let csv = "";
  for await (const chunk of await download.createReadStream()) csv += chunk;
  holds(csv, pseudonym, lot);
  for (const secret of secrets) assert.ok(!csv.includes(secret), `the export tells ${secret}`);
  await page.getByRole("link", { name: "Export as CSV" }).blur();
  await station("recall", { top: ".app-facts" });

  // ---- the safety officer opens that one identity, and the audit says so
  await enter("sam");
  await page.goto(recall);
  const reason = "Call the patient about the recall";
  await patients.getByLabel(/Reason to open the identity/).fill(reason);
  await patients.getByRole("button", { name: "Open", exact: true }).click();
  const identity = await page.locator("#identity").innerText();
  holds(identity, "Ann", "943 476 5919", "1950");
  holds(await page.locator("main").innerText(), pseudonym, reason);
  await station("identity");
  await follow("Audit");
  const opened = page.locator('#audit tr[data-act="identity-opened"]');
  assert.equal(await opened.count(), 1);
  holds(await opened.innerText(), "sam", pseudonym, reason);
  await keepsSecrets();
  await station("audit");

  // ---- the analyst sees the curve move when a revision is recorded
  await enter("anders");
  await follow("Devices");
  await page.getByRole("searchbox").fill(stem);
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("row").filter({ hasText: stem }).getByRole("link").click();
  const device = page.url();
  const shown = async () => ({
    revised: Number(await page.locator(".app-facts li").filter({ hasText: /revised$/ }).locator("strong").innerText()),
    table: await page.locator("#curve-table").innerText(),
    curve: await page.locator("#curve-figure svg").innerHTML(),
    snapshot: await page.locator("#snapshot").innerText(),
  });
  await page.locator("#curve-figure svg").waitFor();
  const before = await shown();
  holds(await page.locator("main").innerText(), "TES-2026-014");
  await keepsSecrets();
  await picture(page, "device-before", { fullPage: true });

  await page.goto(`/procedures/${earlier}/outcomes`);
  await page.locator("#removed-1").check();
  await page.getByLabel("Day of the revision").fill(new Date().toISOString().slice(0, 10));
  await page.getByLabel("Reason", { exact: true }).selectOption({ index: 1 });
  await page.getByRole("button", { name: "Record revision" }).click();
  await page.getByRole("heading", { name: "Recorded (1)" }).waitFor();
  await picture(page, "revision", { fullPage: true });

  await page.goto(device);
  const after = await shown();
  assert.equal(after.revised, before.revised + 1);
  assert.notEqual(after.snapshot, before.snapshot);
  assert.notEqual(after.curve, before.curve, "the curve stands still");
  assert.notEqual(after.table, before.table, "the table stands still");
  await station("device", { top: "#curve" });
  await picture(page, "device-whole", { fullPage: true });

  // ---- a scan of the recalled lot is now a stop; what was opened already is recorded against it
  await enter("nina");
  await openProcedure("9456123782");
  const recalled = await verdictAfter(page, () => page.locator("#photo").setInputFiles(join(labels, "story-good.png")));
  assert.equal(recalled.answer, "stop", recalled.text);
  holds(recalled.text, "recalled", "TES-2026-014", "quarantine");
  assert.equal(await devices.count(), 0);
  await page.getByRole("button", { name: "Record it anyway…" }).click();
  await page.getByLabel("Opened and wasted").and(page.locator("#override-wasted")).check();
  await page.locator("#override-reason").fill("Opened before it was scanned");
  await picture(page, "override");
  await page.getByRole("button", { name: "Record against the stop" }).click();
  await page.locator('.app-device[data-fate="wasted"][data-answer="stop"]').waitFor();
  assert.ok(await page.locator("#anyway").isHidden());
  await station("recalled-stop");

  return { stations };
});
