/** Which places are surely one. */
import assert from "node:assert/strict";
import type { Place } from "../../../server/src/analysis/mir/mir.js";
import { isSamePlace, isWithin } from "../../../server/src/analysis/mir/places.js";
import { lowered } from "./parse.js";

/** The places whose `use` calls are given, in order. */
async function placesOf(...expressions: readonly string[]): Promise<readonly Place[]> {
  const module = await lowered(
    "main.ts",
    `function f(a, b, i) { ${expressions.map((one) => `use(${one});`).join(" ")} }`,
  );
  return module.bodies.flatMap(({ blocks }) =>
    blocks.flatMap(({ steps }) =>
      steps.flatMap((step) => {
        const [given] = step.kind === "assign" && step.value.kind === "call" ? step.value.args : [];
        return given?.value.kind === "place" ? [given.value.place] : [];
      }),
    ),
  );
}

describe("mir: places", () => {
  const pairs: readonly (readonly [string, string, boolean])[] = [
    ["a", "a", true],
    ["a", "b", false],
    ["a.x.y", "a.x.y", true],
    ["a.x", "a.y", false],
    ["a.x", "a.x.y", false],
    ["a[0]", "a[0]", true],
    ["a[0]", "a[1]", false],
    ["a[0].x", "a[0].x", true],
    ['a["x"]', "a.x", true],
    // `i` may have changed in between.
    ["a[i]", "a[i]", false],
    ["a[i]", "a[0]", false],
    ["a[i].x", "a[i].x", false],
  ];
  for (const [one, other, expected] of pairs) {
    it(`\`${one}\` and \`${other}\` are ${expected ? "one" : "not surely one"}`, async () => {
      const [a, b] = await placesOf(one, other);
      assert.ok(a !== undefined && b !== undefined);
      assert.equal(isSamePlace(a, b), expected);
      assert.equal(isSamePlace(b, a), expected);
    });
  }

  it("know what belongs to them", async () => {
    const [inner, outer, element, whole] = await placesOf("a.jobs[0].name", "a.jobs", "a.jobs[i].name", "a.jobs[i]");
    assert.ok(inner !== undefined && outer !== undefined && element !== undefined && whole !== undefined);
    assert.equal(isWithin(inner, outer), true);
    assert.equal(isWithin(outer, outer), true);
    assert.equal(isWithin(outer, inner), false);
    assert.equal(isWithin(element, outer), true);
    assert.equal(isWithin(element, whole), false);
  });
});
