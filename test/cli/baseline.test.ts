/** `--baseline`: an old code base begins with its new findings. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { captured, forgotten, makeProject } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { fearlessThreads } from "./command.js";
import { check } from "./findings.js";

describe("cli: check --baseline", function () {
  this.timeout(60_000);
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject({ "src/old.ts": captured, "src/other.ts": forgotten });
  });
  afterEach(() => folder.remove());

  const against = (...args: readonly string[]): ReturnType<typeof check> => {
    const paths = args.some((arg) => arg.startsWith("src")) ? [] : ["src"];
    return check(folder, ...paths, ...args, "--baseline", "known.json");
  };
  const update = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await against(...args, "--update-baseline");
    assert.equal(code, 0);
    assert.match(stderr, /wrote \d+ findings? to known\.json/);
  };

  it("reports nothing of what is known, and what is new", async () => {
    await update();
    const known = await against();
    assert.deepEqual(known.findings, []);
    assert.equal(known.code, 0);
    assert.match(known.stderr, /2 findings of known\.json not shown/);
    folder.write("src/new.ts", captured);
    const { findings, code } = await against();
    assert.deepEqual(findings, ["src/new.ts:5 capture-without-move"]);
    assert.equal(code, 1);
  });

  it("recognises what moved or was indented, and not a second one of the same", async () => {
    await update();
    folder.write("src/old.ts", `// one line more\n\n${captured.replace("  const handle", "      const   handle")}`);
    assert.deepEqual((await against()).findings, []);
    folder.write("src/old.ts", `${captured}${captured.replace(/^import.*\n/, "").replace("main", "again")}`);
    assert.deepEqual((await against()).findings, ["src/old.ts:11 capture-without-move"]);
    await update();
    assert.deepEqual((await against()).findings, []);
  });

  it("says what is no longer there, in the files that were checked and those that are gone", async () => {
    await update();
    folder.write("src/old.ts", "export {};\n");
    const { stderr, code } = await against();
    assert.equal(code, 0);
    assert.match(stderr, /known\.json: no longer there: capture-without-move in src\/old\.ts: const handle = /);
    assert.doesNotMatch((await against("src/other.ts")).stderr, /no longer there/);
    rmSync(folder.path("src/other.ts"));
    assert.match((await against()).stderr, /no longer there: unjoined-handle in src\/other\.ts/);
  });

  it("keeps the entries of files that are not checked, and is written the same for the same findings", async () => {
    await update();
    const before = readFileSync(folder.path("known.json"), "utf8");
    await update("src/other.ts");
    assert.equal(readFileSync(folder.path("known.json"), "utf8"), before);
    folder.write("src/other.ts", "export {};\n");
    await update("src/other.ts");
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(folder.path("known.json"), "utf8")).findings), ["src/old.ts"]);
  });

  it("names files from where it lies, so that the working folder does not matter", async () => {
    mkdirSync(folder.path("ci"));
    await update();
    renameSync(folder.path("known.json"), folder.path("ci/known.json"));
    await check(folder, "src", "--baseline", "ci/known.json", "--update-baseline");
    const { findings } = await check({ root: folder.path("src") }, ".", "--baseline", "../ci/known.json");
    assert.deepEqual(findings, []);
  });

  it("says in a sentence what is wrong with it, and exits with 2", async () => {
    for (const text of [
      undefined,
      "{",
      '{ "version": 2, "findings": {} }',
      '{ "version": 1, "findings": { "a": [1] } }',
    ]) {
      if (text !== undefined) folder.write("known.json", text);
      const { code, stderr } = await fearlessThreads(["check", "src", "--baseline", "known.json"], {
        cwd: folder.root,
      });
      assert.equal(code, 2, text);
      assert.match(stderr, /known\.json: (cannot be read|not a baseline).*--update-baseline writes a new one/);
    }
  });
});
