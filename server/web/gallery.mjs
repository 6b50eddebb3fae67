// Pictures of every page with made-up data, as `cargo test -p tessera-server gallery` wrote them, at a desktop's and a
// tablet's size: test-artefacts/gallery/*.png (not under CI). `node gallery.mjs [name…]`; also holds each page against axe's
// rules, and looks whether it fits a phone.
import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const gallery = join(here, "../../test-artefacts/gallery");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const kinds = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };

const server = createServer(async (request, response) => {
  const path = new URL(request.url, "http://localhost").pathname;
  const file = path.startsWith("/assets/") ? join(here, "dist", path.slice(8)) : join(gallery, path);
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": kinds[extname(file)] ?? "application/octet-stream",
      "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

const verdicts = {
  may: ["may", "May be implanted", "Halden Cemented Stem, size 3", []],
  look: ["look", "Look at this", "Halden Cemented Stem, size 3", [["No lot was read from the label, and this product carries one.", "Scan the second barcode of the pack, or type the lot."]]],
  stop: ["stop", "Stop: do not implant", "Halden Cemented Stem, size 3", [["Expired on 31 October 2026.", "Put the pack aside and take another."], ["Recalled for certain: Z-2308-2026, lot 122927.", "Put the pack into quarantine."]]],
};

let wrong = 0;
// Pictures are for people to look at.
const pictures = !process.env.CI;
const names = (await readdir(gallery)).filter((name) => name.endsWith(".html")).map((name) => name.slice(0, -5));
const wanted = process.argv.slice(2);
// Both sizes beside each other: much of the time is spent waiting for the browser.
const sizes = { desktop: { width: 1280, height: 800 }, tablet: { width: 1024, height: 768 } };
/** Whether the page is no wider than the window, given a moment for a change of the window's size to settle. */
async function fits(page, what) {
  let overflow = 1;
  for (let look = 0; look < 20 && overflow > 0; look++) {
    if (look > 0) await page.waitForTimeout(100);
    overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  }
  if (overflow > 0) { wrong++; console.log(`${what}: ${overflow} px wider than the window`); }
}

await Promise.all(Object.entries(sizes).map(async ([size, viewport]) => {
  const context = await browser.newContext({ viewport, bypassCSP: false });
  for (const name of names.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("openapi.json") && !message.text().includes("404")) {
        wrong++;
        console.log(`${name} (${size}): ${message.text()}`);
      }
    });
    await page.goto(`${base}/${name}.html`, { waitUntil: "load" });
    await page.waitForTimeout(250);
    await fits(page, `${name} (${size})`);
    if (name !== "api_docs") {
      await page.evaluate(`${axe}; 0`);
      const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      for (const { id, help, nodes } of found.violations) {
        wrong++;
        console.log(`${name} (${size}): ${id}: ${help}\n    ${nodes.map((node) => node.html.slice(0, 160)).join("\n    ")}`);
      }
    }
    if (pictures) await page.screenshot({ path: join(gallery, `${name}-${size}.png`), fullPage: !name.startsWith("theatre_procedure") });
    if (name === "theatre_procedure" && pictures) {
      for (const [answer, [, headline, product, reasons]] of Object.entries(verdicts)) {
        await page.evaluate(([answer, headline, product, reasons]) => {
          document.getElementById("verdict").dataset.answer = answer;
          document.getElementById("verdict-headline").textContent = headline;
          document.getElementById("verdict-product").textContent = product;
          document.getElementById("verdict-reasons").innerHTML = reasons.map(([text, action]) => `<li><span class="app-verdict__reason">${text}</span> <span class="app-verdict__action">${action}</span></li>`).join("");
        }, [answer, headline, product, reasons]);
        await page.screenshot({ path: join(gallery, `${name}-${answer}-${size}.png`) });
      }
    }
    if (size === "tablet") {
      await page.setViewportSize({ width: 390, height: 844 });
      await fits(page, `${name} (phone)`);
    }
    await page.close();
  }
  await context.close();
}));
await browser.close();
server.close();
console.log(wrong === 0 ? `${names.length} pages: nothing wrong` : `${wrong} things wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
