/** `staticItems` in the config: what the analyser allows is what threads have, and what it reports they have not. */
import assert from "node:assert/strict";
import { makeProject } from "../lsp/fixture.js";
import { fearlessThreads } from "./command.js";
import { check } from "./findings.js";

const items = `import { move, ThreadPool, thread } from "fearless-threads";
import { sum } from "./sum.js";
import * as sums from "./sum.js";
import { basename } from "node:path";

enum Colour { Red = 1, Green }
const limit = Math.max(1, 10), table = { one: 1, more: [limit, 2] };
const { one, more: [, two] } = table;
const helper = (x: number): number => x + one + (two ?? 0);
function twice(x: number): number { return helper(x) * 2; }
class Shape { area(): number { return twice(1); } }

const results = [
  await thread.spawn(() => sum([1, 2]) + sums.sum([3])).join(),
  await thread.spawn(() => basename("/a").length + Colour.Green + limit).join(),
  await thread.spawn(move(2), (x) => twice(x) + new Shape().area()).join(),
  await thread.spawn(move([1]), sum).join(),
  await thread.spawn(move(1), twice).join(),
];
const pool = new ThreadPool({ size: 1 });
results.push(await pool.spawn(() => helper(1)).join());
console.log((await pool.map([1, 2], (x) => helper(x))).join());
await pool.join();
export function within(): Promise<unknown> {
  const held = (x: number): number => helper(x);
  return thread.spawn(move(1), held).join();
}
console.log(results.map((result) => (result.ok ? result.value : String(result.error))).join());
`;

const others = `import { Arc, move, Mutex, thread } from "fearless-threads";
import { sum } from "./sum.js";
let count = 0;
const lock = Arc.new(new Mutex(1));
const asked = await Promise.resolve(1);
const next = (): number => count + sum([1]);
function run(f: () => number) {
  return thread.spawn(f).join();
}
export async function main(list: number[]): Promise<void> {
  (await thread.spawn(() => next()).join()).unwrap();
  (await thread.spawn(() => lock.isPoisoned()).join()).unwrap();
  (await thread.spawn(() => asked + sum([1])).join()).unwrap();
  (await thread.spawn(() => sum(list)).join()).unwrap();
  (await run(() => sum([1]))).unwrap();
  (await thread.spawn(move(list), (list) => sum(list)).join()).unwrap();
}
export function change(): void {
  count++;
}
`;

describe("cli: static items", function () {
  this.timeout(60_000);
  const folder = makeProject({
    "sum.ts": "export const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);\n",
    "items.ts": items,
    "others.ts": others,
  });
  after(() => folder.remove());
  const findingsIn = async (file: string): Promise<readonly string[]> =>
    (await check(folder)).findings.filter((finding) => finding.startsWith(file));

  it("are reported where the config does not turn them on", async () => {
    folder.write("fearless-threads.config.json", "{}");
    assert.ok((await findingsIn("items.ts")).length >= 8);
  });

  it("are silent where it does, and all else is reported", async () => {
    folder.write("fearless-threads.config.json", '{ "staticItems": true }');
    assert.deepEqual(await findingsIn("items.ts"), []);
    assert.deepEqual(
      await findingsIn("others.ts"),
      [11, 12, 13, 14, 15].map((line) => `others.ts:${line} capture-without-move`),
    );
  });

  it("are there when the program runs", async () => {
    folder.write("fearless-threads.config.json", '{ "staticItems": true }');
    const { stdout, stderr } = await fearlessThreads(["run", "items.ts"], { cwd: folder.root });
    assert.equal(stdout.trim(), "4,5\n6,13,18,1,8,4", stderr);
  });
});
