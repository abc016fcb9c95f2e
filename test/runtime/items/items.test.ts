import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type OutputOptions, rollup } from "@rollup/wasm-node";
import type * as esbuild from "esbuild";
import { staticItems as forEsbuild } from "fearless-threads/esbuild";
import { staticItems as forRollup } from "fearless-threads/rollup";
import { type Ended, Workspace } from "../process.js";

/** What threads can use of their file: each line is a thread. */
const program = `
import { move, mpsc, thread, ThreadPool } from "fearless-threads";
import twice, { sum as add } from "./sums.js";
import * as sums from "./sums.js";
import { basename } from "node:path";

export const limit = 10;
const table = { one: 1, more: [2, 3], [\`key\${limit}\`]: new Map([["a", limit]]) };
const { one, more: [two] } = table;
const keys = Object.freeze(Object.keys(table));
export function helper(x) { return Math.min(x + one, limit); }
export default class Shape {
  static sides = two + two;
  constructor(n) { this.n = n; }
  area() { return helper(this.n) * Shape.sides; }
}
class Square extends Shape { area() { return super.area() + 1; } }
const compose = (f, g) => (x) => f(g(x));
const late = () => later;
const later = "later";

const handles = [
  ["import", thread.spawn(move([1, 2]), (v) => add(v))],
  ["default import", thread.spawn(() => twice(4))],
  ["namespace", thread.spawn(() => sums.sum([5, 6]))],
  ["module of Node", thread.spawn(() => basename("/a/b"))],
  ["constants", thread.spawn(() => [one, two, keys.length, table.key10.get("a"), late()].join())],
  ["class", thread.spawn(async () => new Square(3).area())],
  ["functions of functions", thread.spawn(function () { return compose(helper, twice)(3); })],
  ["by name", thread.spawn(move(2), helper)],
  ["imported by name", thread.spawn(move(21), twice)],
  ["member by name", thread.spawn(move([7]), sums.sum)],
  ["held", (() => { const held = (n) => helper(n); return thread.spawn(move(1), held); })()],
  ["local", (() => { function local(n) { return helper(n); } return thread.spawn(move(2), local); })()],
  ["threads of threads", thread.spawn(move(3), (n) => descend(n))],
  ["Builder", new thread.Builder().name("named").spawn(() => thread.current().name + limit).unwrap()],
];
function descend(n) {
  return n === 0 ? 0 : thread.spawn(move(n - 1), (n) => descend(n)).join().then((result) => 1 + result.unwrap());
}

const found = {};
for (const [name, handle] of handles) {
  const result = await handle.join();
  found[name] = result.ok ? result.value : String(result.error.message);
}
await thread.scope(async (s) => {
  const handle = s.spawn(() => helper(1));
  found.scope = (await handle.join()).unwrap();
});
const pool = new ThreadPool({ size: 2 });
found.pool = await pool.map([1, 2], (x) => helper(x));
found.task = (await pool.spawn(move(4), (x) => twice(x)).join()).unwrap();
await pool.join();
const [tx, rx] = mpsc.channel();
(await thread.spawn(move(tx), (tx) => { tx.send(helper(4)).unwrap(); }).join()).unwrap();
found.channel = (await rx.recv()).unwrap();
console.log(JSON.stringify(found));
`;

const expected = {
  import: 3,
  "default import": 8,
  namespace: 11,
  "module of Node": "b",
  constants: "1,2,3,10,later",
  class: 17,
  "functions of functions": 7,
  "by name": 3,
  "imported by name": 42,
  "member by name": 7,
  held: 2,
  local: 3,
  "threads of threads": 3,
  Builder: "named10",
  scope: 2,
  pool: [2, 3],
  task: 8,
  channel: 5,
};

const sums = `
export const sum = (values) => values.reduce((a, b) => a + b, 0);
export default function twice(x) { return 2 * x; }
export const fail = () => { throw new RangeError("deep"); };
`;

/** What a thread has not, item or not: what changes, what a call made, and what is not at the top of the file. */
const refused = `
import { fail } from "./sums.js";
import { Mutex, thread } from "fearless-threads";
let count = 0;
const made = new Mutex(0);
const next = () => ++count;
const told = async (handle) => (await handle.join()).mapErr((error) => error.message).error.split(":")[0];
function within() {
  const local = 1;
  return thread.spawn(() => local + fail.length);
}
console.log(JSON.stringify([
  await told(thread.spawn(() => next())),
  await told(thread.spawn(() => made.isPoisoned() && fail())),
  await told(within()),
]));
count = 1;
`;

const panics = `import { thread } from "fearless-threads";
import { fail } from "./sums.js";

function helper(): void {
  const n: number = 1;
  if (n > 0) fail();
}
interface Unseen {
  readonly nothing: true;
}
const result = await thread.spawn((): void => {
  helper();
}).join();
console.log(result.ok ? "no panic" : result.error.stack);
`;

const enums = `
import { thread } from "fearless-threads";
import { sum, type Values } from "./values.js";
enum Colour { Red = 1, Green }
const values: Values = [Colour.Red, Colour.Green];
console.log((await thread.spawn(() => sum(values) + Colour.Green).join()).unwrap());
`;

const values = `
export type Values = readonly number[];
export const sum = (values: Values): number => values.reduce((a, b) => a + b, 0);
`;

const commonjs = `
const { move, thread } = require("fearless-threads");
const { join } = require("node:path");
const summing = require("./summing.cjs");
const base = 7;
thread.spawn(move([1]), (v) => join("a", String(summing.sum(v) + base))).join().then((result) => console.log(result.unwrap()));
`;

const register = ["--import", "fearless-threads/register"];
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
/** Whether Node has hooks for \`require\`, and takes types away itself. */
const isRecent = major > 22 || (major === 22 && minor >= 18);

describe("static items", function () {
  this.timeout(120_000);
  const workspace = new Workspace();
  before(() => {
    for (const [name, text] of Object.entries({ "sums.js": sums, "values.ts": values, "main.js": program })) {
      workspace.write(name, text);
    }
    workspace.write("summing.cjs", "exports.sum = (v) => v.reduce((a, b) => a + b, 0);");
  });
  after(() => workspace.remove());

  const assertFound = ({ stdout, stderr }: Ended): void => {
    assert.notEqual(stdout, "", stderr);
    assert.deepEqual(JSON.parse(stdout), expected, stderr);
  };

  it("are what a file has at its top, by the hook for Node", async () => {
    assertFound(await workspace.node("main.js", register));
  });

  it("are not there where nobody turned them on, and the panic says how to", async () => {
    const { stderr } = await workspace.node("main.js");
    assert.match(stderr, /`add` is imported at the top of the file.*--import fearless-threads\/register/);
  });

  it("are not what changes, what a call may have made, and what is local", async () => {
    workspace.write("refused.js", refused);
    const { stdout, stderr } = await workspace.node("refused.js", register);
    const missing = ["count is not defined", "made is not defined", "local is not defined"];
    assert.deepEqual(JSON.parse(stdout || "[]"), missing, stderr);
  });

  for (const [loader, flags] of Object.entries({
    tsx: ["--import", "tsx", ...register],
    ...(isRecent ? { Node: register } : {}),
  })) {
    it(`leave positions those of the source, where ${loader} takes the types away`, async () => {
      workspace.write("panics.ts", panics);
      const { stdout, stderr } = await workspace.node("panics.ts", flags);
      const frames = [...stdout.matchAll(/([\w.]+):(\d+):(\d+)/g)].map(([, file, line]) => `${file}:${line}`);
      assert.deepEqual(frames, ["sums.js:4", "panics.ts:6", "panics.ts:12"], stdout + stderr);
    });
  }

  it("are enums and TypeScript's imports, too", async () => {
    workspace.write("enums.ts", enums);
    const { stdout, stderr } = await workspace.node("enums.ts", ["--import", "tsx", ...register]);
    assert.equal(stdout.trim(), "5", stderr);
  });

  if (isRecent) {
    it("are what a CommonJS file requires", async () => {
      workspace.write("common.cjs", commonjs);
      const { stdout, stderr } = await workspace.node("common.cjs", register);
      assert.equal(stdout.trim(), join("a", "8"), stderr);
    });
  }

  for (const [name, options] of Object.entries({
    "bundled by esbuild": {},
    "bundled and minified by esbuild": { minify: true },
    "bundled by esbuild, the library apart": { external: ["fearless-threads"] },
    "bundled by esbuild for ES2017": { target: "es2017", supported: { "top-level-await": true } },
  } satisfies Record<string, esbuild.BuildOptions>)) {
    it(`are there when ${name}`, async () => {
      const outdir = `out/${name.replace(/\W+/g, "-")}`;
      await workspace.esbuild("main.js", {
        bundle: true,
        splitting: true,
        target: "node20",
        plugins: [forEsbuild()],
        ...options,
        outdir: join(workspace.folder, outdir),
      });
      assertFound(await workspace.node(`${outdir}/main.js`));
    });
  }

  it("are there in TypeScript that esbuild compiles, in the positions of the source", async () => {
    workspace.write("panics.ts", panics);
    workspace.write("enums.ts", enums);
    for (const file of ["panics", "enums"]) {
      await workspace.esbuild(`${file}.ts`, { bundle: true, splitting: true, plugins: [forEsbuild()] });
    }
    assert.equal((await workspace.node("out/enums.js")).stdout.trim(), "5");
    const { stdout, stderr } = await workspace.node("out/panics.js");
    const frames = [...stdout.matchAll(/([\w.]+):(\d+):(\d+)/g)].map(([, file, line]) => `${file}:${line}`);
    assert.deepEqual(frames, ["sums.js:4", "panics.ts:6", "panics.ts:12"], stdout + stderr);
  });

  it("are there when bundled by Rollup", async () => {
    const bundle = await rollup({
      input: join(workspace.folder, "main.js"),
      plugins: [forRollup()],
      external: [/^node:/, "fearless-threads"],
      onwarn: (warning) => assert.fail(warning.message),
    });
    const output: OutputOptions = { dir: join(workspace.folder, "rolled"), format: "es", sourcemap: true };
    await bundle.write(output);
    assertFound(await workspace.node("rolled/main.js"));
  });

  it("are there in a chunk of Vite, which wraps what is imported", async () => {
    // What Vite 8 makes of an `import()`, here without the rest of it: its helper belongs to the page.
    const bundled = readFileSync(join(workspace.folder, "main.js"), "utf8");
    const lifted = forRollup().transform(bundled, join(workspace.folder, "main.js"))?.code ?? "";
    const wrapped = lifted.replaceAll(
      /await (import\("\.[^)]*"\))/g,
      "await preload(() => $1, __vite__mapDeps([0, 1]))",
    );
    assert.notEqual(wrapped, lifted);
    workspace.write("wrapped.js", `const preload = 0, __vite__mapDeps = 0;\n${wrapped}`);
    assertFound(await workspace.node("wrapped.js"));
  });
});
