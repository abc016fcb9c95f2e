/** When what was found out about a function may be used for another file. */
import assert from "node:assert/strict";
import { createSession } from "../../server/src/analysis/analyse.js";
import type { Module } from "../../server/src/analysis/mir/mir.js";
import { builtInModels, withModels } from "../../server/src/analysis/models/all.js";
import { createKeeper } from "../../server/src/analysis/summaries/footprint.js";
import { withProject } from "../support/project.js";

describe("what is kept of a function", () => {
  /** Two lowered files, and the first one again after an edit. */
  async function modules(): Promise<{ a: Module; edited: Module; b: Module }> {
    const lower = (text: string) =>
      withProject({ "a.ts": text, "b.ts": "export const b = () => 2;" }, async (snapshot, path) => {
        const session = createSession();
        const load = async (name: string) => (await session.lower(snapshot, path(name))) ?? assert.fail(name);
        return { a: await load("a.ts"), b: await load("b.ts") };
      });
    const before = await lower("export const a = () => 1;");
    const after = await lower("export const a = () => 3;");
    return { ...before, edited: after.a };
  }

  it("holds where the files that were looked for are the same", async () => {
    const { a, b } = await modules();
    const keeper = createKeeper<string>()(builtInModels);
    const footprint = new Map([[b.file, b]]);
    keeper.set(1, a, { value: "joins", footprint });
    assert.equal(keeper.get(1, a, new Map([...footprint, ["/other.ts", a]]))?.value, "joins");
    assert.equal(keeper.get(2, a, footprint), undefined, "of another function nothing is known");
  });

  it("holds no more where one of them is another one, or is not looked into", async () => {
    const { a, edited, b } = await modules();
    const keeper = createKeeper<string>()(builtInModels);
    keeper.set(1, b, { value: "joins", footprint: new Map([[a.file, a]]) });
    assert.equal(keeper.get(1, b, new Map([[a.file, edited]])), undefined);
    assert.equal(keeper.get(1, b, new Map()), undefined);
    assert.equal(keeper.get(1, b, new Map([[a.file, a]]))?.value, "joins");
  });

  it("holds no more where a file that was unknown code is looked into", async () => {
    const { a, b } = await modules();
    const keeper = createKeeper<string>()(builtInModels);
    keeper.set(1, a, { value: "unknown", footprint: new Map([[b.file, undefined]]) });
    assert.equal(keeper.get(1, a, new Map())?.value, "unknown");
    assert.equal(keeper.get(1, a, new Map([[b.file, b]])), undefined);
  });

  it("goes with the file that the function is in, and with the models", async () => {
    const { a, edited, b } = await modules();
    const keepers = createKeeper<string>();
    keepers(builtInModels).set(1, a, { value: "joins", footprint: new Map() });
    const none = new Map([[b.file, b]]);
    assert.equal(keepers(builtInModels).get(1, edited, none), undefined);
    assert.equal(keepers(withModels([])).get(1, a, none), undefined);
    assert.equal(keepers(builtInModels).get(1, a, none)?.value, "joins");
  });
});
