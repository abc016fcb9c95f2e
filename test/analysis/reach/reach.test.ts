import assert from "node:assert/strict";
import { createReach } from "../../../server/src/analysis/reach/reach.js";
import { createRelevance } from "../../../server/src/typescript/relevance.js";
import { withProject } from "../../support/project.js";

const packages = new Set(["fearless-threads"]);

/** A file with one name that is made of threads, and some that are not. */
const both = `import { Mutex, thread } from "fearless-threads";
export const limit = 4;
export interface Size { readonly width: number }
export function area({ width }: Size): number { return width * limit; }
export const lock = new Mutex(0);
export function start() { return thread.spawn(() => 1); }
export function all() { return [start(), start()]; }
export interface Job { readonly lock: Mutex<number> }
export class Service { #lock = lock; }
export default start;
`;

/** Whether \`main.ts\` of these files has to be looked at. */
async function concerns(main: string, others: Readonly<Record<string, string>> = {}): Promise<boolean> {
  const files = { "both.ts": both, ...others, "main.ts": main };
  return withProject(files, async (snapshot, path) => {
    const relevance = createRelevance();
    for (const [name, text] of Object.entries(files)) relevance.edit(path(name), text);
    return createReach(relevance, packages).concerns(snapshot, path("main.ts"));
  });
}

describe("threads come to a file", () => {
  const reached: Readonly<Record<string, string>> = {
    "that imports the package": 'import { thread } from "fearless-threads";',
    "that takes a function": 'import { start } from "./both.js"; start();',
    "that takes what calls it": 'import { all } from "./both.js"; all();',
    "that takes a value": 'import { lock } from "./both.js"; lock.tryLock();',
    "that takes a type": 'import type { Job } from "./both.js"; export const f = (job: Job) => job.lock;',
    "that takes a class": 'import { Service } from "./both.js"; new Service();',
    "that takes the default": 'import start from "./both.js"; start();',
    "that takes everything": 'import * as both from "./both.js"; both.start();',
    "that hands everything on": 'export * from "./both.js";',
    "that imports it later": 'export const start = async () => (await import("./both.js")).start();',
    "that names it in a type": 'export type Lock = typeof import("./both.js").lock;',
    "that works on shared memory": 'import { limit } from "./both.js"; Atomics.store(new Int32Array(limit), 0, 1);',
    "with a comment for this tool":
      '// fearless-threads-ignore unjoined-handle\nimport { limit } from "./both.js"; limit;',
  };
  for (const [name, text] of Object.entries(reached)) it(name, async () => assert.equal(await concerns(text), true));

  const between: Readonly<Record<string, string>> = {
    "a function that calls it": 'import { start } from "./both.js";\nexport const go = () => start();',
    "a name that is handed on": 'export { start as go } from "./both.js";',
    "a name that is imported and exported": 'import { start } from "./both.js";\nexport { start as go };',
    "a module that hands on everything": 'export * from "./other.js";',
    "a default that is renamed": 'export { default as go } from "./both.js";',
    "a variable that a statement fills":
      'import { start } from "./both.js";\nexport const go = () => list;\nconst list: unknown[] = [];\nlist.push(start());',
    "a variable of a pattern": 'import { start } from "./both.js";\nexport const { go } = { go: start };',
    "a namespace": 'import * as both from "./both.js";\nexport const go = () => both.area({ width: 1 });',
    "an import in a function": 'export const go = async () => (await import("./both.js")).start();',
  };
  const other = 'export { start as go } from "./both.js";';
  for (const [name, text] of Object.entries(between)) {
    it(`through ${name}`, async () => {
      const main = 'import { go } from "./between.js"; go();';
      assert.equal(await concerns(main, { "between.ts": text, "other.ts": other }), true);
    });
  }

  it("through files that import each other", async () => {
    const a = 'import { b } from "./b.js";\nexport const a = (): unknown => b();\nexport { start } from "./both.js";';
    const b = 'import { a, start } from "./a.js";\nexport const b = (): unknown => (a(), start());';
    assert.equal(await concerns('import { b } from "./b.js"; b();', { "a.ts": a, "b.ts": b }), true);
  });
});

describe("threads do not come to a file", () => {
  const spared: Readonly<Record<string, string>> = {
    "that takes a constant": 'import { limit } from "./both.js"; limit;',
    "that takes a function without threads": 'import { area } from "./both.js"; area({ width: 1 });',
    "that takes a plain type": 'import type { Size } from "./both.js"; export const size: Size = { width: 1 };',
    "that imports it for its effects": 'import "./both.js";',
    "that imports nothing": "export const a = 1;",
  };
  for (const [name, text] of Object.entries(spared)) it(name, async () => assert.equal(await concerns(text), false));

  it("through a module that hands on everything", async () => {
    const index = 'export * from "./both.js";\nexport * from "./plain.js";';
    const others = { "index.ts": index, "plain.ts": "export const sum = (a: number, b: number) => a + b;" };
    assert.equal(await concerns('import { sum } from "./index.js"; sum(1, 2);', others), false);
    assert.equal(await concerns('import { limit } from "./index.js"; limit;', others), false);
    assert.equal(await concerns('import { all } from "./index.js"; all();', others), true);
  });

  it("through a function that has nothing to do with those beside it", async () => {
    const between =
      'import { area, start } from "./both.js";\nexport const a = () => area({ width: 1 });\nexport const b = () => start();';
    assert.equal(await concerns('import { a } from "./between.js"; a();', { "between.ts": between }), false);
    assert.equal(await concerns('import { b } from "./between.js"; b();', { "between.ts": between }), true);
  });

  it("through files that import each other", async () => {
    const a = 'import { b } from "./b.js";\nexport const a = (): number => b();\nexport { start } from "./both.js";';
    const b = 'import { a } from "./a.js";\nexport const b = (): number => (Math.random() > 0.5 ? a() : 1);';
    assert.equal(await concerns('import { b } from "./b.js"; b();', { "a.ts": a, "b.ts": b }), false);
  });
});

describe("what a text changes", () => {
  it("counts from then on", async () => {
    const files = { "both.ts": both, "main.ts": 'import { limit } from "./both.js"; limit;' };
    await withProject(files, async (snapshot, path) => {
      const relevance = createRelevance();
      for (const [name, text] of Object.entries(files)) relevance.edit(path(name), text);
      const reach = createReach(relevance, packages);
      assert.equal(await reach.concerns(snapshot, path("main.ts")), false);
      relevance.edit(path("main.ts"), 'import { lock } from "./both.js"; lock;');
      reach.forget();
      assert.equal(await reach.concerns(snapshot, path("main.ts")), true);
    });
  });
});

describe("a function may throw", () => {
  const helpers = `export const parse = (text: string) => checked(Number(text));
function checked(value: number) { if (Number.isNaN(value)) throw new Error("no number"); return value; }
export const twice = (value: number) => value * 2;
export class Reader { read() { throw new Error("nothing"); } }
`;
  for (const [name, expected] of Object.entries({ parse: true, "Reader.read": true, twice: false })) {
    it(`${name}: ${expected}`, async () => {
      await withProject({ "helpers.ts": helpers }, async (snapshot, path) => {
        const relevance = createRelevance();
        relevance.edit(path("helpers.ts"), helpers);
        assert.equal(await createReach(relevance, packages).throws(snapshot, path("helpers.ts"), name), expected);
      });
    });
  }
});
