/** Findings that take files which do not call each other: the same whoever checks which file, and in which order. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { makeProject } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { check } from "./findings.js";

const locks = `import { Mutex } from "fearless-threads";
export const pan = new Mutex(0);
export const stove = new Mutex(0);
`;
/** Takes two of the locks, one after the other. */
const taking = (first: string, second: string): string => `import { ${first}, ${second} } from "./locks.js";
export async function take(): Promise<void> {
  using a = (await ${first}.lock()).unwrap();
  using b = (await ${second}.lock()).unwrap();
  a.value = b.value;
}
`;
/** Uses threads, and so does every file of a batch. */
const other = `import { thread } from "fearless-threads";
export const start = () => thread.spawn(() => 1);
`;
const both = ["src/fry.ts:4 lock-order", "src/wash.ts:4 lock-order"];

describe("cli: check of files that do not call each other", function () {
  this.timeout(120_000);
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject({
      "src/locks.ts": locks,
      "src/fry.ts": taking("pan", "stove"),
      "src/wash.ts": taking("stove", "pan"),
    });
  });
  afterEach(() => folder.remove());

  const findings = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await check(folder, "src", ...args)).findings;

  it("finds locks that two files take in both orders, in each of them", async () => {
    assert.deepEqual(await findings(), both);
  });

  it("finds the same in one of them alone, in parts, and with several jobs", async () => {
    // So many that the two lie in batches of their own.
    for (let index = 0; index < 40; index++) folder.write(`src/m${index}.ts`, other);
    assert.deepEqual((await check(folder, "src/wash.ts")).findings, both.slice(1));
    const parts = [];
    for (let index = 1; index <= 3; index++) parts.push(...(await findings("--shard", `${index}/3`)));
    assert.deepEqual(parts.sort(), both);
    assert.deepEqual(await findings("--jobs", "2"), both);
  });

  it("looks into files that the project's own settings leave out", async () => {
    folder.write(
      "tsconfig.json",
      '{ "compilerOptions": { "module": "nodenext", "target": "es2023" }, "files": ["src/fry.ts"] }',
    );
    assert.deepEqual((await check(folder, "src/fry.ts")).findings, both.slice(0, 1));
    assert.deepEqual(await findings("--shard", "1/2"), both.slice(0, 1));
    assert.deepEqual(await findings(), both);
  });

  it("keeps nothing in a cache that another file can have changed", async () => {
    const cached = (): Promise<readonly string[]> => findings("--cache-location", ".cache/check.json");
    assert.deepEqual(await cached(), both);
    folder.write("src/wash.ts", taking("pan", "stove"));
    assert.deepEqual(await cached(), []);
    // A file that comes, and one that goes.
    folder.write("src/late.ts", taking("stove", "pan"));
    assert.deepEqual(await cached(), ["src/late.ts:4 lock-order"]);
    rmSync(folder.path("src/late.ts"));
    assert.deepEqual(await cached(), []);
    // What hands the locks on, and what makes one program of two.
    folder.write("src/index.ts", 'export * from "./locks.js";\n');
    folder.write("src/wash.ts", taking("stove", "pan").replace("./locks.js", "./index.js"));
    assert.deepEqual(await cached(), both);
    folder.write("src/index.ts", locks);
    assert.deepEqual(await cached(), []);
  });
});
