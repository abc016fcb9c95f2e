/** Whole repositories: workspaces, project references, folders without a tsconfig, what is left out. */
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { captured, forgotten, makeProject, tsconfig, unrelated } from "../lsp/fixture.js";
import { type Folder, makeFolder } from "../support/folder.js";
import { fearlessThreads } from "./command.js";
import { check } from "./findings.js";

/** The config of one package of a workspace. */
function configOf(more: object, include: readonly string[] = ["src"]): string {
  const { compilerOptions } = JSON.parse(tsconfig) as { readonly compilerOptions: object };
  return JSON.stringify({ compilerOptions: { ...compilerOptions, ...more }, include });
}

describe("cli: a workspace", function () {
  this.timeout(60_000);
  let folder: Folder;
  before(() => {
    folder = makeFolder({
      "package.json": '{ "private": true, "type": "module", "workspaces": ["packages/*"] }',
      "tsconfig.json": '{ "files": [], "references": [{ "path": "packages/core" }, { "path": "packages/app" }] }',
      "packages/core/package.json": '{ "name": "core", "type": "module", "exports": "./src/index.ts" }',
      "packages/core/tsconfig.json": configOf({ composite: true, declaration: true }),
      "packages/core/src/index.ts": `import { thread } from "fearless-threads";
export const begin = () => thread.spawn(() => 1);
`,
      // Its paths are known to its own tsconfig only.
      "packages/app/package.json": '{ "name": "app", "type": "module", "dependencies": { "core": "*" } }',
      "packages/app/tsconfig.json": configOf({ paths: { "@/*": ["./src/*"] } }),
      "packages/app/src/threads.ts": `export { thread } from "fearless-threads";\n`,
      "packages/app/src/main.ts": forgotten.replace("fearless-threads", "@/threads.js"),
      "packages/app/test/tsconfig.json": configOf({ strict: false }, ["."]),
      "packages/app/test/main.test.ts": captured,
      "packages/loose/lib/loose.js": forgotten.replace(": Promise<void>", ""),
      "scripts/build.mts": captured,
    });
    const { root } = makeProject();
    symlinkSync(`${root}/node_modules`, folder.path("node_modules"));
  });
  after(() => folder.remove());

  it("checks each file by the tsconfig that is nearest to it, from the root and from a package", async () => {
    const all = await check(folder, ".");
    assert.equal(all.stderr, "");
    assert.deepEqual(all.findings, [
      "packages/app/src/main.ts:4 unjoined-handle",
      "packages/app/test/main.test.ts:5 capture-without-move",
      "packages/loose/lib/loose.js:4 unjoined-handle",
      "scripts/build.mts:5 capture-without-move",
    ]);
    const app = await check({ root: folder.path("packages/app") }, ".");
    assert.deepEqual(app.findings, ["src/main.ts:4 unjoined-handle", "test/main.test.ts:5 capture-without-move"]);
  });

  it("finds the same with several jobs, and in the same order", async () => {
    const one = await check(folder, ".", "--jobs", "1");
    const three = await check(folder, ".", "--jobs", "3");
    assert.deepEqual(three.report.diagnostics, one.report.diagnostics);
  });

  it("takes several globs", async () => {
    const { findings } = await check(folder, "packages/*/src/**/*.ts", "scripts/*.mts");
    assert.deepEqual(findings, [
      "packages/app/src/main.ts:4 unjoined-handle",
      "scripts/build.mts:5 capture-without-move",
    ]);
  });

  it("takes out again what is named behind an exclamation mark, wherever it stands", async () => {
    const { findings, code } = await check(folder, "!packages/{loose,none}/**", "packages/*/*/**");
    assert.deepEqual(findings, [
      "packages/app/src/main.ts:4 unjoined-handle",
      "packages/app/test/main.test.ts:5 capture-without-move",
    ]);
    assert.equal(code, 1);
    assert.deepEqual((await check(folder, "!packages")).findings, ["scripts/build.mts:5 capture-without-move"]);
  });

  it("checks the current folder where none is named", async () => {
    assert.equal((await check(folder)).findings.length, 4);
  });

  it("leaves out what the nearest config says, for whoever names it, and obeys it nowhere else", async () => {
    folder.write("packages/app/fearless-threads.config.json", '{ "ignore": ["test/", "/src/*.gen.ts"] }');
    folder.write("packages/app/src/a.gen.ts", captured);
    const { findings, report } = await check(folder, "packages", "packages/app/test/main.test.ts");
    assert.deepEqual(findings, [
      "packages/app/src/main.ts:4 unjoined-handle",
      "packages/loose/lib/loose.js:4 unjoined-handle",
    ]);
    assert.equal(report.summary.files, 4);
  });
});

describe("cli: what is printed", function () {
  this.timeout(60_000);
  let folder: Folder;
  before(() => {
    folder = makeProject({ "error.ts": captured, "warning.ts": forgotten, "plain.ts": unrelated });
  });
  after(() => folder.remove());

  it("prints errors only on --quiet, and fails as without it", async () => {
    const { findings, code } = await check(folder, "--quiet");
    assert.deepEqual(findings, ["error.ts:5 capture-without-move"]);
    assert.equal(code, 1);
    const warnings = await check(folder, "warning.ts", "--quiet");
    assert.deepEqual(warnings.findings, []);
    assert.equal(warnings.code, 1);
  });

  it("lets a number of warnings pass", async () => {
    assert.equal((await check(folder, "warning.ts", "--max-warnings", "1")).code, 0);
    const more = await check(folder, "warning.ts", "--max-warnings", "0");
    assert.equal(more.code, 1);
    assert.match(more.stderr, /1 warning, and --max-warnings allows 0/);
    assert.equal((await check(folder, "--max-warnings", "5")).code, 1, "errors fail all the same");
  });

  it("colours as it is told, whatever the environment says", async () => {
    const off = await fearlessThreads(["check", "--no-color"], { cwd: folder.root, env: { FORCE_COLOR: "1" } });
    assert.ok(!off.stdout.includes("\u001b["));
    const on = await fearlessThreads(["check", "--color"], { cwd: folder.root, env: { NO_COLOR: "1" } });
    assert.ok(on.stdout.includes("\u001b["));
  });

  it("checks standard input as if it were the file that is named, on disk or not", async () => {
    const run = (name: string, input: string): ReturnType<typeof fearlessThreads> =>
      fearlessThreads(["check", "--stdin-filename", name], { cwd: folder.root, input });
    const found = await run("src/new.ts", `\uFEFF${captured}`);
    assert.equal(found.code, 1, found.stderr);
    assert.match(found.stdout, /--> src\/new\.ts:5:37\n[\s\S]*\n 5 \| /);
    assert.equal((await run("error.ts", unrelated)).code, 0);
  });

  it("looks into folders whose names need care", async () => {
    const odd = ["a b", "ünï", "[brackets]", "x.ts"];
    for (const name of odd) {
      mkdirSync(folder.path(name), { recursive: true });
      folder.write(`${name}/in.ts`, captured);
    }
    const { findings } = await check(folder, ...odd);
    assert.deepEqual(findings, odd.map((name) => `${name}/in.ts:5 capture-without-move`).sort());
  });
});
