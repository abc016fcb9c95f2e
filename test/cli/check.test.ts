/** `check` as a user and a build server run it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { Log } from "sarif";
import type { JsonReport } from "../../server/src/render/json.js";
import { captured, forgotten, makeProject, moved, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { bin, fearlessThreads } from "./command.js";

describe("cli: check", () => {
  let folder: Folder;
  before(() => {
    folder = makeProject({ "src/bug.ts": captured, "src/clean.ts": moved, "src/plain.ts": unrelated });
  });
  after(() => folder.remove());

  const check = (...args: readonly string[]): ReturnType<typeof fearlessThreads> =>
    fearlessThreads(["check", ...args], { cwd: folder.root });

  it("prints findings as rustc does, a summary, and exits with 1", async () => {
    const { code, stdout, stderr } = await check("src");
    assert.equal(code, 1);
    assert.equal(stderr, "");
    assert.match(stdout, /^error\[capture-without-move\]: .*`v`/);
    assert.match(stdout, /\n {2}--> src\/bug\.ts:5:37\n {3}\|\n/);
    assert.match(stdout, /\n 5 \| {3}const handle = thread\.spawn\(\(\) => v\.length\);\n {3}\| {37}\^ /);
    assert.match(
      stdout,
      /\nhelp: .*\n {3}\|\n 5 \| {3}const handle = thread\.spawn\(move\(v\), \(v\) => v\.length\);\n {3}\| {31}\+{8} {2}\+\n/,
    );
    assert.match(stdout, /\n1 problem \(1 error\) in 3 files \(2 use threads\), \d+\.\d s\n$/);
  });

  it("exits with 0 and says what it looked at where nothing is wrong", async () => {
    const { code, stdout } = await check("src/clean.ts", "src/plain.ts");
    assert.equal(code, 0);
    assert.match(stdout, /^0 problems in 2 files \(1 uses threads\), \d+\.\d s\n$/);
  });

  it("colours on demand only", async () => {
    const colored = await fearlessThreads(["check", "src"], { cwd: folder.root, env: { FORCE_COLOR: "1" } });
    assert.ok(colored.stdout.includes("\u001b["));
    // Others colour what goes into a pipe when they see that CI runs them; what reads the pipe would have to undo it.
    const piped = await fearlessThreads(["check", "src"], { cwd: folder.root, env: { CI: "true" } });
    assert.ok(!piped.stdout.includes("\u001b["));
  });

  it("prints JSON of version 1, from 0, relative to the working folder", async () => {
    const { code, stdout } = await check("src", "--format", "json");
    const report = JSON.parse(stdout) as JsonReport;
    assert.equal(code, 1);
    assert.equal(report.version, 1);
    const [finding, ...others] = report.diagnostics;
    assert.equal(others.length, 0);
    assert.equal(finding?.rule, "capture-without-move");
    assert.equal(finding?.severity, "error");
    assert.equal(finding?.file, "src/bug.ts");
    assert.deepEqual(finding?.range, { start: { line: 4, character: 36 }, end: { line: 4, character: 37 } });
    assert.equal(finding?.related[0]?.file, "src/bug.ts");
    assert.ok((finding?.notes.length ?? 0) > 0);
    const edits = finding?.fixes[0]?.edits ?? [];
    assert.ok(edits.every(({ file }) => file === "src/bug.ts"));
    assert.ok(edits.some(({ newText }) => newText.includes("move(v)")));
    const { ms, ...summary } = report.summary;
    assert.deepEqual(summary, { files: 3, checked: 2, errors: 1, warnings: 0, hints: 0 });
    assert.ok(ms > 0);
  });

  it("prints SARIF 2.1.0 that its schema accepts", async () => {
    const { code, stdout } = await check("src", "--format", "sarif");
    assert.equal(code, 1);
    const log = JSON.parse(stdout) as Log;
    const schema = JSON.parse(readFileSync(new URL("fixtures/sarif-2.1.0-rtm.5.json", import.meta.url), "utf8"));
    // Draft 4 writes its own address in another way; the rest of what the schema uses is the same in draft 7.
    const { $schema: _, id: __, ...draft7 } = schema;
    const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
    addFormats.default(ajv);
    const validate = ajv.compile(draft7);
    assert.ok(validate(log), JSON.stringify(validate.errors, undefined, 2));
    const [run] = log.runs;
    const [result] = run?.results ?? [];
    assert.equal(result?.ruleId, "capture-without-move");
    assert.equal(run?.tool.driver.rules?.[result?.ruleIndex ?? -1]?.id, "capture-without-move");
    const { region, artifactLocation } = result?.locations?.[0]?.physicalLocation ?? {};
    assert.deepEqual(region, { startLine: 5, startColumn: 37, endLine: 5, endColumn: 38 });
    assert.deepEqual(artifactLocation, { uri: "src/bug.ts", uriBaseId: "SRCROOT" });
    assert.ok((result?.relatedLocations?.length ?? 0) > 0);
    assert.ok((result?.fixes?.[0]?.artifactChanges[0]?.replacements.length ?? 0) > 0);
  });

  it("refuses, as a check of the check, SARIF that is wrong", () => {
    const schema = JSON.parse(readFileSync(new URL("fixtures/sarif-2.1.0-rtm.5.json", import.meta.url), "utf8"));
    const { $schema: _, id: __, ...draft7 } = schema;
    const ajv = new Ajv({ strict: false, unicodeRegExp: false });
    addFormats.default(ajv);
    assert.ok(!ajv.validate(draft7, { version: "2.1.0", runs: [{ results: [{}] }] }));
  });

  it("prints annotations for GitHub, escaped", async () => {
    folder.write("src/odd,name:1.ts", captured);
    const { stdout } = await check("src/odd,name:1.ts", "--format", "github");
    const [line = ""] = stdout.split("\n");
    assert.match(
      line,
      /^::error file=src\/odd%2Cname%3A1\.ts,line=5,endLine=5,col=37,endColumn=38,title=fearless-threads%3A capture-without-move::/,
    );
    assert.match(line, /%0Anote: /);
  });

  it("fails on the level that is asked for", async () => {
    const levels = makeProject({
      "bug.ts": captured,
      "fearless-threads.config.json": '{ "rules": { "capture-without-move": "warning" } }',
    });
    const run = (level: string): ReturnType<typeof fearlessThreads> =>
      fearlessThreads(["check", ".", "--fail-on", level], { cwd: levels.root });
    assert.equal((await run("error")).code, 0);
    assert.equal((await run("warning")).code, 1);
    levels.write("fearless-threads.config.json", '{ "rules": { "capture-without-move": "hint" } }');
    assert.equal((await run("warning")).code, 0);
    assert.equal((await run("hint")).code, 1);
    levels.write("fearless-threads.config.json", '{ "rules": { "capture-without-move": "off" } }');
    assert.equal((await run("hint")).code, 0);
    levels.remove();
  });

  it("reports every rule of the catalogue's first wave", async () => {
    folder.write("more/forgotten.ts", forgotten);
    assert.match((await check("more")).stdout, /unjoined-handle/);
  });

  it("refuses a config that is wrong, with its place, and exits with 2", async () => {
    const broken = makeProject({ "bug.ts": captured, "nested/clean.ts": unrelated });
    const cases = [
      ['{ "rules": { "no-such-rule": "error" } }', /config\.json:1:14: unknown rule `no-such-rule`; the rules are /],
      ['{ "rules": { "capture-without-move": "loud" } }', /:1:38: expected one of "off", "hint"/],
      ['{\n  "rules": [,]\n}', /:2:13: expected a value/],
      ['{ "rule": {} }', /:1:3: unknown setting `rule`/],
      ['{ "ignore": "src" }', /:1:13: expected `ignore` to be a list/],
      ['{ "models": [{ "callables": {} }] }', /:1:14: expected `package` or `file`/],
      ['{ "models": [{ "package": "p", "callables": { "f": "fork" } }] }', /:1:52: expected one of spawn, /],
      ['{ "models": [{ "package": "p", "file": "f" }] }', /:1:32: expected one of `package` and `file`, found both/],
      ["", /:1:1: expected a value, the file ends/],
      ['{ "rules": 1 }', /:1:12: expected `rules` to be an object/],
    ] as const;
    for (const [text, expected] of cases) {
      broken.write("nested/fearless-threads.config.json", text);
      const { code, stdout, stderr } = await fearlessThreads(["check", "."], { cwd: broken.root });
      assert.equal(code, 2, text);
      assert.equal(stdout, "");
      assert.match(stderr, expected);
    }
    broken.write(
      "nested/fearless-threads.config.json",
      '// all of it\n{ "rules": { "capture-without-move": "off", }, }',
    );
    assert.equal((await fearlessThreads(["check", "nested"], { cwd: broken.root })).code, 0);
    broken.remove();
  });

  it("exits with 2 and says what to do where it cannot run", async () => {
    const cases = [
      [["check", "nowhere"], /nowhere: no such file or folder/],
      [["check", "--shard", "0/2"], /Expected i\/n/],
      [["check", "--update-baseline"], /needs --baseline/],
      [["check", "--changed-since", "HEAD"], /not a git repository/],
      [["check", "*.nothing"], /matches no TypeScript or JavaScript file/],
      [["check", "package.json"], /package\.json: not a TypeScript or JavaScript file/],
      [["check", "src", "--format", "xml"], /Allowed choices are text, json, sarif, github/],
      [["bogus"], /unknown command 'bogus'/],
    ] as const;
    for (const [args, expected] of cases) {
      const { code, stderr } = await fearlessThreads(args, { cwd: folder.root });
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, expected);
    }
    const env = { FEARLESS_THREADS_TSC: "/no/such/tsc" };
    const { code, stderr } = await fearlessThreads(["check", "src"], { cwd: folder.root, env });
    assert.equal(code, 2);
    assert.match(stderr, /no TypeScript compiler at \/no\/such\/tsc.*Correct/);
  });

  it("is quiet when what reads it stops reading", async () => {
    const child = spawn("/bin/sh", ["-c", `"${process.execPath}" "${bin}" explain move | head -n 1`], {
      stdio: "pipe",
    });
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    await once(child, "close");
    assert.equal(stderr, "");
  });

  it("stops on Ctrl-C", async () => {
    const child = spawn(process.execPath, [bin, "check", "src"], { cwd: folder.root, stdio: "ignore" });
    await new Promise((resolve) => setTimeout(resolve, 150));
    child.kill("SIGINT");
    const [code, signal] = await once(child, "exit");
    assert.ok(signal === "SIGINT" || code === 130, `${code} ${signal}`);
  });
});

describe("cli: help, version, pages", () => {
  const cwd = process.cwd();

  it("has help with examples, and a version", async () => {
    const help = await fearlessThreads(["--help"], { cwd });
    assert.equal(help.code, 0);
    assert.match(help.stdout, /Examples:\n {2}fearless-threads check src/);
    assert.match(
      (await fearlessThreads(["check", "--help"], { cwd })).stdout,
      /Exit codes: 0 nothing found, 1 findings, 2 could not run/,
    );
    assert.match((await fearlessThreads(["--version"], { cwd })).stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it("explains rules and concepts, and lists both", async () => {
    const list = await fearlessThreads(["explain"], { cwd });
    assert.equal(list.code, 0);
    assert.match(list.stdout, /capture-without-move +error/);
    assert.match(list.stdout, /join +Waiting for a thread/);
    const page = await fearlessThreads(["explain", "capture-without-move"], { cwd });
    assert.equal(page.code, 0);
    assert.ok(page.stdout.length > 200);
    assert.match((await fearlessThreads(["explain", "JoinHandle.join"], { cwd })).stdout, /^Waiting for a thread/);
    const unknown = await fearlessThreads(["explain", "nothing"], { cwd });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /no rule or concept `nothing`/);
  });

  it("dumps the middle form", async () => {
    const folder = makeProject({ "a.ts": captured });
    const { code, stdout } = await fearlessThreads(["dump", "a.ts"], { cwd: folder.root });
    assert.equal(code, 0);
    assert.match(stdout, /main/);
    assert.equal((await fearlessThreads(["dump", "package.json"], { cwd: folder.root })).code, 2);
    folder.remove();
  });
});
