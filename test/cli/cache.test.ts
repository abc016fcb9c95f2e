/** What is kept from run to run: never wrong, whatever happens to it or around it, and no compiler where nothing changed. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { captured, forgotten, makeProject, tsconfig, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { fearlessThreads, fearlessThreadsAsItIs } from "./command.js";
import { check } from "./findings.js";

const starter = `import { thread } from "fearless-threads";
export const begin = () => thread.spawn(() => 1);
`;
const user = `import { begin } from "./starter.js";
export function main(): void {
  begin();
}
`;
/** Knows what it starts from a declaration that it does not import. */
const global = `import "fearless-threads";
export function main(): void {
  everywhere.spawn(() => 1);
}
`;

describe("cli: what a check keeps", function () {
  this.timeout(120_000);
  let folder: Folder;
  beforeEach(() => {
    folder = makeProject({
      "src/starter.ts": starter,
      "src/user.ts": user,
      "src/bug.ts": captured,
      "src/plain.ts": unrelated,
      "src/global.ts": global,
    });
  });
  afterEach(() => folder.remove());

  const location = (): string => folder.path(".cache/check.json");
  const cached = (...args: readonly string[]): ReturnType<typeof check> =>
    check(folder, "src", "--cache-location", ".cache/check.json", ...args);

  /** A run that fails at once if it needs the compiler. */
  const withoutCompiler = (): ReturnType<typeof fearlessThreads> =>
    fearlessThreads(["check", "src", "--cache-location", ".cache/check.json", "--format", "json"], {
      cwd: folder.root,
      // Takes part in nothing but the starting of a compiler: the cache goes by the compiler that would be started.
      env: { PATH: "/nowhere", TMPDIR: folder.path("no/such/folder") },
    });

  /** Runs with the cache and afresh, and compares. */
  async function agrees(): Promise<readonly string[]> {
    const [one, other] = [await cached(), await check(folder, "src")];
    assert.deepEqual(one.report.diagnostics, other.report.diagnostics);
    return one.findings;
  }

  it("starts no compiler where nothing changed, and prints the same", async () => {
    const first = await cached();
    assert.deepEqual(first.findings, ["src/bug.ts:5 capture-without-move", "src/user.ts:3 unjoined-handle"]);
    const { stdout, code } = await withoutCompiler();
    assert.equal(code, 1);
    const { ms: _, ...summary } = first.report.summary;
    const again = JSON.parse(stdout) as typeof first.report;
    assert.deepEqual(again.diagnostics, first.report.diagnostics);
    const { ms: __, ...summaryAgain } = again.summary;
    assert.deepEqual(summaryAgain, summary);
    folder.write("src/bug.ts", forgotten);
    assert.equal((await withoutCompiler()).code, 2, "as a check of the check, it needs one for a file that changed");
  });

  it("starts no compiler where the file of a worker was looked for in vain, and sees it come", async () => {
    const started = `new Worker(new URL("./later.js", import.meta.url));\n`;
    folder.write("src/starts.ts", `import { Worker } from "node:worker_threads";\nexport const worker = ${started}`);
    await cached();
    assert.equal((await withoutCompiler()).code, 1);
    folder.write("src/later.ts", "export {};\n");
    assert.equal((await withoutCompiler()).code, 2);
    await agrees();
  });

  it("starts no compiler where a package manager found everything in place, and does where it did not", async () => {
    rmSync(folder.path("node_modules"));
    linkLibrary(folder);
    const record = "node_modules/.package-lock.json";
    folder.write(record, '{ "packages": {} }');
    await cached();
    rmSync(folder.path(record));
    folder.write(record, '{ "packages": {} }');
    assert.equal((await withoutCompiler()).code, 1);
    folder.write(record, '{ "packages": { "node_modules/other": {} } }');
    assert.equal((await withoutCompiler()).code, 2);
  });

  it("leaves alone what lies beside the project", async () => {
    folder.write("inner/tsconfig.json", tsconfig);
    folder.write("inner/src/bug.ts", captured);
    const inner = ["inner/src", "--cache-location", ".cache/check.json", "--format", "json"];
    assert.equal((await fearlessThreads(["check", ...inner], { cwd: folder.root })).code, 1);
    folder.write("beside.d.ts", "declare const beside: number;\n");
    const env = { PATH: "/nowhere", TMPDIR: folder.path("no/such/folder") };
    assert.equal((await fearlessThreads(["check", ...inner], { cwd: folder.root, env })).code, 1);
    folder.write("inner/inside.d.ts", "declare const inside: number;\n");
    assert.equal((await fearlessThreads(["check", ...inner], { cwd: folder.root, env })).code, 2);
  });

  it("sees every change that can change a finding", async () => {
    await cached();
    const changes: readonly (readonly [string, () => void, readonly string[]])[] = [
      ["the file itself", () => folder.write("src/bug.ts", unrelated), ["src/user.ts:3 unjoined-handle"]],
      [
        "a file that it imports",
        () => folder.write("src/starter.ts", starter.replace("() => 1)", "() => 1).detach()")),
        [],
      ],
      ["back again", () => folder.write("src/starter.ts", starter), ["src/user.ts:3 unjoined-handle"]],
      [
        "a file that another one moves behind",
        () => folder.write("src/starter.js", "export const begin = () => 1;"),
        ["src/user.ts:3 unjoined-handle"],
      ],
      ["the import's file gone", () => rmSync(folder.path("src/starter.ts")), []],
      ["and there again", () => folder.write("src/starter.ts", starter), ["src/user.ts:3 unjoined-handle"]],
      [
        "a declaration for all files",
        () => folder.write("src/ambient.d.ts", 'declare const everywhere: typeof import("fearless-threads").thread;\n'),
        ["src/global.ts:3 unjoined-handle", "src/user.ts:3 unjoined-handle"],
      ],
      [
        "the declaration changed",
        () => folder.write("src/ambient.d.ts", "declare const everywhere: any;\n"),
        ["src/user.ts:3 unjoined-handle"],
      ],
      [
        "a config",
        () => folder.write("src/fearless-threads.config.json", '{ "rules": { "unjoined-handle": "off" } }'),
        [],
      ],
      ["no config", () => rmSync(folder.path("src/fearless-threads.config.json")), ["src/user.ts:3 unjoined-handle"]],
    ];
    for (const [what, change, expected] of changes) {
      change();
      assert.deepEqual(await agrees(), expected, what);
    }
  });

  it("sees what happens to a package and to the tsconfig", async () => {
    folder.remove();
    folder = makeProject({
      "tsconfig.json":
        '{ "compilerOptions": { "module": "nodenext", "strict": true, "paths": { "begin": ["./a.ts"] } } }',
      "a.ts": starter,
      "b.ts": "export const begin = () => 1;\n",
      "src/user.ts": user.replace("./starter.js", "begin"),
    });
    assert.deepEqual(await cached().then(({ findings }) => findings), ["src/user.ts:3 unjoined-handle"]);
    const text = readFileSync(folder.path("tsconfig.json"), "utf8");
    folder.write("tsconfig.json", text.replace("a.ts", "b.ts"));
    assert.deepEqual(await agrees(), []);
    folder.write("base.json", text);
    folder.write("tsconfig.json", '{ "extends": "./base.json" }');
    assert.deepEqual(await agrees(), ["src/user.ts:3 unjoined-handle"]);
    folder.write("base.json", text.replace("a.ts", "b.ts"));
    assert.deepEqual(await agrees(), []);
  });

  it("is no worse than none when it is damaged, of another version, or cannot be written", async () => {
    await cached();
    const good = readFileSync(location(), "utf8");
    const damages = [
      "",
      "{",
      good.slice(0, good.length / 2),
      good.replace("capture-without-move", "capture-without-Move"),
      `x${good}`,
    ];
    for (const damage of damages) {
      writeFileSync(location(), damage);
      assert.deepEqual((await agrees()).length, 2);
      const [, body = ""] = readFileSync(location(), "utf8").split("\n");
      assert.equal(Object.keys(JSON.parse(body).entries).length, 4, "and it is repaired");
    }
    rmSync(location());
    folder.write(".cache/check.json/in-the-way", "");
    const { stderr, findings } = await cached();
    assert.match(stderr, /the cache could not be written/);
    assert.equal(findings.length, 2);
  });

  it("lies below the nearest node_modules by default, and keeps what other runs know", async () => {
    const run = (cwd: string, ...args: readonly string[]): ReturnType<typeof fearlessThreads> =>
      fearlessThreadsAsItIs(["check", ...args], { cwd });
    const kept = (): readonly string[] =>
      existsSync(folder.path(own)) ? readdirSync(folder.path(own)).map((name) => `${own}/${name}`) : [];
    rmSync(folder.path("node_modules"));
    await run(folder.root, "src/bug.ts");
    assert.deepEqual(
      readdirSync(folder.root).sort(),
      ["package.json", "src", "tsconfig.json"],
      "nothing lies beside the sources",
    );

    linkLibrary(folder);
    await run(folder.root, "src/bug.ts", "--no-cache");
    assert.deepEqual(kept(), []);
    const first = await run(folder.root, "src/bug.ts");
    await run(folder.root, "src/starter.ts");
    const [place = "", ...others] = kept();
    assert.deepEqual(others, []);
    const text = readFileSync(folder.path(place), "utf8");
    assert.ok(text.includes("src/bug.ts") && text.includes("src/starter.ts"));
    assert.equal(
      (await run(folder.root, "src/bug.ts")).stdout.replace(/[\d.]+ s$/m, ""),
      first.stdout.replace(/[\d.]+ s$/m, ""),
    );

    await run(folder.path("src"), "bug.ts");
    assert.equal(kept().length, 2, "what is checked from another folder has its own");
  });

  it("says nothing of a place that nobody asked for and that cannot be written", async () => {
    rmSync(folder.path("node_modules"));
    linkLibrary(folder);
    folder.write("node_modules/.cache", "a file in the way");
    const { stderr, code } = await fearlessThreadsAsItIs(["check", "src"], { cwd: folder.root });
    assert.deepEqual({ stderr, code }, { stderr: "", code: 1 });
  });
});

/** Where outcomes are kept by default. */
const own = "node_modules/.cache/fearless-threads";

/** A `node_modules` of the folder's own. */
function linkLibrary(folder: Folder): void {
  mkdirSync(folder.path("node_modules"));
  for (const name of ["fearless-threads", "@types"])
    symlinkSync(
      fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url)),
      folder.path(`node_modules/${name}`),
    );
}
