// The library for browsers: the same modules, one file each, so that a bundler takes only what a page uses.
//
// Where a module `x.ts` has a sibling `x.browser.ts`, that one takes its place. Globals that Node and browsers disagree on
// come from `browser/globals.ts`.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const source = fileURLToPath(new URL("src", import.meta.url));
const target = fileURLToPath(new URL("dist/browser", import.meta.url));

/** Browsers that have all that the library needs: shared memory, module workers, `Atomics.waitAsync` and growable buffers. */
const browsers = ["es2022"];

const globals = {
  SharedArrayBuffer: "SharedMemory as SharedArrayBuffer",
  setTimeout: "setTimeout",
  setInterval: "setInterval",
  setImmediate: "setImmediate",
};

export async function buildBrowser() {
  const files = (await readdir(source, { recursive: true })).map((file) => file.replaceAll("\\", "/"));
  const modules = files.filter((file) => /(?<!\.browser)\.ts$/.test(file) && !file.startsWith("items/"));
  const own = new Set(files.filter((file) => file.endsWith(".browser.ts")));
  const written = new Set();
  for (const module of modules) {
    const special = module.replace(/\.ts$/, ".browser.ts");
    written.add(await writeModule(module, own.has(special) ? special : module));
  }
  await embedWorker();
  await rm(join(target, "worker/main.js"));
  for (const file of await readdir(target, { recursive: true })) {
    if (file.endsWith(".js") && !written.has(file.replaceAll("\\", "/"))) await rm(join(target, file));
  }
}

/** Translates one module, whose imports stay as they are. */
async function writeModule(module, from) {
  const text = await readFile(join(source, from), "utf8");
  const { code } = await esbuild.transform(text, {
    loader: "ts",
    format: "esm",
    target: browsers,
    sourcefile: from,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, target: "es2022" } },
  });
  const out = module.replace(/\.ts$/, ".js");
  await mkdir(dirname(join(target, out)), { recursive: true });
  await writeFile(join(target, out), withGlobals(code, out));
  return out;
}

function withGlobals(code, file) {
  if (file.startsWith("browser/")) return code;
  const used = Object.keys(globals).filter((name) => new RegExp(`(?<![\\w$."'\`])${name}(?![\\w$"'\`])`).test(code));
  if (used.length === 0) return code;
  const from = posix.relative(posix.dirname(file), "browser/globals.js");
  const path = from.startsWith(".") ? from : `./${from}`;
  return `import { ${used.map((name) => globals[name]).join(", ")} } from "${path}";\n${code}`;
}

/** What a worker waits for before its modules run: they read it while they are loaded. */
const greeting = `globalThis[Symbol.for("fearless-threads.hello")] = await new Promise((told) =>
  addEventListener("message", ({ data }) => told(data), { once: true }));\n`;

/** A worker's code goes into the library as text, so that no bundler has to know where to find it. */
async function embedWorker() {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(target, "worker/main.js")],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: browsers,
    logLevel: "error",
  });
  const code = greeting + outputFiles[0].text;
  await writeFile(join(target, "browser/source.js"), `export const workerSource = ${JSON.stringify(code)};\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildBrowser();
  console.log(relative(process.cwd(), target));
}
