/** `check --fix`: what it writes, and what it leaves alone. */
import assert from "node:assert/strict";
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { captured, makeProject, moved, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { fearlessThreads } from "./command.js";

describe("cli: check --fix", () => {
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject();
  });
  afterEach(() => folder.remove());

  const fix = (...paths: readonly string[]): ReturnType<typeof fearlessThreads> =>
    fearlessThreads(["check", ...paths, "--fix"], { cwd: folder.root });
  const read = (path: string): string => readFileSync(folder.path(path), "utf8");

  it("repairs until nothing is left, says how much, and exits with 0", async () => {
    folder.write("a.ts", captured);
    folder.write("b.ts", captured.replace("v.length", "v.length + v.indexOf(1)"));
    folder.write("c.ts", unrelated);
    const { code, stdout, stderr } = await fix(".");
    assert.equal(code, 0, stdout);
    assert.match(stderr, /fixed 2 problems in 2 files\n$/);
    assert.match(stdout, /^0 problems in 3 files \(2 use threads\)/);
    assert.equal(read("a.ts"), moved);
    assert.equal(read("c.ts"), unrelated);
    const again = await fix(".");
    assert.match(again.stderr, /fixed 0 problems in 0 files/);
  });

  it("repairs several findings of one file whose edits meet", async () => {
    const two = captured
      .replace("const v = [1, 2, 3];", "const v = [1, 2, 3];\n  const w = [4];")
      .replace("v.length", "v.length + w.length");
    folder.write("a.ts", two);
    const { code, stdout } = await fix("a.ts");
    assert.equal(code, 0, stdout);
    assert.match(read("a.ts"), /spawn\(move\(v, w\), \(v, w\) => v\.length \+ w\.length\)/);
  });

  it("keeps the byte order mark, the line breaks and the mode of a file", async () => {
    const crlf = `\uFEFF${captured.replaceAll("\n", "\r\n")}`;
    chmodSync(folder.write("a.ts", crlf), 0o755);
    const { code, stdout } = await fix("a.ts");
    assert.equal(code, 0, stdout);
    assert.equal(read("a.ts"), `\uFEFF${moved.replaceAll("\n", "\r\n")}`);
    if (process.platform !== "win32") assert.equal(statSync(folder.path("a.ts")).mode & 0o777, 0o755);
  });

  it("writes through a link, and leaves no file behind", async () => {
    folder.write("real/a.ts", captured);
    symlinkSync(folder.path("real/a.ts"), folder.path("link.ts"));
    const { code, stdout } = await fix("link.ts");
    assert.equal(code, 0, stdout);
    assert.equal(read("real/a.ts"), moved);
    assert.ok(lstatSync(folder.path("link.ts")).isSymbolicLink());
    assert.deepEqual(readdirSync(folder.path("real")), ["a.ts"]);
  });

  it("does not touch a file whose bytes it could not write back", async () => {
    const bytes = Buffer.concat([Buffer.from(captured), Buffer.from([0x2f, 0x2f, 0xff, 0xfe, 0x0a])]);
    folder.write("a.ts", bytes);
    const { code, stderr } = await fix("a.ts");
    assert.equal(code, 1);
    assert.match(stderr, /a\.ts: not fixed: its bytes are not UTF-8/);
    assert.deepEqual(readFileSync(folder.path("a.ts")), bytes);
  });

  it("leaves to the user what may change what the program means", async () => {
    const suppressed = `// fearless-threads-ignore capture-without-move\n${unrelated}`;
    folder.write("a.ts", `import "fearless-threads";\n${suppressed}`);
    const { code } = await fix("a.ts");
    assert.equal(code, 1);
    assert.ok(read("a.ts").includes("fearless-threads-ignore"));
  });
});
