/** `--shard i/n`: parts that are disjoint and together are the whole. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseShard, partOf } from "../../server/src/cli/shard.js";
import { captured, forgotten, makeProject, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { check } from "./findings.js";

describe("cli: check --shard", function () {
  this.timeout(120_000);

  it("divides every list into parts that are disjoint, in order, of equal size, and together the list", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 40 }), (list, count) => {
        const parts = Array.from({ length: count }, (_, index) => partOf(list, { index: index + 1, count }));
        assert.deepEqual(parts.flat(), list);
        const sizes = parts.map((part) => part.length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }),
    );
  });

  it("reads i/n and refuses everything else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }), (index, count) => {
        const text = `${index}/${count}`;
        if (index <= count) assert.deepEqual(parseShard(text), { index, count });
        else assert.throws(() => parseShard(text));
      }),
    );
    for (const text of ["", "1", "0/1", "1/0", "1/2/3", "-1/2", "a/b", "1.5/2"])
      assert.throws(() => parseShard(text), text);
  });

  describe("over a folder", () => {
    let folder: Folder;
    before(() => {
      folder = makeProject();
      for (let index = 0; index < 9; index++) {
        folder.write(`src/${index}/${index % 4}.ts`, [captured, forgotten, unrelated][index % 3] ?? "");
      }
    });
    after(() => folder.remove());

    for (const count of [1, 2, 5, 12]) {
      it(`finds in ${count} parts what it finds in the whole, once`, async () => {
        const whole = await check(folder, ".");
        const parts = [];
        for (let index = 1; index <= count; index++)
          parts.push(await check(folder, ".", "--shard", `${index}/${count}`));
        assert.deepEqual(parts.flatMap(({ findings }) => findings).sort(), [...whole.findings].sort());
        const files = parts.map(({ report }) => report.summary.files);
        assert.equal(
          files.reduce((sum, one) => sum + one, 0),
          whole.report.summary.files,
        );
      });
    }
  });
});
