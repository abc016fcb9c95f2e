import assert from "node:assert/strict";
import { scanImports } from "../../server/src/typescript/relevance/scan.js";

/** What is taken from `./x`. */
function names(text: string): readonly string[] | "all" | undefined {
  return scanImports(text).find(({ specifier }) => specifier === "./x")?.names;
}

describe("the names that a text imports", () => {
  const listed: Readonly<Record<string, readonly string[]>> = {
    'import { a } from "./x";': ["a"],
    'import { a as b, type C, type D as E } from "./x";': ["a", "C", "D"],
    'import type { A } from "./x";': ["A"],
    'import a from "./x";': ["default"],
    'import a, { b } from "./x";': ["default", "b"],
    'import type A from "./x";': ["default"],
    'import "./x";': [],
    'export { a as b } from "./x";': ["a"],
    'export type { A } from "./x";': ["A"],
    'import {\n  a, // one\n  /* two */ b,\n} from "./x";': ["a", "b"],
    'import{a}from"./x"': ["a"],
    'import { a } from "./x";\nimport { b } from "./x";': ["a", "b"],
    'import { größe, $ } from "./x";': ["größe", "$"],
    'import { default as a } from "./x";': ["default"],
  };
  for (const [text, expected] of Object.entries(listed)) {
    it(JSON.stringify(text), () => assert.deepEqual(names(text), expected));
  }

  for (const text of [
    'import * as x from "./x";',
    'import a, * as x from "./x";',
    'export * from "./x";',
    'export * as x from "./x";',
    'await import("./x");',
    'const x = require("./x");',
    'import x = require("./x");',
    'let x: import("./x").A;',
    'new Worker(new URL("./x", import.meta.url));',
    'import { "a b" as c } from "./x";',
    'import type from "./x";',
    'import { a } from "./x";\nawait import("./x");',
    'const from = 1;\nfoo(from "./x");',
  ]) {
    it(`may be all: ${JSON.stringify(text)}`, () => assert.equal(names(text), "all"));
  }
});
