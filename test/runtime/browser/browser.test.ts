import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { staticItems } from "fearless-threads/esbuild";
import { type Browser, isolated, type Page, type Site, serveSite, startBrowser } from "../../support/browser.js";
import { behaviours, withoutIsolation, withoutWorkers } from "./behaviours.js";
import { withItems } from "./items.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const library = fileURLToPath(new URL("../../../runtime/dist/browser", import.meta.url));

/** How a page gets the library, and the scripts of its own that it loads. */
interface Delivery {
  readonly what: string;
  readonly build: () => Promise<Readonly<Record<string, string>>>;
  readonly html: string;
}

const script = '<script type="module" src="/page.js"></script>';

async function bundled(options: esbuild.BuildOptions): Promise<Record<string, string>> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["page.ts"],
    outdir: "/",
    write: false,
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    logLevel: "error",
    ...options,
  } as const);
  return Object.fromEntries((outputFiles ?? []).map(({ path, text }) => [path, text]));
}

const deliveries: readonly Delivery[] = [
  {
    what: "as modules, with an import map",
    html: `<script type="importmap">{ "imports": { "fearless-threads": "/library/index.js" } }</script>${script}`,
    build: () => bundled({ external: ["fearless-threads"] }),
  },
  {
    what: "bundled by esbuild",
    html: script,
    build: () => bundled({ splitting: true }),
  },
  {
    what: "bundled into one file, with source maps",
    html: `<script>globalThis.withSourceMaps = true</script>${script}`,
    build: () => bundled({ minify: true, sourcemap: true }),
  },
  {
    // For browsers that know `using`: a minifier gives its helpers other names, in a file that a closure does not see.
    what: "bundled and minified",
    html: script,
    build: () => bundled({ splitting: true, minify: true, target: "esnext" }),
  },
];

describe("in a browser, the library", function () {
  this.timeout(90_000);
  let browser: Browser;
  before(async function () {
    this.timeout(600_000); // What drives the browser, and one where the machine has none, is installed on first use.
    browser = await startBrowser();
  });
  after(() => browser?.close());

  for (const delivery of deliveries) describePage(delivery.what, delivery, isolated, behaviours);
  for (const minify of [false, true]) {
    const build = () => bundled({ splitting: true, minify, plugins: [staticItems()] });
    const what = `bundled ${minify ? "and minified " : ""}with static items`;
    describePage(what, { what, html: script, build }, isolated, withItems);
  }
  const [plain] = deliveries;
  if (plain === undefined) throw new Error("expected a delivery");
  describePage("in a page that is not cross-origin isolated", plain, {}, withoutIsolation);
  const policy = { ...isolated, "Content-Security-Policy": "worker-src 'self'" };
  describePage("in a page whose policy refuses its workers", plain, policy, withoutWorkers);

  function describePage(
    what: string,
    { html, build }: Delivery,
    headers: Readonly<Record<string, string>>,
    expected: typeof behaviours,
  ): void {
    describe(what, () => {
      let site: Site;
      let page: Page;
      before(async () => {
        site = await serveSite(await filesOf(html, build), headers);
        page = await open(browser, site);
        assert.equal(await page.evaluate("crossOriginIsolated"), "Cross-Origin-Opener-Policy" in headers);
      });
      after(() => site?.close());
      for (const name of Object.keys(expected)) it(name, () => run(page, name));
    });
  }
});

async function filesOf(html: string, build: Delivery["build"]): Promise<(path: string) => string | undefined> {
  const built: Readonly<Record<string, string>> = {
    "/": `<!doctype html>${html}`,
    "/answer.js": "export const answer = 42;",
    ...(await build()),
  };
  return (path) => {
    const file = path.startsWith("/library/") ? path.replace("/library", library) : undefined;
    if (path.endsWith("/behaviours.ts")) return readFileSync(`${here}behaviours.ts`, "utf8");
    return file === undefined ? built[path] : existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
}

async function open(browser: Browser, site: Site): Promise<Page> {
  const page = await browser.newPage();
  page.on("pageerror", (error: Error) => console.error(error));
  await page.goto(site.url);
  await page.waitForFunction("globalThis.runBehaviour !== undefined");
  return page;
}

/** Runs one behaviour in the page. One that hangs fails by itself, and by name. */
async function run(page: Page, name: string): Promise<void> {
  const hung = new Promise<string>((done) => setTimeout(() => done("it did not end within 60 s"), 60_000).unref());
  const problem = await Promise.race([page.evaluate(`runBehaviour(${JSON.stringify(name)})`), hung]);
  assert.equal(problem, undefined);
}
