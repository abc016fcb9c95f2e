// The one build: every JavaScript file that ships comes from here. Types are checked and emitted by `tsc -b`.
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";
import { thirdPartyNotices } from "./client/notices.js";
import { buildBrowser } from "./runtime/build-browser.js";

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
    // What a worker starts with is all of the library in one file, so that there is one library in each thread. As
    // CommonJS it is there some 10 ms earlier than as ES modules; `index.js` gives out what it exports.
    format: "cjs",
    entryPoints: { library: "runtime/src/worker/main.ts" },
    outdir: "runtime/dist",
    outExtension: { ".js": ".cjs" },
    minifyWhitespace: true,
    ignoreAnnotations: true, // What is in it registers itself.
    define: { "import.meta.url": "__libraryUrl" },
    banner: { js: 'const __libraryUrl = require("node:url").pathToFileURL(__filename).href;' },
  },
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
  const written = new Set([index, ...results.flatMap((result) => Object.keys(result.metafile.outputs))]);
  for (const folder of new Set(bundles.map((options) => options.outdir))) {
    for (const name of await readdir(folder)) {
      const file = `${folder}/${name}`;
      if (/\.c?js(\.map)?$/.test(name) && !written.has(file)) await rm(file, { force: true });
    }
  }
}

const index = "runtime/dist/index.js";

// Importing a CommonJS module takes longer than requiring it: Node looks for the names that it exports.
const requireLibrary = `import { createRequire } from "node:module";

let library;
try {
  library = createRequire(import.meta.url)("./library.cjs");
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  const advice = 'a bundler has taken the library apart; keep "fearless-threads" out of the bundle (mark it as external)';
  throw new Error(\`library.cjs is not beside \${import.meta.url}: \${advice}\`, { cause: error });
}
`;

/** The library as an ES module, which has to say the names that it exports. */
async function writeIndex() {
  const { metafile } = await esbuild.build({
    entryPoints: ["runtime/src/index.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
  });
  const [{ exports }] = Object.values(metafile.outputs);
  await writeFile(index, `${requireLibrary}export const {\n  ${exports.join(",\n  ")},\n} = library;\n`);
}

/** Licences of bundled packages. They ship beside the extension. */
async function writeNotices(results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  await writeFile("client/dist/ThirdPartyNotices.txt", await thirdPartyNotices(inputs));
}

await copyPages();
if (watch) {
  await writeIndex();
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  const results = await Promise.all(bundles.map((options) => esbuild.build({ ...options, metafile: true })));
  await writeIndex();
  await removeStale(results);
  await writeNotices(results);
  await buildBrowser();
}
