// The scanner's build for the browser says the same as the native one, and looks at frames.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";

const root = new URL("../../../", import.meta.url).pathname;
let scanner;

before(async () => {
  scanner = await import("../wasm/tessera_wasm.js");
  scanner.initSync({ module: await readFile(new URL("../wasm/tessera_wasm_bg.wasm", import.meta.url)) });
});

test("WASM and native give the same answer to every case, to the letter", async () => {
  const { statement, parts, cases } = JSON.parse(await readFile(join(root, "fixtures/offline/cases.json"), "utf8"));
  const native = JSON.parse(await readFile(join(root, "test-artefacts/offline-answers.json"), "utf8"));
  const theatre = new scanner.Theatre(JSON.stringify(statement), parts.map((part) => JSON.stringify(part)));
  assert.equal(theatre.products, 4);
  for (const { name, scan } of cases) assert.deepEqual(JSON.parse(theatre.judge(JSON.stringify(scan))), native[name], name);
  assert.equal(Object.keys(native).length, cases.length);
});

test("what can not be read is an error in words, and the scanner goes on", () => {
  assert.throws(() => new scanner.Theatre("{}", []), /statement cannot be read/);
  const camera = new scanner.Camera();
  assert.throws(() => camera.look(new Uint8Array(7), 640, 480, 0, 2026), /not 640 × 480 pixels/);
  assert.deepEqual(JSON.parse(camera.look(new Uint8Array(4 * 64 * 48).fill(200), 64, 48, 40, 2026)), { in_view: [], pack: null, hint: null });
  assert.equal(JSON.parse(camera.end(2026)), null);
});
