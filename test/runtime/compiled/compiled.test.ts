import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { Workspace } from "../process.js";
import { compileAll } from "./compilers.js";

const source = fileURLToPath(new URL("./program.ts", import.meta.url));
const text = readFileSync(source, "utf8");
const lineOf = (marker: string): number => text.split("\n").findIndex((line) => line.includes(marker)) + 1;

/** Imports programs one after the other, and prints what each of them gives. */
const runner = `
  for (const file of process.argv.slice(2)) {
    let got;
    try {
      const program = await import(file);
      got = await (program.run ?? program.default.run)();
    } catch (error) {
      got = { failed: String(error.stack) };
    }
    console.log(JSON.stringify([file, got]));
  }
`;

const expected: Readonly<Record<string, unknown>> = {
  async: 3,
  spread: [{ b: 2, c: 3, d: 1 }, [2, 3, 4, 5], 5, 8, 1],
  classes: [[18, 2, true], "base", 3],
  generators: [1, 2, 3, { value: 4, done: true }, "a", "b", "c", "closed", 7, 8, "closed"],
  templates: ["a|b\\n|c", 1, 2],
  using: ["c", "b", "a", "d", "caught", "turn", "e", "turn", "f"],
  shapes: [true, true, false, true, false, true, true],
  sharing: 3,
  got: 7,
  poisoned: true,
  accessors: [[50, 323, 11, "C", 11], true, false],
  objects: [2, 2, 3, 1, [2, 3], 5, [1, 2], 1, 3],
  "async methods": ["hello you!", [0, 1, 2], "TypeError"],
  "using more": [
    "b",
    "a",
    "SuppressedError",
    "closing a",
    "closing b",
    "body",
    "object",
    "async",
    "c",
    "returned",
    "e",
    "TypeError",
  ],
  panicking: [false],
};

/** What is not as it should be, of what a program gave. */
function wrongIn(got: Record<string, unknown>): unknown[] {
  if ("failed" in got) return [got.failed];
  const wrong: unknown[] = [];
  for (const [what, value] of Object.entries(expected)) {
    if (!isDeepStrictEqual(got[what], value)) wrong.push([what, got[what]]);
  }
  for (const [what, marker] of [
    ["panic", "// here"],
    ["poison", '"half done"'],
  ] as const) {
    const { line, file } = (got[what] ?? {}) as { line?: number; file?: string };
    if (line !== lineOf(marker) || !file?.endsWith("program.ts")) wrong.push([what, got[what]]);
  }
  return wrong;
}

describe("a closure that a compiler has changed", function () {
  this.timeout(120_000);
  const workspace = new Workspace();
  const compiled = new Map<string, string>();
  const outcomes = new Map<string, Record<string, unknown>>();

  before(async () => {
    const add = (name: string, file: string): void => {
      compiled.set(`${pathToFileURL(file)}`, name);
    };
    for (const { name, code, format } of await compileAll(source, text)) {
      const file = `${name.replace(/[^\w.]+/g, "-")}.${format === "cjs" ? "cjs" : "mjs"}`;
      add(name, workspace.write(file, code));
    }
    workspace.write("program.ts", text);
    for (const target of ["es2017", "es2022", "es2024"]) {
      const ended = await workspace.tsc("program.ts", { target, outDir: target, noCheck: true });
      assert.equal(ended.stdout, "");
      add(`typescript, ${target}`, join(workspace.folder, target, "program.js"));
    }
    workspace.write("runner.mjs", runner);
    const ended = await workspace.node("runner.mjs", [], [...compiled.keys()]);
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    for (const line of ended.stdout.trim().split("\n")) {
      const [file, got] = JSON.parse(line) as [string, Record<string, unknown>];
      outcomes.set(compiled.get(file) ?? file, got);
    }
  });
  after(() => workspace.remove());

  for (const compiler of ["esbuild", "typescript", "typescript-5.9", "typescript-6.0", "swc"]) {
    it(`runs as it is written, and names its lines, however ${compiler} is set up`, () => {
      const names = [...compiled.values()].filter((name) => name.startsWith(`${compiler},`));
      assert.ok(names.length > 0);
      const wrong = names.map((name) => [name, wrongIn(outcomes.get(name) ?? { failed: "no answer" })] as const);
      assert.deepEqual(
        wrong.filter(([, facts]) => facts.length > 0),
        [],
      );
    });
  }

  it("has the names of its functions, where the compiler keeps them", () => {
    const kept = [...outcomes].filter(([name]) => !name.includes("minified") || name.includes("names kept"));
    for (const [name, { names }] of kept) assert.deepEqual(names, ["named", "Named"], name);
  });

  it("runs under tsx", async () => {
    workspace.write("tsx.ts", 'import { run } from "./program.js";\nconsole.log(JSON.stringify(await run()));');
    const ended = await workspace.tsx("tsx.ts");
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    assert.deepEqual(wrongIn(JSON.parse(ended.stdout)), []);
  });

  it("names its lines where Node maps the positions itself", async () => {
    await workspace.esbuild("program.ts", { target: "node20" });
    workspace.write("mapped.mjs", 'import { run } from "./out/program.js";\nconsole.log(JSON.stringify(await run()));');
    const ended = await workspace.node("mapped.mjs", ["--enable-source-maps"]);
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    assert.deepEqual(wrongIn(JSON.parse(ended.stdout)), []);
  });
});
