// What the browser scripts share: the server's address, a Chromium that fetches nothing else, pictures, a scanner.
import { createRequire } from "node:module";
import { join } from "node:path";

const { chromium } = createRequire(new URL("../../server/web/package.json", import.meta.url))("playwright-core");

export const base = process.env.TESSERA_BASE;
export const facts = JSON.parse(process.env.TESSERA_FACTS ?? "null");

/** Opens a browser, runs the script, closes it whatever happens; what the script returns is printed as JSON. */
export async function withBrowser(script, viewport = { width: 1280, height: 800 }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    const context = await browser.newContext({ viewport, baseURL: base, locale: "en-GB", timezoneId: "Europe/London" });
    const elsewhere = [];
    const complaints = [];
    context.on("request", (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith("data:") && !request.url().startsWith("blob:")) elsewhere.push(request.url());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    context.on("console", (message) => {
      if (message.type() === "error" && /Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const result = await script({ page, context, browser });
    if (elsewhere.length > 0) throw new Error(`The pages fetched from elsewhere: ${elsewhere.join(", ")}`);
    if (complaints.length > 0) throw new Error(`The browser complained: ${complaints.join("; ")}`);
    console.log(JSON.stringify(result ?? null));
  } finally {
    await browser.close();
  }
}

/** Keeps a picture of the page among the test's artefacts. */
export async function picture(page, name, options = {}) {
  await page.screenshot({ path: join(process.env.TESSERA_PICTURES, `${name}.png`), ...options });
}

/** Signs in as a user of the harness. */
export async function signIn(page, username, password) {
  await page.goto("/sign-in");
  await page.getByLabel("User name").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Fills the three fields of a date. */
export async function fillDay(page, date) {
  const [year, month, day] = date.toISOString().slice(0, 10).split("-");
  await page.getByLabel("Day", { exact: true }).fill(day);
  await page.getByLabel("Month", { exact: true }).fill(month);
  await page.getByLabel("Year", { exact: true }).fill(year);
}

/** Types as a keyboard-wedge scanner does: 5 ms apart by the keys' own clock, F8 for the separator, Enter at the end. */
export async function scan(page, message) {
  const session = await page.context().newCDPSession(page);
  const began = Date.now() / 1000;
  const codes = { "\u001d": { key: "F8", code: "F8", windowsVirtualKeyCode: 119 }, "\r": { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" } };
  for (const [index, letter] of [...message, "\r"].entries()) {
    const key = codes[letter] ?? { key: letter, text: letter };
    const timestamp = began + index * 0.005;
    await session.send("Input.dispatchKeyEvent", { type: key.text ? "keyDown" : "rawKeyDown", timestamp, ...key });
    await session.send("Input.dispatchKeyEvent", { type: "keyUp", timestamp, key: key.key });
  }
  await session.detach();
}

/** Waits for the verdict after an act, and gives its answer and words. */
export async function verdictAfter(page, act) {
  const panel = page.locator("#verdict");
  const settled = page.waitForResponse((response) => response.url().includes("/api/v1/scans") && response.request().method() === "POST");
  await act();
  await settled;
  await panel.and(page.locator("[data-answer]:not([data-answer=checking])")).waitFor();
  return { answer: await panel.getAttribute("data-answer"), text: await panel.innerText() };
}
