import assert from "node:assert/strict";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { captureWithoutMove } from "../../../server/src/analysis/rules/capture-without-move/rule.js";
import { renderText } from "../../../server/src/render/text.js";
import { withProject } from "../../support/project.js";

const text = `import { move, thread } from "fearless-threads";
declare function sum(values: number[]): number;
export async function main() {
  const v = [1, 2, 3];
  const h = thread.spawn(() => sum(v));
  return h.join().then(() => move);
}
`;

const rendered = `error[capture-without-move]: closure may outlive \`main\`, but it uses \`v\` without moving it
  --> main.ts:5:36
   |
 4 |   const v = [1, 2, 3];
   |         - \`v\` is declared here, in the parent thread
 5 |   const h = thread.spawn(() => sum(v));
   |                                    ^ \`v\` does not exist in the new thread
   |
   = note: the closure runs in a worker of its own, which has none of this scope's variables
help: move \`v\` into the thread
   |
 5 |   const h = thread.spawn(move(v), (v) => sum(v));
   |                          ++++++++  +`;

describe("capture-without-move in a terminal", () => {
  it("reads as rustc's E0373 does, with the fix as it would look in the file", async () => {
    await withProject({ "main.ts": text }, async (snapshot, path) => {
      const session = createSession({ rules: [captureWithoutMove] });
      const { diagnostics } = await session.analyse(snapshot, path("main.ts"), {});
      const [finding, ...others] = diagnostics;
      assert.ok(finding !== undefined);
      assert.equal(others.length, 0);
      const cwd = path("main.ts").replace(/\/main\.ts$/, "");
      assert.equal(renderText(finding, { cwd, text: () => text, colors: false }), rendered);
    });
  });
});

describe("copying a class into a thread's closure", () => {
  const copied = async (declarations: string) => {
    const source = `import { thread } from "fearless-threads";
${declarations}
export const start = () => thread.spawn(() => new Sum().n);
`;
    return withProject({ "main.ts": source }, async (snapshot, path) => {
      const { diagnostics } = await createSession({ rules: [captureWithoutMove] }).analyse(
        snapshot,
        path("main.ts"),
        {},
      );
      return diagnostics.flatMap(({ fixes }) => fixes.map(({ title, edits }) => ({ title, text: edits[0]?.newText })));
    });
  };

  it("copies all of it, and not its constructor alone", async () => {
    const text = "class Sum { constructor(public n = 1) {} }";
    const [fix, ...others] = await copied(`export ${text}`);
    assert.equal(fix?.title, "Copy the class `Sum` into the closure");
    assert.ok(fix.text?.includes(`\n  ${text}\n`));
    assert.deepEqual(others, []);
  });

  it("is not offered for one that uses what is outside of it", async () => {
    assert.deepEqual(await copied("class Base { n = 1; }\nclass Sum extends Base {}"), []);
    assert.deepEqual(await copied("const one = 1;\nclass Sum { n = one; }"), []);
  });
});
