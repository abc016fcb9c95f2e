/** Lowering on code that nobody wrote for it: whole files, and files cut off in the middle of a word. */
import assert from "node:assert/strict";
import type { SourceFile } from "typescript/ast";
import { lower } from "../../../server/src/analysis/mir/lower.js";
import type { Module } from "../../../server/src/analysis/mir/mir.js";
import { checkModule } from "./invariants.js";
import { naiveCaptures } from "./naive-captures.js";
import { noAnswers, withTree } from "./parse.js";
import { type RealFile, realFiles } from "./real-files.js";

const implicit = new Set(["this", "arguments", "super", "new.target"]);

/** The names each function captures, by where the function stands. A class without a constructor has an empty one. */
function lowerCaptures(module: Module): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const body of module.bodies) {
    const names = body.captures.map(({ local }) => module.locals[local]).filter((local) => local !== undefined);
    const written = names.filter((local) => !implicit.has(local.kind)).map((local) => local.name);
    found.set(`${body.spans.whole.start}-${body.spans.whole.end}`, [...new Set(written)].sort().join(" "));
  }
  return found;
}

function checkCaptures(tree: SourceFile, module: Module): void {
  const actual = lowerCaptures(module);
  for (const { start, end, names } of naiveCaptures(tree)) {
    const text = tree.text.slice(start, Math.min(end, start + 60));
    assert.equal(actual.get(`${start}-${end}`), names.join(" "), `captures of ${text}`);
  }
}

async function onEach(files: readonly RealFile[], check: (tree: SourceFile, module: Module) => void): Promise<void> {
  for (const { name, text } of files) {
    await withTree(name.replaceAll("/", "__"), text, (tree) => {
      try {
        check(tree, lower(tree.fileName, tree, noAnswers));
      } catch (error) {
        throw new Error(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
      }
    });
  }
}

describe("mir: real files", () => {
  it("keeps its promises and captures what a naive walk finds", async function () {
    this.timeout(600_000);
    const files = realFiles(2);
    assert.ok(files.length > 300, `only ${files.length} files`);
    await onEach(files, (tree, module) => {
      checkModule(module);
      checkCaptures(tree, module);
    });
  });

  it("survives files that are cut off anywhere", async function () {
    this.timeout(600_000);
    const cut = realFiles(1).flatMap(({ name, text }) =>
      [0.13, 0.5, 0.77].map((part) => ({ name, text: text.slice(0, Math.floor(text.length * part)) })),
    );
    await onEach(cut, (_, module) => checkModule(module));
  });
});
