/** The middle form of random programs does what JavaScript does: the same effects in the same order. */
import assert from "node:assert/strict";
import { transformSync } from "esbuild";
import fc from "fast-check";
import { lower } from "../../../server/src/analysis/mir/lower.js";
import { type Globals, interpret } from "./interpret.js";
import { checkModule } from "./invariants.js";
import { naiveCaptures } from "./naive-captures.js";
import { noAnswers, withTree } from "./parse.js";
import { programs } from "./programs.js";

const head = "let x = 1, y = 2;\n";

/** What a program does, from the first `log` to the exception that ends it. */
function traced(run: (globals: Globals) => void): readonly unknown[] {
  const trace: unknown[] = [];
  const log = (value: unknown): unknown => {
    trace.push(value instanceof Error ? value.name : value instanceof Object ? typeof value : value);
    return value;
  };
  const fail = (code: number, value: unknown): void => {
    trace.push("fail", code);
    if (value) throw code;
  };
  const open = (code: number): Disposable => ({ [Symbol.dispose]: () => void trace.push("close", code) });
  const o = { p: 3, q: 4, m: (value: unknown): unknown => log(value) };
  try {
    run({ log, fail, open, o, k: 5, n: undefined });
    trace.push("end");
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    trace.push("threw", error instanceof Error ? error.name : error);
  }
  return trace;
}

function byJavaScript(text: string): readonly unknown[] {
  // Not every supported version of Node knows `using`.
  const code = text.includes("using ") ? transformSync(text, { target: "es2022", loader: "js" }).code : text;
  return traced((globals) => new Function(...Object.keys(globals), code)(...Object.values(globals)));
}

describe("mir: random programs", () => {
  it("do what JavaScript does", async function () {
    this.timeout(600_000);
    await fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const text = head + program;
        const expected = byJavaScript(text);
        // Lowering has no dead zones: what is read before its declaration is undefined.
        fc.pre(!expected.includes("ReferenceError"));
        await withTree("random.js", text, (tree) => {
          const module = lower(tree.fileName, tree, noAnswers);
          checkModule(module);
          assert.deepEqual(
            traced((globals) => interpret(module, globals)),
            expected,
          );
        });
      }),
      { numRuns: Number(process.env.RUNS ?? 150) },
    );
  });

  it("capture what a naive walk finds, cut off anywhere", async function () {
    this.timeout(600_000);
    const cut = fc.tuple(programs, fc.double({ min: 0, max: 1, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(cut, async ([program, part]) => {
        await withTree("random.ts", head + program, (tree) => {
          const module = lower(tree.fileName, tree, noAnswers);
          const found = naiveCaptures(tree).map(({ names }) => names.join(" "));
          const bodies = module.bodies.slice(1).map(({ captures }) =>
            captures
              .flatMap(({ local }) => module.locals[local]?.name ?? [])
              .sort()
              .join(" "),
          );
          assert.deepEqual([...bodies].sort(), [...found].sort());
        });
        const half = (head + program).slice(0, Math.floor((head + program).length * part));
        await withTree("random.tsx", half, (tree) => checkModule(lower(tree.fileName, tree, noAnswers)));
      }),
      { numRuns: 100 },
    );
  });
});
