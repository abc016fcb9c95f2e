// The library for Node: one module that has all of the library as text and runs it.
//
// The text is what workers start with, too, so that each thread has one library: it is given to them, with what V8 made of
// it already. So a worker looks for no file, and a bundler that takes the module takes all there is. The text is in two
// parts: a worker starts with what serves closures, and gets the rest once a closure asks for it.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
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
  minifySyntax: true,
  format: "esm",
  splitting: true,
  outdir: at("dist"),
  entryPoints: { serving: at("src/worker/main.ts"), rest: at("src/worker/whole.ts") },
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
  await writeFile(at("dist/index.js"), moduleOf(await partsOf(outputFiles), exports, version));
  for (const name of await readdir(at("dist"))) {
    if (/\.c?js(\.map)?$/.test(name) && name !== "index.js") await rm(at(`dist/${name}`), { force: true });
  }
}

/** The texts of the two parts. Both use a third module: the first part begins with it, and the other one is given it. */
async function partsOf(files) {
  if (files.length !== 3) throw new Error(`expected two parts and what they share, not ${files.length} modules`);
  const named = (name) => files.find(({ path }) => basename(path).startsWith(name))?.text ?? "";
  const [shared, serving, rest] = await Promise.all(["chunk-", "serving", "rest"].map((name) => asScript(named(name))));
  return {
    serving: `(function(require,__library){
const __serves=(()=>{const module={};${shared}return module.exports})();
__library.serves=__serves;
const module={};${serving}return module.exports.libraryItself})`,
    rest: `(function(require,__serves){const module={};${rest}return module.exports})`,
  };
}

/** A module's text with what it imports from the shared one, and what it exports, as objects. None of it changes later. */
async function asScript(module) {
  const objects = module
    .replaceAll(
      /^import \{([^{}]*)\} from "\.\/chunk-\w+\.js";$/gm,
      (_, names) => `const {${pairs(names)}} = __serves;`,
    )
    .replace(/^export \{([^{}]*)\};\s*$/m, (_, names) => `module.exports = {${pairs(names, "exported")}};`);
  const { code } = await esbuild.transform(objects, {
    ...small,
    format: "cjs",
    platform: "node",
    target: common.target,
  });
  return withClassNames(code);
}

/** `a as b` of an import or export, as an object has it. */
function pairs(names, side = "imported") {
  return names.replaceAll(/([\w$]+) as ([\w$]+)/g, side === "imported" ? "$1: $2" : "$2: $1");
}

/** esbuild calls a class that mentions itself `_Ok`, and so would errors and `console.log`. */
function withClassNames(code) {
  const renamed = [...code.matchAll(/\b(\w+) ?= ?class _\1\b/g)].map(([, name]) => name);
  return renamed.reduce((text, name) => text.replaceAll(new RegExp(`(?<![\\w$.])_${name}\\b`, "g"), name), code);
}

function moduleOf({ serving, rest }, exports, version) {
  return `import process from "node:process";

// What serves closures, which workers start with.
const serving = ${JSON.stringify(serving)};

// The rest of the library, which workers get when a closure asks for it.
const rest = ${JSON.stringify(rest)};

const key = ${JSON.stringify(`fearless-threads ${version}`)};
const load = process.getBuiltinModule;

function makeLibrary() {
  const vm = load("node:vm");
  // A test runner may have made this module in a context of its own, with globals of its own.
  const isOurs = vm.runInThisContext("globalThis") === globalThis;
  const part = (text) => {
    const script = new vm.Script(text, { filename: "fearless-threads" });
    const make = () => (isOurs ? script.runInThisContext() : (0, eval)(text));
    return { text, make, makeCode: () => script.createCachedData() };
  };
  const parts = { serving: part(serving), rest: part(rest) };
  const library = parts.serving.make()(load, {
    key,
    parts,
    makeRest: parts.rest.make,
    importModule: (url) => import(/* webpackIgnore: true */ /* @vite-ignore */ url),
  });
  return library();
}

const place = Symbol.for(key);
if (!Object.hasOwn(globalThis, place)) Object.defineProperty(globalThis, place, { value: makeLibrary() });

export const {
  ${exports.join(",\n  ")},
} = globalThis[place];
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildNode();
