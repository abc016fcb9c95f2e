/** `--changed-since`, in real repositories. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { captured, forgotten, makeProject, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { fearlessThreads } from "./command.js";
import { check } from "./findings.js";

function git(folder: Folder, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  const { status, stdout, stderr } = spawnSync("git", [...identity, ...args], { cwd: folder.root, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

/** Three steps from the thread to who uses it: the finding is in none of the files that change. */
const starter = `import { thread } from "fearless-threads";
export const begin = () => thread.spawn(() => 1);
`;
const between = `export { begin } from "./starter.js";\n`;
const user = `import { begin } from "./between.js";
export function main(): void {
  begin();
}
`;

describe("cli: check --changed-since", function () {
  this.timeout(60_000);
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject({
      ".gitignore": "node_modules\n",
      "src/starter.ts": starter,
      "src/between.ts": between,
      "src/user.ts": user,
      "src/other.ts": captured,
      "src/plain.ts": unrelated,
    });
    git(folder, "init", "-q", "-b", "main");
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "first");
  });
  afterEach(() => folder.remove());

  const changed = async (ref = "main"): Promise<readonly string[]> =>
    (await check(folder, ".", "--changed-since", ref)).findings;

  it("looks at nothing where nothing changed, and that is no failure", async () => {
    const { code, report } = await check(folder, ".", "--changed-since", "HEAD");
    assert.equal(report.summary.files, 0);
    assert.equal(code, 0);
  });

  it("takes what is committed, staged, changed and untracked", async () => {
    git(folder, "switch", "-qc", "branch");
    folder.write("src/committed.ts", forgotten);
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "second");
    folder.write("src/staged.ts", forgotten);
    git(folder, "add", ".");
    folder.write("src/other.ts", `\n${captured}`);
    folder.write("src/a folder/ünträcked.ts", forgotten);
    assert.deepEqual(await changed(), [
      "src/a folder/ünträcked.ts:4 unjoined-handle",
      "src/committed.ts:4 unjoined-handle",
      "src/other.ts:6 capture-without-move",
      "src/staged.ts:4 unjoined-handle",
    ]);
    assert.deepEqual((await check(folder, "src/o*.ts", "--changed-since", "main")).findings, [
      "src/other.ts:6 capture-without-move",
    ]);
  });

  it("takes what imports it, however far, since a finding shows where a function is called", async () => {
    folder.write("src/starter.ts", `${starter}// another line\n`);
    assert.deepEqual(await changed(), ["src/user.ts:3 unjoined-handle"]);
  });

  it("takes what starts a file as a worker, and what takes its types from JSON", async () => {
    folder.write("src/job.ts", unrelated);
    folder.write("src/data.json", "{}");
    folder.write("src/start.ts", 'export const worker = new Worker(new URL("./job.ts", import.meta.url));\n');
    folder.write("src/data.ts", 'import data from "./data.json" with { type: "json" };\nexport default data;\n');
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "second");
    folder.write("src/job.ts", `${unrelated}\n`);
    assert.equal((await check(folder, ".", "--changed-since", "HEAD")).report.summary.files, 2);
    folder.write("src/data.json", '{ "one": 1 }');
    assert.equal((await check(folder, ".", "--changed-since", "HEAD")).report.summary.files, 3);
  });

  it("says what a change makes wrong in a file beside it, and nothing else of that", async () => {
    const taking = (first: string, second: string, name: string): string =>
      `import { a, b } from "./locks.js";\nexport async function ${name}(): Promise<void> {\n  using x = (await ${first}.lock()).unwrap();\n  using y = (await ${second}.lock()).unwrap();\n  x.value += y.value;\n}\n`;
    const together = (...names: string[]): string =>
      `${names.map((name) => `import { ${name} } from "./${name}.js";\n`).join("")}await Promise.all([${names.map((name) => `${name}()`).join(", ")}]);\n`;
    folder.write(
      "src/locks.ts",
      'import { Mutex } from "fearless-threads";\nexport const a = new Mutex(0);\nexport const b = new Mutex(0);\n',
    );
    folder.write("src/old.ts", `${taking("b", "a", "old")}\n${captured}`);
    folder.write("src/main.ts", together("old"));
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "second");
    folder.write("src/one.ts", taking("a", "b", "one"));
    folder.write("src/two.ts", taking("a", "b", "two"));
    folder.write("src/main.ts", together("old", "one", "two"));
    assert.deepEqual(await changed("HEAD"), ["src/old.ts:4 lock-order"]);
  });

  it("takes what imported a file that is gone", async () => {
    rmSync(folder.path("src/between.ts"));
    const { report } = await check(folder, ".", "--changed-since", "main");
    assert.equal(report.summary.files, 1);
  });

  it("does not count what happened on the other branch meanwhile", async () => {
    git(folder, "switch", "-qc", "branch");
    folder.write("src/mine.ts", forgotten);
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "mine");
    git(folder, "switch", "-q", "main");
    folder.write("src/other.ts", `\n\n${captured}`);
    git(folder, "commit", "-qam", "theirs");
    git(folder, "switch", "-q", "branch");
    assert.deepEqual(await changed(), ["src/mine.ts:4 unjoined-handle"]);
  });

  it("takes all that is below a config that changed", async () => {
    folder.write("src/fearless-threads.config.json", '{ "rules": { "unjoined-handle": "error" } }');
    assert.deepEqual(await changed(), ["src/other.ts:5 capture-without-move", "src/user.ts:3 unjoined-handle"]);
  });

  it("says in a sentence what it cannot do, and exits with 2", async () => {
    for (const ref of ["no-such-ref", "--output=x", ""]) {
      const { code, stderr } = await fearlessThreads(["check", ".", `--changed-since=${ref}`], { cwd: folder.root });
      assert.equal(code, 2, ref);
      assert.match(stderr, /^fearless-threads: --changed-since: .+\n$/);
    }
  });
});
