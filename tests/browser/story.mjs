// The whole story: nurse, procurement, safety officer, analyst; one implant from its pack to the recall and the curve.
import assert from "node:assert/strict";
import { join } from "node:path";

import { facts, fillDay, picture, scan, signIn, verdictAfter, withBrowser } from "./lib.mjs";

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
    await scan(page, "]C110SCRW77");
    // What the page says of the first stands until the answer about both comes.
    await page.locator("#verdict[data-answer=may]").waitFor();
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
  assert.ok(await page.getByRole("heading", { name: "Not implanted (1)" }).isVisible(), "halves of a label are listed as undone");
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
  holds(await stock.innerText(), lot, "definite");
  assert.equal(await stock.locator("td").nth(3).innerText(), "2", "one of three packs was taken off the shelf in theatre");
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
  await page.getByRole("group", { name: "Day of the revision" }).waitFor();
  await fillDay(page, new Date());
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
  await page.locator("#comparator").waitFor();
  holds(await page.locator("#curve-figure svg").innerHTML(), "All other devices of its kind");
  await station("device", { top: "#curve" });
  await picture(page, "device-whole", { fullPage: true });

  // ---- a complication, a score, and a death that was another patient's and is withdrawn
  await page.goto(`/procedures/${earlier}/outcomes`);
  const kind = (name) => page.getByRole("navigation", { name: "Kind of outcome" }).getByRole("link", { name }).click();
  await kind("Complication");
  await page.getByRole("button", { name: "Record complication" }).click();
  holds(await page.getByRole("alert").innerText(), "Write the day on which it was noticed", "Choose what went wrong");
  await picture(page, "complication-errors", { fullPage: true });
  await fillDay(page, new Date());
  await page.getByLabel("What went wrong").selectOption("infection");
  await page.getByRole("button", { name: "Record complication" }).click();
  await page.getByRole("heading", { name: "Recorded (2)" }).waitFor();
  await kind("Score");
  await fillDay(page, new Date());
  await page.getByLabel("Questionnaire").selectOption("oxford-hip");
  await page.getByLabel("Score", { exact: true }).fill("49");
  await page.getByRole("button", { name: "Record score" }).click();
  holds(await page.getByRole("alert").innerText(), "a number from 0 to 48");
  await page.getByLabel("Score", { exact: true }).fill("41");
  await page.getByRole("button", { name: "Record score" }).click();
  await page.getByRole("heading", { name: "Recorded (3)" }).waitFor();
  await kind("Death");
  await page.getByLabel("Day", { exact: true }).fill("31");
  await page.getByLabel("Month", { exact: true }).fill("2");
  await page.getByLabel("Year", { exact: true }).fill("2026");
  await page.getByRole("button", { name: "Record death" }).click();
  holds(await page.getByRole("alert").innerText(), "31 2 2026 is no day of the calendar");
  await fillDay(page, new Date());
  await page.getByRole("button", { name: "Record death" }).click();
  await page.getByRole("heading", { name: "Recorded (4)" }).waitFor();
  const death = page.locator("#recorded li").filter({ hasText: "Death" });
  await death.getByLabel(/Reason to withdraw/).fill("Another patient's");
  await death.getByRole("button", { name: "Withdraw" }).click();
  await page.locator("#recorded li").filter({ hasText: "Withdrawn: Another patient's" }).waitFor();
  holds(await page.locator("#recorded").innerText(), "Complication: Infection", "Oxford Hip Score (0 to 48): 41");
  await picture(page, "outcomes", { fullPage: true });

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

  // ---- a handheld that loses separators: one reading is the recalled lot; chosen, it is a stop and no device
  const unclear = await verdictAfter(page, () => scan(page, `01${stem}1731063010${lot}`));
  assert.equal(unclear.answer, "look", unclear.text);
  holds(unclear.text, `One possible reading is lot ${lot}`, "which is recalled", "TES-2026-014", "Do not implant until you have chosen");
  await page.locator("#devices").getByText("Which of these is printed on the pack?").waitFor();
  await picture(page, "unclear");
  await page.setViewportSize({ width: 1024, height: 768 });
  await picture(page, "unclear-tablet");
  await page.setViewportSize({ width: 1280, height: 800 });
  const chosen = await verdictAfter(page, () => page.locator("#choose-list button").filter({ hasText: `lot ${lot},` }).click());
  assert.equal(chosen.answer, "stop", chosen.text);
  holds(chosen.text, "recalled", "quarantine");
  await page.locator("#devices").getByText("Which of these is printed on the pack?").waitFor({ state: "detached" });
  assert.equal(await page.locator(".app-device").count(), 1, "what a stop took the place of is listed");

  // ---- the safety officer closes the recall
  await enter("sam");
  await page.goto(recall);
  await page.getByRole("button", { name: "Close recall" }).click();
  holds(await page.getByRole("alert").innerText(), "Say why the recall is closed");
  await page.getByLabel("Why is it closed?").fill("All packs are with the maker");
  await page.getByRole("button", { name: "Close recall" }).click();
  await page.locator("#state", { hasText: "Closed" }).waitFor();
  holds(await page.locator("main").innerText(), "Closed by Sam Whitfield");
  assert.equal(await page.getByRole("button", { name: "Close recall" }).count(), 0);

  // ---- the nurse sets up the scanner: one scan, kept on this workstation and sent with each scan
  await enter("nina");
  await page.goto("/calibration");
  await page.locator("#calibration-room[data-ready=yes]").waitFor();
  await page.getByLabel("Name of this workstation").fill("Theatre 3, trolley 1");
  await page.getByLabel("Put the cursor here").focus();
  await scan(page, "hello");
  await page.getByText("This is not the calibration barcode").waitFor();
  await scan(page, facts.calibration);
  await page.locator("#scanner-separator", { hasText: "kept" }).waitFor();
  assert.ok(await page.locator("#calibration-error").isHidden());
  await picture(page, "calibration");
  // Forgotten in this browser, the organisation still knows it.
  await page.getByRole("button", { name: "Forget it" }).click();
  await page.goto("/calibration");
  await page.locator("#calibration-room[data-ready=yes]").waitFor();
  await page.getByRole("button", { name: "Take over the scanner of Theatre 3, trolley 1" }).click();
  await page.locator("#scanner-workstation", { hasText: "Theatre 3, trolley 1" }).waitFor();
  await openProcedure("9456123782");
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.url().endsWith("/api/v1/scans")),
    scan(page, `01${stem}1731063010HW24118`),
  ]);
  assert.deepEqual(request.postDataJSON().profile.separator, { kind: "kept" });
  await page.locator("#verdict[data-answer=may]").waitFor();

  return { stations };
});
