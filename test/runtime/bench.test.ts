import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertResult, type Case, measure, WrongResult } from "../bench/runtime/harness.js";
import { statistics } from "../bench/runtime/statistics.js";
import { summary } from "../bench/runtime/table.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const bench = (...args: string[]) => run(process.execPath, ["test/bench/runtime/bench.js", ...args], { cwd: root });

/** Contenders that give these figures, whatever they compute. */
function caseOf(figures: { readonly ours: number; readonly raw: number }): Case {
  const round = (value: number) => () => ({ round: () => value, close: () => {} });
  return {
    id: "example",
    title: "An example",
    unit: "ns",
    better: "less",
    rounds: 3,
    bar: { text: "≤ 2 × raw", limit: (medians) => 2 * (medians.find(({ side }) => side === "raw")?.median ?? 0) },
    contenders: [
      { name: "ours", side: "ours", open: round(figures.ours) },
      { name: "raw", side: "raw", open: round(figures.raw) },
    ],
  };
}

const few = { scale: "tiny", rounds: 3 } as const;

describe("the bench of the library", function () {
  this.timeout(120_000);

  it("runs every case, ours and raw, and each computes what it should", async () => {
    const { stdout: list } = await bench("--list");
    const ids = list
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]);
    const { stdout } = await bench("--tiny", "--only", "ours", "--only", "raw");
    assert.deepEqual(
      [...stdout.matchAll(/^### (.+)$/gm)].map(([, id]) => id),
      ids,
    );
    assert.ok(ids.length >= 13, list);
    for (const section of stdout.split(/^### /m).slice(1)) {
      assert.match(section, /^\| fearless-threads.*\| \d+ \|$/m, section);
      assert.doesNotMatch(section, /NaN|Infinity|undefined/);
    }
  });

  it("says which case it does not know", async () => {
    await assert.rejects(bench("nothing-of-the-kind"), /no case is called nothing-of-the-kind/);
  });

  it("does not write a page of some of the cases", async () => {
    await assert.rejects(bench("mutex", "--write"), /--write needs every case in full/);
    await assert.rejects(bench("--tiny", "--write"), /--write needs every case in full/);
  });

  it("fails where a result is wrong, naming case and contender", async () => {
    const wrong: Case = {
      ...caseOf({ ours: 1, raw: 1 }),
      contenders: [
        {
          name: "miscounting",
          side: "ours",
          open: () => ({
            round: () => {
              assertResult("sum", 41, 42);
              return 1;
            },
            close: () => {},
          }),
        },
      ],
    };
    await assert.rejects(measure(wrong, few), (error) => {
      assert.ok(error instanceof Error && error.cause instanceof WrongResult);
      assert.equal(error.message, "example, miscounting: sum: expected 42, found 41");
      return true;
    });
  });

  it("lets the contenders take turns, another one first each time", async () => {
    const turns: string[] = [];
    const contender = (name: string, side: "ours" | "raw") => ({
      name,
      side,
      open: () => ({
        round: () => {
          turns.push(name);
          return 1;
        },
        close: () => {},
      }),
    });
    await measure({ ...caseOf({ ours: 1, raw: 1 }), contenders: [contender("a", "ours"), contender("b", "raw")] }, few);
    assert.equal(turns.join(""), "abbaab");
  });

  it("says whether a bar is met", async () => {
    const met = summary([await measure(caseOf({ ours: 20, raw: 10 }), few)]);
    assert.match(met, /\| 20.0 ns \[20.0 – 20.0\] \| 2.00 × \| – \| ≤ 2 × raw \| met \|$/);
    assert.match(summary([await measure(caseOf({ ours: 21, raw: 10 }), few)]), /\*\*not met\*\* \|$/);
  });

  it("takes medians, and leaves the outermost rounds out of the range", () => {
    const values = Array.from({ length: 101 }, (_, i) => 100 - i);
    assert.deepEqual(statistics(values), { median: 50, low: 5, high: 95, rounds: 101 });
    assert.equal(statistics([1, 2]).median, 1.5);
  });
});
