// The library for Node: one module that has all of the library as text and runs it.
//
// The text is what workers start with, too, so that each thread has one library: it is given to them, with what V8 made of
// it already. So a worker looks for no file, and a bundler that takes the module takes all there is.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const common = { bundle: true, platform: "node", target: "node20.19", write: false, logLevel: "error" };

/** Names stay as they are: they are in stacks, and in what `console.log` shows. */
const small = {
  minifyWhitespace: true,
  minifySyntax: true,
  charset: "ascii",
  lineLimit: 120, // Node prints the line that an uncaught error was thrown in.
};

const library = {
  ...common,
  ...small,
  format: "cjs",
  entryPoints: [at("src/worker/main.ts")],
  ignoreAnnotations: true, // What is in it registers itself.
};

export async function buildNode() {
  await write(await esbuild.build(library));
}

/** Builds again whenever a source changes. */
export async function watchNode() {
  const plugin = { name: "write", setup: ({ onEnd }) => onEnd(write) };
  await (await esbuild.context({ ...library, plugins: [plugin] })).watch();
}

async function write({ errors, outputFiles }) {
  if (errors.length > 0) return;
  const { version } = JSON.parse(await readFile(at("package.json"), "utf8"));
  const { metafile } = await esbuild.build({
    ...common,
    format: "esm",
    entryPoints: [at("src/index.ts")],
    metafile: true,
  });
  const [{ exports }] = Object.values(metafile.outputs);
  await mkdir(at("dist"), { recursive: true });
  await writeFile(at("dist/index.js"), moduleOf(withClassNames(outputFiles[0].text), exports, version));
  for (const name of await readdir(at("dist"))) {
    if (/\.c?js(\.map)?$/.test(name) && name !== "index.js") await rm(at(`dist/${name}`), { force: true });
  }
}

/** esbuild calls a class that mentions itself `_Ok`, and so would errors and `console.log`. */
function withClassNames(code) {
  const renamed = [...code.matchAll(/\b(\w+) ?= ?class _\1\b/g)].map(([, name]) => name);
  return renamed.reduce((text, name) => text.replaceAll(new RegExp(`(?<![\\w$.])_${name}\\b`, "g"), name), code);
}

function moduleOf(code, exports, version) {
  const text = `(function(require,__library){const module={exports:{}};${code.trimEnd()}\nreturn module.exports})`;
  return `import process from "node:process";

// All of the library, which workers start with too.
const text = ${JSON.stringify(text)};

const key = ${JSON.stringify(`fearless-threads ${version}`)};
const load = process.getBuiltinModule;

function makeLibrary() {
  const vm = load("node:vm");
  const script = new vm.Script(text, { filename: "fearless-threads" });
  // A test runner may have made this module in a context of its own, with globals of its own.
  const make = vm.runInThisContext("globalThis") === globalThis ? script.runInThisContext() : (0, eval)(text);
  return make(load, {
    key,
    text,
    makeCode: () => script.createCachedData(),
    importModule: (url) => import(/* webpackIgnore: true */ /* @vite-ignore */ url),
  });
}

const place = Symbol.for(key);
if (!Object.hasOwn(globalThis, place)) Object.defineProperty(globalThis, place, { value: makeLibrary() });

export const {
  ${exports.join(",\n  ")},
} = globalThis[place];
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildNode();
