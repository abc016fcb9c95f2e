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
