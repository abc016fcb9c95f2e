/** The runner without an editor: what a process tells of itself, and what the command line makes of it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine, type RunEvent } from "../../../server/src/run/events.js";
import { formatOf, hasUsing } from "../../../server/src/run/format.js";
import { type ProgramOptions, partsIn, runProgram } from "../../../server/src/run/program.js";
import { makeWorkspace } from "../support/workspace.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const parts = partsIn(join(root, "server/dist"));

const files = {
  "helper.ts":
    "export interface Shape { side: number }\nexport const area = ({ side }: Shape): number => side * side;\n",
  "main.ts": `import { area } from "./helper.js";
import { move, thread } from "fearless-threads";
enum Unit { Metre = "m" }
const handle = thread.spawn(move({ side: 3 }), (shape: { side: number }) => shape.side);
console.log(area({ side: 2 }), (await handle.join()).unwrap(), Unit.Metre, process.argv.slice(2).join());
`,
  "panic.ts": `import { thread } from "fearless-threads";

interface Unused { a: number }

const handle = new thread.Builder().name("worker").spawn(() => {
  const text: string | undefined = undefined;
  throw new Error("Oops" + text);
}).unwrap();
await handle.join();
`,
  "waits.ts": `import { Arc, drop, Mutex, move, mpsc, thread } from "fearless-threads";
const lock = Arc.new(new Mutex(0));
const [ready, isReady] = mpsc.channel<boolean>();
const held = lock.lockSync().unwrap();
const second = new thread.Builder().name("second");
const handle = second.spawn(move(lock.clone(), ready), (lock, ready) => {
  ready.send(true).unwrap();
  lock.lockSync().unwrap()[Symbol.dispose]();
}).unwrap();
(await isReady.recv()).unwrap();
for (const end = Date.now() + 30; Date.now() < end; );
drop(held);
await handle.join();
`,
  "using.js": `import { Arc, Mutex } from "fearless-threads";
const counter = Arc.new(new Mutex(1));
{
  using guard = (await counter.lock()).unwrap();
  guard.value += 1;
}
console.log(counter.tryLock().unwrap().value);
`,
  "broken.ts": "const a = 1;\nlet b = ;\n",
  "uncaught.ts": "interface A { x: number }\nconst a: A = { x: 1 };\nthrow new TypeError('no ' + a.x);\n",
  "endless.ts": 'console.log("started");\nfor (;;) {}\n',
  "old.cts": 'const { sep }: { sep: string } = require("node:path");\nconsole.log(typeof sep, typeof module);\n',
  "required.cts": `import { twice } from "./twice.cjs";
import ft = require("fearless-threads");
import { sep } from "node:path";
interface Unused { a: number }
void (async () => {
  const handle = ft.thread.spawn(ft.move("x"), (text): string => {
    throw new Error(text);
  });
  console.log(typeof sep, twice(2), (await handle.join()).isErr(), require.resolve("fearless-threads").length > 0);
})();
`,
  "twice.cts": `const { thread } = require("fearless-threads") as typeof import("fearless-threads");
export const twice = (n: number): number => n * (typeof thread.spawn === "function" ? 2 : 0);
`,
  "sum.jsx": 'export const view = () => <b>hello</b>;\nconsole.log("jsx");\n',
};

describe("runner", function () {
  this.timeout(30_000);
  let workspace: { readonly folder: string; remove(): Promise<void> };
  before(async () => {
    workspace = await makeWorkspace(files);
  });
  after(() => workspace.remove());

  function start(file: string, more: Partial<ProgramOptions> = {}) {
    const events: RunEvent[] = [];
    const path = join(workspace.folder, file);
    const base = { file: path, cwd: workspace.folder, node: process.execPath, parts, output: "events" } as const;
    const run = runProgram({ ...base, ...more }, (event) => events.push(event));
    const text = (stream: "stdout" | "stderr"): string =>
      events.map((event) => (event.kind === "output" && event.stream === stream ? event.text : "")).join("");
    return { run, events, text, path };
  }

  it("runs TypeScript as it is: imports by their .js names, enums, arguments, threads", async () => {
    const { run, text } = start("main.ts", { args: ["a", "b"] });
    const summary = await run.summary;
    assert.equal(text("stdout"), "4 3 m a,b\n", text("stderr"));
    assert.deepEqual([summary.started, summary.joined, summary.panicked, summary.killed], [1, 1, 0, 0]);
  });

  it("tells where a thread panicked, in the positions of the source", async () => {
    const { run, events, path } = start("panic.ts");
    const summary = await run.summary;
    const panic = events.find((event) => event.kind === "panic");
    assert.deepEqual(
      { ...panic, id: 0, time: 0 },
      {
        kind: "panic",
        id: 0,
        name: "worker",
        parent: 0,
        spawnedAt: { file: path, line: 5, column: 52 },
        time: 0,
        message: "Oopsundefined",
        position: { file: path, line: 7, column: 9 },
      },
    );
    assert.deepEqual([summary.panicked, summary.exitCode], [1, 0]);
  });

  it("tells what threads wait for, for whom, and where, if it is asked to", async () => {
    const { run, events, path } = start("waits.ts", { activity: true });
    await run.summary;
    const named = new Map(events.flatMap((event) => (event.kind === "thread" ? [[event.id, event.name]] : [])));
    const waits = events.filter((event) => event.kind === "wait").sort((a, b) => a.time - b.time);
    const nameOf = (id: number | undefined) => (id === undefined ? "nobody" : (named.get(id) ?? "main"));
    assert.deepEqual(
      waits.slice(0, 2).map(({ id, what, of, at }) => [nameOf(id), what, nameOf(of), at?.line]),
      [
        ["main", "message", "nobody", 10],
        ["second", "Mutex", "main", 8],
      ],
    );
    assert.ok(waits.every(({ at }) => at?.file === path));
    for (const { id, wait, time } of waits) {
      const resumed = events.find((event) => event.kind === "resumed" && event.id === id && event.wait === wait);
      assert.ok(resumed?.kind === "resumed" && resumed.time > time, "each has an end");
    }
    const silent = start("waits.ts");
    await silent.run.summary;
    assert.ok(!silent.events.some(({ kind }) => kind === "wait" || kind === "closure"), "nobody asked");
  });

  it("runs `using` on every Node, in JavaScript too", async () => {
    const { run, text } = start("using.js");
    await run.summary;
    assert.equal(text("stdout"), "2\n", text("stderr"));
  });

  it("runs CommonJS and JSX", async () => {
    const old = start("old.cts");
    await old.run.summary;
    assert.equal(old.text("stdout"), "string object\n", old.text("stderr"));
  });

  it("runs CommonJS that requires the library, and another file that does", async () => {
    const { run, text, events, path } = start("required.cts");
    const summary = await run.summary;
    assert.equal(summary.exitCode, 0, text("stderr"));
    assert.equal(text("stdout"), "string 4 true true\n");
    const panic = events.find((event) => event.kind === "panic");
    assert.deepEqual(panic?.position, { file: path, line: 7, column: 11 });
  });

  it("names the place of a syntax error", async () => {
    const { run, events, path } = start("broken.ts");
    assert.equal((await run.summary).exitCode, 1);
    const failure = events.find((event) => event.kind === "failure");
    assert.deepEqual(failure?.position, { file: path, line: 2, column: 9 });
    assert.match(failure?.message ?? "", /^Uncaught SyntaxError: Expression expected/);
  });

  it("names the place of an error that nobody caught", async () => {
    const { run, events, path } = start("uncaught.ts");
    assert.equal((await run.summary).exitCode, 1);
    const failure = events.find((event) => event.kind === "failure");
    assert.equal(failure?.message, "Uncaught TypeError: no 1");
    assert.deepEqual(failure?.position, { file: path, line: 3, column: 7 });
  });

  it("runs a text in place of a file, and texts in place of what it imports", async () => {
    const overlays = new Map([
      [join(workspace.folder, "helper.ts"), "export const area = (_: object): string => 'other';\n"],
    ]);
    const text = 'import { area } from "./helper.js";\nconsole.log(area({}) satisfies string);\n';
    const saved = start("main.ts", { text, overlays });
    await saved.run.summary;
    assert.equal(saved.text("stdout"), "other\n", saved.text("stderr"));
  });

  it("runs a text that has no file, with the library that comes along", async () => {
    const empty = join(workspace.folder, "empty");
    const text =
      'import { thread } from "fearless-threads";\nconsole.log((await thread.spawn(() => 7).join()).unwrap());\nthrow new Error("end");\n';
    const unsaved = start("Untitled-1.ts", { text, cwd: join(empty, "..") });
    await unsaved.run.summary;
    assert.equal(unsaved.text("stdout"), "7\n", unsaved.text("stderr"));
    const failure = unsaved.events.find((event) => event.kind === "failure");
    assert.deepEqual(failure?.position, { file: unsaved.path, line: 3, column: 7 });
    assert.ok(!unsaved.text("stderr").includes("fearless-threads-run-"), "no temporary path is shown");
  });

  it("is stopped, even in an endless loop, and leaves nothing running", async () => {
    const { run, events } = start("endless.ts");
    while (!events.some((event) => event.kind === "output")) await new Promise((resolve) => setTimeout(resolve, 20));
    run.cancel();
    const summary = await run.summary;
    assert.equal(summary.cancelled, true);
    assert.match(closingLine(summary), /— stopped in \d/);
  });

  it("says in one line what became of the threads", () => {
    const summary = {
      started: 4,
      joined: 3,
      panicked: 1,
      killed: 0,
      exitCode: 0,
      milliseconds: 120.4,
      cancelled: false,
    };
    assert.equal(
      closingLine(summary),
      "threads: 4 started, 3 joined, 1 panicked, 0 killed un-joined — exit 0 in 120 ms",
    );
  });

  it("on the command line: streams through, closes with the threads, exits as the program does", () => {
    const cli = join(root, "server/bin/fearless-threads.js");
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [cli, "run", ...args], { cwd: workspace.folder, encoding: "utf8" });
    const fine = run("main.ts", "--flag", "x");
    assert.equal(fine.status, 0, fine.stderr);
    assert.equal(fine.stdout, "4 3 m --flag,x\n");
    assert.match(fine.stderr, /^threads: 1 started, 1 joined, 0 panicked, 0 killed un-joined — exit 0 in \d+ ms$/m);
    assert.equal(run("uncaught.ts").status, 1);
    const missing = run("nowhere.ts");
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /there is no file nowhere\.ts/);
  });

  it("on the command line: Ctrl-C ends the program too", async () => {
    const cli = join(root, "server/bin/fearless-threads.js");
    const child = spawn(process.execPath, [cli, "run", "endless.ts"], { cwd: workspace.folder });
    await once(child.stdout, "data");
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    assert.equal(code, 128 + 15);
  });

  it("takes the module format from extension, package and text, in this order", () => {
    assert.ok(existsSync(join(workspace.folder, "package.json")));
    assert.equal(formatOf("/nowhere/a.mts", "require('x')"), "module");
    assert.equal(formatOf("/nowhere/a.cts", "import 'x'"), "commonjs");
    assert.equal(formatOf(join(workspace.folder, "a.ts"), "require('x')"), "module");
    assert.equal(formatOf("/nowhere/a.ts", "const x = require('x')"), "commonjs");
    assert.equal(formatOf("/nowhere/a.ts", "import x from 'x'; require('y')"), "module");
    assert.equal(formatOf("/nowhere/a.ts", "const x = await f(); module.exports"), "module");
    assert.equal(formatOf("/nowhere/a.ts", "console.log(1)"), "module");
  });

  it("sees `using` where it declares", () => {
    assert.ok(hasUsing("using a = f();"));
    assert.ok(hasUsing("for (await using a of b) {}"));
    assert.ok(!hasUsing("const using = 1; using + a;"));
  });
});
