// The one build: every JavaScript file that ships comes from here. Types are checked and emitted by `tsc -b`.
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";
import { thirdPartyNotices } from "./client/notices.js";
import { buildBrowser } from "./runtime/build-browser.js";
import { buildItems } from "./runtime/build-items.js";
import { buildNode, watchNode } from "./runtime/build-node.js";

const watch = process.argv.includes("--watch");

/** Node 20 is the oldest that is supported; it has no `using`, so esbuild compiles it down. */
const node = { bundle: true, platform: "node", target: "node20.19", sourcemap: true, logLevel: "info" };

// Dependencies written as CommonJS call `require`, which an ES module has to make for itself.
const requireForEsm = {
  js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
};

const bundles = [
  {
    ...node,
    format: "esm",
    entryPoints: {
      server: "server/src/lsp/main.ts",
      cli: "server/src/cli/main.ts",
      "check-worker": "server/src/cli/check-worker.ts",
      // What the runner loads into the process that it starts.
      "run/register": "server/src/run/register.ts",
      "run/hooks": "server/src/run/hooks.ts",
    },
    outdir: "server/dist",
    splitting: true,
    banner: requireForEsm,
  },
  {
    ...node,
    format: "cjs",
    entryPoints: { extension: "client/src/extension.ts" },
    outdir: "client/dist",
    outExtension: { ".js": ".cjs" },
    external: ["vscode"],
  },
  {
    bundle: true,
    platform: "browser",
    target: "es2023",
    format: "iife",
    minify: true,
    logLevel: "info",
    entryPoints: ["client/webview/timeline.ts", "client/webview/timeline.css"],
    outdir: "client/dist",
  },
];

/** Text that the server reads while it runs lies beside it in the layout it has in the sources. */
async function copyPages() {
  for (const folder of ["concepts", "analysis/rules"]) {
    await mkdir(`server/dist/${folder}`, { recursive: true });
    await cp(`server/src/${folder}`, `server/dist/${folder}`, {
      recursive: true,
      filter: (source) => !source.endsWith(".ts"),
    });
  }
}

/**
 * Shared chunks have new names whenever their content changes. Those of earlier builds go once the new ones are there,
 * so that a build that fails leaves the last one that worked.
 */
async function removeStale(results) {
  const written = new Set(results.flatMap((result) => Object.keys(result.metafile.outputs)));
  for (const folder of new Set([...bundles.map((options) => options.outdir), "runtime/dist/items"])) {
    for (const name of await readdir(folder)) {
      const file = `${folder}/${name}`;
      if (/\.c?js(\.map)?$/.test(name) && !written.has(file)) await rm(file, { force: true });
    }
  }
}

/** Licences of bundled packages. They ship beside the bundles. */
async function writeNotices(file, what, results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  await writeFile(file, await thirdPartyNotices(what, inputs));
}

await copyPages();
if (watch) {
  await watchNode();
  await buildItems();
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  const results = await Promise.all(bundles.map((options) => esbuild.build({ ...options, metafile: true })));
  await buildNode();
  const items = await buildItems();
  await removeStale([...results, items]);
  await writeNotices("client/dist/ThirdPartyNotices.txt", "This extension", [...results, items]);
  await writeNotices("runtime/dist/items/ThirdPartyNotices.txt", "This folder", [items]);
  await buildBrowser();
}
