// What the tests of the theatre page without a network share: a played registry with a snapshot, and a tablet to work on.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Registry, answerOf, root } from "./registry.mjs";

export const PROCEDURE = "01930000-0000-7000-8000-000000000001";
export const GREEN = "]d2010952100100012317310331" + "10CD34";
export const RECALLED = "]d2010952100100012317310331" + "10AB12";

/** A registry whose snapshot is that of fixtures/offline. */
export async function playedRegistry() {
  const registry = await Registry.start();
  const { parts } = JSON.parse(await readFile(join(root, "fixtures/offline/cases.json"), "utf8"));
  registry.parts = parts.map((part) => JSON.stringify(part));
  // The procedure of the gallery has a side: the made-up stem is for the right one.
  registry.pages.procedure = registry.pages.procedure.replace(/data-side="[^"]*"/, 'data-side="right"');
  return registry;
}

/** It works, nothing was sent, and nobody is known. */
export function asNew(registry, answer = ({ json }) => ({ status: 201, json: answerOf(json?.id) })) {
  Object.assign(registry, { posts: [], works: true, down: false, user: {}, answer, taken: () => new Date().toISOString() });
}

/** What a person does and sees; `now` gives the registry, and the browser's context and page, of this moment. */
export function tablet(now) {
  async function open(path = `/theatre/${PROCEDURE}`, on = now().page) {
    await on.goto(path);
    await on.evaluate(() => {
      window.heard = [];
      document.addEventListener("tessera:sound", (event) => window.heard.push(event.detail));
    });
    await on.locator("#theatre[data-ready=yes]").waitFor();
  }
  /** The page, its snapshot and its service worker are there: from now on it needs nobody. */
  async function openAndKeep() {
    await open();
    await now().page.locator("#theatre[data-snapshot=yes]").waitFor();
    await now().page.evaluate(() => navigator.serviceWorker.ready.then(() => new Promise((resolve) => {
      const look = () => caches.match("/theatre/offline").then((kept) => (kept ? resolve() : setTimeout(look, 50)));
      look();
    })));
  }
  async function network(on) {
    now().registry.down = !on;
    await now().context.setOffline(!on);
  }
  return {
    open, openAndKeep, network,
    shows: (state, on = now().page) => on.locator(`#verdict[data-answer=${state}]`).waitFor(),
    waits: (count, on = now().page) => on.locator(`#waiting[data-count="${count}"]`).waitFor({ state: "attached" }),
    words: (id, on = now().page) => on.locator(`#${id}`).innerText(),
  };
}
