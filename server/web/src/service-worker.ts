// Lets the theatre's pages open without a network: their files by hash, and two pages without anybody's data in them.
// It looks after the whole site, because the scanner's worker is a file under /assets/.
// What is on a procedure's page is kept by the page itself, sealed (kept.ts); nothing that holds an identity is kept here.

/** What is used of a service worker's own types: the library that has them all can not stand beside that of pages. */
interface Extendable extends Event { waitUntil(work: Promise<unknown>): void }
interface Fetched extends Extendable { request: Request; respondWith(answer: Promise<Response>): void }
interface Scope {
  location: Location;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(name: "message", listener: (event: Extendable & { data: unknown }) => void): void;
  addEventListener(name: "fetch", listener: (event: Fetched) => void): void;
}
const worker = globalThis as unknown as Scope;

export {};
const CACHE = "tessera-theatre-1";
const START = "/theatre/offline/start";
const PROCEDURE = "/theatre/offline";
/** A network that is there answers within this; one that is half there is taken for none. */
const PATIENCE_MS = 5_000;
const FRESH_MS = 60_000;

let refreshed = 0;

worker.addEventListener("install", (event) => event.waitUntil(refresh().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(refresh().catch(() => {}));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.mode === "navigate" && shellFor(url.pathname)) event.respondWith(page(event, request, shellFor(url.pathname)!));
});

/** The page to show where the registry can not: the start, or a procedure. */
function shellFor(path: string): string | null {
  if (path === "/theatre") return START;
  return /^\/theatre\/[0-9a-f-]{36}$/.test(path) ? PROCEDURE : null;
}

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request.url);
  return kept ?? fetch(request);
}

async function page(event: Fetched, request: Request, shell: string): Promise<Response> {
  const kept = await caches.match(shell);
  try {
    const response = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (response.status < 500 || !kept) {
      event.waitUntil(refresh().catch(() => {}));
      return response;
    }
  } catch (error) {
    if (!kept) throw error;
  }
  return kept!;
}

/** Keeps the two pages and every file that they name, and lets go of the files of earlier versions. */
async function refresh(): Promise<void> {
  if (Date.now() - refreshed < FRESH_MS) return;
  const cache = await caches.open(CACHE);
  const wanted = new Set<string>();
  const pages: [string, Response][] = [];
  for (const shell of [START, PROCEDURE]) {
    const response = await fetch(shell, { cache: "no-store", redirect: "error" });
    if (!response.ok) throw new Error(`${shell}: ${response.status}`);
    const html = await response.clone().text();
    for (const [found] of html.matchAll(/\/assets\/[^"'\s<>]+/g)) wanted.add(found);
    pages.push([shell, response]);
  }
  const known = new Set((await cache.keys()).map(({ url }) => url.slice(worker.location.origin.length)));
  // All files first: a page is only kept together with everything that it needs.
  await cache.addAll([...wanted].filter((address) => !known.has(address)));
  for (const [shell, response] of pages) await cache.put(shell, response);
  for (const address of known) if (address.startsWith("/assets/") && !wanted.has(address)) await cache.delete(address);
  refreshed = Date.now();
}
