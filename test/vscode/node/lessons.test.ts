/** The folder with the lessons: a project that works without a network, and that nothing of the user's is lost for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeLessonsFolder } from "../../../client/src/lessons/folder.js";
import { partsIn, runProgram } from "../../../server/src/run/program.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cache = join(root, ".cache");

function node(args: readonly string[], cwd: string) {
  return spawnSync(process.execPath, args, { cwd, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
}

describe("the folder with the lessons", function () {
  this.timeout(60_000);
  let parent: string;
  let folder: string;
  before(async () => {
    await mkdir(cache, { recursive: true });
    parent = await mkdtemp(join(cache, "lessons-"));
    folder = await makeLessonsFolder(root, parent);
  });
  after(() => rm(parent, { recursive: true, force: true }));

  it("has every lesson and pitfall, as they are in the examples", async () => {
    for (const part of ["lessons", "pitfalls"]) {
      const names = await readdir(join(root, "examples", part));
      assert.deepEqual((await readdir(join(folder, part))).sort(), names.sort());
      for (const name of names) {
        assert.equal(
          await readFile(join(folder, part, name), "utf8"),
          await readFile(join(root, "examples", part, name), "utf8"),
        );
      }
    }
  });

  for (const compiler of ["typescript-5.9", "typescript-6.0", "typescript"]) {
    it(`compiles with ${compiler}, and with nothing but what is in it`, () => {
      const tsc = join(dirname(createRequire(import.meta.url).resolve(`${compiler}/package.json`)), "bin/tsc");
      const { status, stdout } = node([tsc, "-p", folder], folder);
      assert.equal(stdout, "");
      assert.equal(status, 0);
    });
  }

  it("has the three mistakes found in it, and no other", () => {
    const cli = join(root, "server/bin/fearless-threads.js");
    const { stdout } = node([cli, "check", "--format", "json", "lessons", "pitfalls"], folder);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { file: string; rule: string }[] };
    assert.deepEqual(
      diagnostics.map(({ file, rule }) => `${file}: ${rule}`),
      [
        "pitfalls/1-not-joined.ts: unjoined-handle",
        "pitfalls/2-capture-without-move.ts: capture-without-move",
        "pitfalls/3-shared-counter.ts: shared-mutable-without-mutex",
      ],
    );
  });

  it("runs with the library that lies in it", async () => {
    const file = join(folder, "lessons", "07-shared-counter.ts");
    const parts = { ...partsIn(join(root, "server/dist")), runtime: join(folder, "nowhere.js") };
    let printed = "";
    const options = { file, cwd: folder, node: process.execPath, parts, output: "events" } as const;
    const run = runProgram(options, (event) => {
      if (event.kind === "output") printed += event.text;
    });
    const { exitCode } = await run.summary;
    assert.equal(printed, "Result: 4000\n");
    assert.equal(exitCode, 0);
  });

  it("is what `npm install` makes of it, without a network", () => {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const args = ["install", "--offline", "--no-audit", "--no-fund"];
    const { status, stderr } = spawnSync(npm, args, {
      cwd: folder,
      encoding: "utf8",
      shell: process.platform === "win32",
    });
    assert.equal(status, 0, stderr);
    const { status: ran, stdout } = node(
      ["--input-type=module", "-e", 'import { thread } from "fearless-threads"; console.log(typeof thread.spawn);'],
      folder,
    );
    assert.equal(stdout, "function\n");
    assert.equal(ran, 0);
  });

  it("never takes the place of one that is there", async () => {
    const mine = join(folder, "lessons", "01-spawn-and-join.ts");
    await writeFile(mine, "// mine\n");
    const next = await makeLessonsFolder(root, parent);
    assert.notEqual(next, folder);
    assert.equal(await readFile(mine, "utf8"), "// mine\n");
    assert.match(await readFile(join(next, "lessons", "01-spawn-and-join.ts"), "utf8"), /^\/\/ Lesson 1/);
  });

  it("leaves nothing behind where it cannot be made", async () => {
    const empty = await mkdtemp(join(parent, "empty-"));
    await assert.rejects(makeLessonsFolder(join(root, "nowhere"), empty));
    assert.deepEqual(await readdir(empty), []);
  });
});
