// Builds dist/: what the server embeds and serves under /assets/. Nothing in it refers to another host.
import { build } from "esbuild";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const modules = join(here, "node_modules");
const common = { bundle: true, minify: true, target: "es2022", legalComments: "none", logLevel: "warning" };

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

// The NHS web font belongs to the NHS website and would be fetched from its host: the system's own fonts serve instead.
const nhsuk = (await readFile(join(modules, "nhsuk-frontend/dist/nhsuk/nhsuk-frontend.min.css"), "utf8"))
  .replace(/@font-face\{[^}]*\}/g, "")
  .replace(/Frutiger W01/g, "system-ui")
  .replace(/url\(\/assets\/images\//g, "url(/assets/nhsuk/images/")
  .replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
await writeFile(join(dist, "nhsuk.css"), nhsuk);
await cp(join(modules, "nhsuk-frontend/dist/nhsuk/assets/images"), join(dist, "nhsuk/images"), { recursive: true });

await build({ ...common, entryPoints: [join(here, "src/site.css")], outdir: dist });
for (const page of ["site", "theatre", "practice", "start", "signin", "reader", "service-worker", "calibrate", "cohort", "api-docs"]) {
  await build({ ...common, format: "esm", entryPoints: [join(here, `src/${page}.ts`)], outdir: dist });
}

// The scanner for the browser (scanner-lib/wasm), which `./tessera` builds into wasm/.
await cp(join(here, "wasm/tessera_wasm_bg.wasm"), join(dist, "tessera.wasm"));

await mkdir(join(dist, "swagger-ui"));
for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"]) {
  await cp(join(modules, "swagger-ui-dist", file), join(dist, "swagger-ui", file));
}
for (const file of ["mark.svg", "calibration.png", "theatre.webmanifest"]) await cp(join(here, "src", file), join(dist, file));

// A page of a hospital must not call home: refuse to build what would.
for (const file of await readdir(dist, { recursive: true })) {
  if (!file.endsWith(".css")) continue;
  const found = (await readFile(join(dist, file), "utf8")).match(/url\(["']?(?:https?:)?\/\/[^)]*\)/g);
  if (found) throw new Error(`${file} would fetch ${found.join(", ")}`);
}
