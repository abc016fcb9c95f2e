/** Whatever is on the disk: no crash, findings where there can be, and one clear sentence otherwise. */
import assert from "node:assert/strict";
import { chmodSync, symlinkSync } from "node:fs";
import { captured, makeProject, tsconfig, unrelated } from "../lsp/fixture.js";
import { type Folder, makeFolder } from "../support/folder.js";
import { fearlessThreads } from "./command.js";

describe("cli: bad input", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject();
  });
  afterEach(() => folder.remove());

  const check = (...args: readonly string[]): ReturnType<typeof fearlessThreads> =>
    fearlessThreads(["check", ...args], { cwd: folder.root });

  it("finds what it can in text that is broken", async () => {
    folder.write("half.ts", `${captured}\nexport const = {{ (\n`);
    const { code, stdout } = await check("half.ts");
    assert.equal(code, 1);
    assert.match(stdout, /capture-without-move/);
  });

  it("survives empty, binary, odd and half-typed files", async () => {
    folder.write("empty.ts", "");
    folder.write("mark.ts", "\uFEFF");
    folder.write("binary.ts", Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)));
    folder.write("utf16.ts", Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(captured, "utf16le")]));
    folder.write("null.ts", `import "fearless-threads";\u0000\n`);
    folder.write(
      "surrogate.ts",
      Buffer.concat([Buffer.from('import "fearless-threads"; "'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"')]),
    );
    folder.write("returns.ts", captured.replaceAll("\n", "\r"));
    for (let end = 10; end < captured.length; end += 17) folder.write(`half-${end}.ts`, captured.slice(0, end));
    const { code, stderr, stdout } = await check(".");
    assert.equal(stderr, "");
    assert.equal(code, 1, stdout);
    assert.match(stdout, /--> returns\.ts:5:37/);
  });

  const filler = (length: number): string => {
    const line = "export const filler = () => ({ a: [1, 2, 3], b: 'text' });\n";
    const lines = Array.from({ length: Math.ceil(length / line.length) }, (_, n) => line.replace("filler", `f${n}`));
    return lines.join("");
  };

  it("checks a file of 500 kB, and says that it leaves out one of 5 MB", async function () {
    this.timeout(60_000);
    folder.write("large.ts", `${captured}${filler(500_000)}`);
    folder.write("huge.ts", `${captured}${filler(5_000_000)}`);
    const { code, stdout, stderr } = await check(".");
    assert.equal(code, 1, stdout);
    assert.match(stdout, /--> large\.ts:5:37/);
    assert.match(stderr, /huge\.ts: left out\. It is 5\.\d MB long/);
    assert.match(stdout, / in 2 files \(1 uses threads\)/);
  });

  it("cuts a line of minified code to where the finding is", async () => {
    const line = `${"void 0;".repeat(400)}${captured.replaceAll("\n", " ").replace(/^.*?;/, "")}${"void 0;".repeat(400)}`;
    folder.write("min.ts", `import { move, thread } from "fearless-threads"; ${line}`);
    const { stdout } = await check("min.ts");
    assert.match(stdout, /capture-without-move/);
    assert.ok(Math.max(...stdout.split("\n").map((row) => row.length)) < 400);
  });

  it("works without a tsconfig, with a broken one, and with one that leaves the file out", async () => {
    const configs = [undefined, "{ not json", '{ "compilerOptions": { "module": "no-such", "baseUrl": "." } }'];
    const more = [
      '{ "extends": "./missing.json" }',
      '{ "include": ["elsewhere"] }',
      '{ "compilerOptions": { "composite": true }, "include": ["x"] }',
    ];
    for (const config of [...configs, ...more]) {
      const bare = makeFolder({ "package.json": '{ "type": "module" }', "a.ts": captured });
      symlinkSync(folder.path("node_modules"), bare.path("node_modules"));
      if (config !== undefined) bare.write("tsconfig.json", config);
      const { code, stdout, stderr } = await fearlessThreads(["check", "."], { cwd: bare.root });
      assert.equal(stderr, "");
      assert.equal(code, 1, config);
      assert.match(stdout, /capture-without-move/);
      bare.remove();
    }
  });

  it("says nothing, and does not fail, where what is imported is not installed", async () => {
    const bare = makeFolder({ "tsconfig.json": tsconfig, "a.ts": captured });
    const { code, stderr } = await fearlessThreads(["check", "."], { cwd: bare.root });
    assert.equal(stderr, "");
    assert.ok(code === 0 || code === 1);
    bare.remove();
  });

  it("does not follow links to folders, so that a loop of them is none", async () => {
    folder.write("src/a.ts", captured);
    symlinkSync(folder.path("src"), folder.path("src/loop"));
    symlinkSync(folder.path("src/gone.ts"), folder.path("src/dangling.ts"));
    const { code, stdout } = await check("src");
    assert.equal(code, 1);
    assert.match(stdout, / in 1 file \(/);
  });

  it("calls a file by its own name, whichever of it and a link to it is met first", async () => {
    folder.write("src/real/a.ts", captured);
    for (const link of ["src/0.ts", "src/z.ts"]) symlinkSync(folder.path("src/real/a.ts"), folder.path(link));
    const { stdout } = await check("src");
    assert.match(stdout, /--> src\/real\/a\.ts:/);
    assert.match(stdout, / in 1 file \(/);
  });

  it("checks every file once, however often it is named", async () => {
    folder.write("src/a.ts", captured);
    const { stdout } = await check("src", "src/a.ts", "./src/../src/a.ts", "src/*.ts");
    assert.match(stdout, /^1 problem .* in 1 file /m);
  });

  it("leaves out what is ignored or generated, unless it is named", async () => {
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(".gitignore", "generated/\n*.gen.ts\n!keep.gen.ts\n");
    for (const path of [
      "generated/a.ts",
      "src/b.gen.ts",
      "src/keep.gen.ts",
      "dist/c.ts",
      "src/node_modules/p/d.ts",
      "src/e.d.ts",
    ]) {
      folder.write(path, unrelated);
    }
    folder.write("src/.gitignore", "hidden.ts\n");
    folder.write("src/hidden.ts", unrelated);
    folder.write("src/f.mts", unrelated);
    assert.match((await check(".")).stdout, / in 2 files \(/);
    assert.match((await check("src/**/*.ts")).stdout, / in 1 file \(/);
    assert.match((await check("generated")).stdout, / in 1 file \(/);
    assert.match((await check("dist", "src/b.gen.ts", "src/hidden.ts")).stdout, / in 3 files \(/);
  });

  it("says which file it cannot read, checks the others, and exits with 2", async () => {
    folder.write("a.ts", captured);
    // Root can read every file, but not this one.
    if (process.platform === "linux") symlinkSync("/proc/self/mem", folder.path("b.ts"));
    else chmodSync(folder.write("b.ts", unrelated), 0);
    const { code, stdout, stderr } = await check(".");
    assert.equal(code, 2);
    assert.match(stdout, /capture-without-move/);
    assert.match(stderr, /b\.ts: cannot be read \(E\w+\)/);
  });
});
