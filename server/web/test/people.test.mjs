// Who acts without a network, in a real Chromium: badge and PIN open this tablet, what is done is signed, and a second person
// is shown by their own signature or not at all.
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { answerOf, launch, root, scan } from "./registry.mjs";
import { GREEN, PROCEDURE, RECALLED, asNew, playedRegistry, tablet } from "./tablet.mjs";

const NINA = { user: { id: "nina", display_name: "Nina Okafor" }, badge: "505089897373832492", pin: "482716" };
const OMAR = { user: { id: "omar", display_name: "Omar Haddad" }, badge: "952114112345678906", pin: "730194" };
const STRANGER = "502110000000000017";

let registry, browser, context, page, enrolled;
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
  enrolled = new Map();
  asNew(registry, answer);
  context = await browser.newContext({ baseURL: registry.base });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
});

/** As the registry answers: it keeps public keys, and takes everything else. */
function answer({ pathname, json }) {
  const who = [NINA, OMAR].find(({ badge }) => json?.badge?.endsWith(badge));
  if (pathname === "/api/v1/session/badge") {
    registry.user = who.user;
    return { status: 200, json: { user: who.user, csrf: "token" } };
  }
  if (pathname === "/api/v1/session/tablet-key") {
    enrolled.set(json.id, { user: who.user.id, key: json.public_key });
    return { status: 200, json: { id: json.id, expires_at: new Date(Date.now() + 7 * 86_400_000).toISOString() } };
  }
  return { status: 201, json: answerOf(json?.id) };
}

async function signIn({ badge, pin }) {
  await page.goto("/sign-in");
  await page.locator("#badge-form[data-repeat=yes]").waitFor();
  await page.locator("#badge").fill(`8017${badge}`);
  await page.locator("#pin").fill(pin);
  const known = enrolled.size;
  await page.getByRole("button", { name: "Sign in with badge" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  assert.equal(enrolled.size, known + 1, "the tablet was made ready");
}
async function openAndGoAway() {
  await openAndKeep();
  registry.posts = [];
  await network(false);
  await open();
  await page.locator("#theatre[data-snapshot=yes]").waitFor();
}
async function giveBadge({ badge, pin }) {
  if (!(await page.locator("#person").isVisible())) await page.locator("#who-unlock").click();
  await page.locator("#person-badge").fill(badge);
  await page.locator("#person-pin").fill(pin);
  await page.locator("#person-go").click();
}
const said = (id, what) => page.locator(`#${id}`).filter({ hasText: what }).waitFor();

/** Whose signature of `subject` a proof is, as the registry finds out. */
function signerOf({ key, at, signature }, subject) {
  const { user, key: raw } = enrolled.get(key);
  const point = Buffer.from(raw, "base64");
  const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
  const right = verify("sha256", Buffer.from(`tessera-tablet-1\n${key}\n${at}\n${subject}`), { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64"));
  return right ? user : null;
}
function signerOfPost({ headers, pathname, body }) {
  const [key, at, signature] = (headers["x-tablet-proof"] ?? "").split(" ");
  return key ? signerOf({ key, at, signature }, `POST ${pathname}\n${createHash("sha256").update(body).digest("hex")}`) : null;
}

test("badge and PIN open the tablet without a network, and what is done then is signed", async () => {
  await signIn(NINA);
  await openAndGoAway();
  await giveBadge({ ...NINA, pin: "482717" });
  await said("person-error", "4 tries are left");
  await giveBadge(NINA);
  await said("who-name", "Signed here by Nina Okafor");
  await page.locator("#person").waitFor({ state: "hidden" });
  await scan(page, GREEN);
  await shows("may");
  await page.locator("#photo").setInputFiles(join(root, "server/web/src/calibration.png"));
  await page.getByRole("button", { name: "Finish procedure" }).click();
  await waits(3);
  // Somebody else is signed in when the network is back: Nina's acts are hers all the same.
  registry.user = OMAR.user;
  await network(true);
  await waits(0);
  assert.deepEqual(registry.posts.map(({ pathname }) => pathname), ["/api/v1/scans", "/api/v1/scans/photo", `/api/v1/procedures/${PROCEDURE}/finish`]);
  for (const post of registry.posts) assert.equal(signerOfPost(post), "nina", post.pathname);
});

test("five wrong PINs end it, through a reload, until the registry is there", async () => {
  await signIn(NINA);
  await openAndGoAway();
  // The badge itself asks for the PIN; that it was scanned is kept as any scan is.
  await scan(page, `8017${NINA.badge}`);
  await page.locator("#person").waitFor();
  assert.equal(await page.locator("#person-badge").inputValue(), `8017${NINA.badge}`);
  await waits(1);
  for (let wrong = 0; wrong < 4; wrong++) {
    await giveBadge({ ...NINA, pin: `11223${wrong}` });
    await said("person-error", wrong === 3 ? "One try is left" : `${4 - wrong} tries are left`);
  }
  await open();
  await giveBadge({ ...NINA, pin: "112239" });
  await said("person-error", "too many wrong PINs");
  await giveBadge(NINA);
  await said("person-error", "too many wrong PINs");
  await network(true);
  await signIn(NINA);
  await openAndGoAway();
  await giveBadge(NINA);
  await said("who-name", "Signed here by Nina Okafor");
});

test("a look and a decision against a stop wait in order; a second person is shown by their signature, or not verified", async () => {
  await signIn(OMAR);
  await signIn(NINA);
  registry.taken = () => new Date(Date.now() - 30 * 3_600_000).toISOString();
  await openAndGoAway();
  await giveBadge(NINA);
  await said("who-name", "Signed here by Nina Okafor");
  await page.locator("#person").waitFor({ state: "hidden" });
  await scan(page, GREEN);
  await shows("look");
  await said("verdict", "Judged here");
  await page.locator("#looked-button").click();
  await waits(2);
  const decide = async ({ badge, pin }, wrong = "") => {
    await scan(page, RECALLED);
    await shows("stop");
    await page.getByRole("button", { name: "Record it anyway" }).click();
    await page.getByText("It is in the patient").click();
    await page.locator("#override-reason").fill("no other size in the house");
    for (const one of [...(wrong ? [wrong] : []), pin]) {
      await page.locator("#override-badge").fill(badge);
      await page.locator("#override-pin").fill(one);
      await page.getByRole("button", { name: "Record against the stop" }).click();
      if (one === wrong) await page.locator("#override-error").filter({ hasText: "do not belong together" }).waitFor();
    }
  };
  await decide(NINA);
  await page.locator("#override-error").filter({ hasText: "another person" }).waitFor();
  await page.locator("#override-cancel").click();
  await decide(OMAR, "730195");
  await page.locator("#override").waitFor({ state: "hidden" });
  await decide({ badge: STRANGER, pin: "555123" });
  await page.locator("#override-error").filter({ hasText: "as not verified" }).waitFor();
  await page.getByRole("button", { name: "Record against the stop" }).click();
  await page.locator("#override").waitFor({ state: "hidden" });
  assert.ok(await page.locator("#anyway").isHidden(), "it was decided: nothing is said to be not recorded");
  await waits(7);
  assert.match(await words("kept-list"), /second person not verified[\s\S]*a second person stood by[\s\S]*looked at/);
  await network(true);
  await waits(0);
  const ends = registry.posts.map(({ pathname }) => pathname.split("/").at(-1));
  assert.deepEqual(ends, ["scans", "acknowledgement", "scans", "scans", "device-use", "scans", "device-use"]);
  const [shown, named] = registry.posts.filter(({ pathname }) => pathname.endsWith("device-use"));
  const { id, fate, reason, witness } = shown.json;
  const of = shown.pathname.split("/").at(-2);
  assert.equal(signerOf(witness.proof, `second-person ${id} ${of} ${fate} ${reason}`), "omar");
  assert.deepEqual(named.json.witness, { badge: STRANGER, not_verified: true });
  for (const { body } of registry.posts) assert.ok(!/730194|730195|555123|482716/.test(body), "a PIN was kept");
});

test("what one person did is not sent in another's name, unless they vouch for it", async () => {
  registry.user = NINA.user;
  await open();
  await page.waitForFunction(() => localStorage.getItem("tessera-session-user"));
  registry.answer = () => "hang up";
  await scan(page, GREEN);
  await waits(1);
  await page.goto("about:blank");
  registry.user = OMAR.user;
  registry.answer = answer;
  registry.posts = [];
  await open();
  await said("refused-list", "done by Nina Okafor");
  assert.equal(registry.posts.length, 0);
  await page.getByRole("button", { name: "Send it in my name" }).click();
  await waits(0);
  assert.equal(registry.posts.length, 1);
});
