// The parts of the theatre page that need no browser, bundled as the page bundles them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

async function load(entry) {
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`);
}
const { uuidv7, base64 } = await load(new URL("../src/id.ts", import.meta.url).pathname);
const { Burst, GS, character, splitAim } = await load(new URL("../src/wedge.ts", import.meta.url).pathname);
const { judgeStatus } = await load(new URL("../src/contract.ts", import.meta.url).pathname);

const key = (name, at, more = {}) => ({ key: name, at, ctrlKey: false, altKey: false, metaKey: false, ...more });
const type = (burst, text, from, step) => {
  let at = from;
  for (const letter of text) {
    const more = letter === GS ? { ctrlKey: true } : {};
    assert.equal(burst.take(key(letter === GS ? "]" : letter, at, more)), null);
    at += step;
  }
  return burst.take(key("Enter", at));
};

test("ids are UUID version 7 and sort by time", () => {
  const early = uuidv7(1_700_000_000_000, new Uint8Array(10).fill(255));
  const late = uuidv7(1_700_000_000_001, new Uint8Array(10));
  assert.equal(early, "018bcfe5-6800-7fff-bfff-ffffffffffff");
  assert.ok(early < late);
});

test("bytes become standard base64", () => {
  assert.equal(base64(new Uint8Array([0x30, 0x31, 0x1d, 0xff])), "MDEd/w==");
});

test("a burst is a scan, with its separators", () => {
  const message = `0105012345678900${GS}10AB12`;
  assert.equal(type(new Burst(), message, 100, 8), message);
});

test("a person's typing is not a scan", () => {
  assert.equal(type(new Burst(), "dropped on the floor", 100, 120), null);
});

test("a burst after slow typing holds the burst alone", () => {
  const burst = new Burst();
  burst.take(key("x", 0));
  burst.take(key("y", 400));
  assert.equal(type(burst, "0105012345678900", 900, 5), "0105012345678900");
});

test("a short burst and an Enter on its own are not scans", () => {
  assert.equal(type(new Burst(), "abc", 0, 5), null);
  assert.equal(new Burst().take(key("Enter", 5)), null);
});

test("shortcuts add nothing, Shift and the separators do", () => {
  assert.equal(character(key("c", 0, { ctrlKey: true })), null);
  assert.equal(character(key("Shift", 0)), null);
  assert.equal(character(key("A", 0)), "A");
  assert.equal(character(key("F8", 0)), GS);
});

test("an AIM identifier is kept apart from the data", () => {
  assert.deepEqual(splitAim("]d20105012345678900"), { aim: "]d2", data: "0105012345678900" });
  assert.deepEqual(splitAim("0105012345678900"), { aim: null, data: "0105012345678900" });
});

test("only a refusal by rule ends the retries", () => {
  assert.deepEqual([200, 201, 401, 409, 422, 429, 500, 503].map(judgeStatus), [
    "answered", "answered", "signed-out", "refused", "refused", "busy", "busy", "busy",
  ]);
});
