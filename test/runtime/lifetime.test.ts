import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Workspace } from "./process.js";

/** A program that is bundled, with everything that needs a worker's code. */
const bundled = `
  import { Arc, Mutex, ThreadPool, move, mpsc, thread } from "fearless-threads";

  async function main() {
    const sum = Arc.new(new Mutex(40));
    const [tx, rx] = mpsc.channel<number>();
    const bytes = new Uint8Array([1, 2, 3]);
    const handle = thread.spawn(move(sum.clone(), tx, bytes), (sum, tx, bytes) => {
      using guard = sum.lockSync().unwrap();
      guard.value += 2;
      tx.send(bytes.length).unwrap();
    });
    (await handle.join()).unwrap();
    await using pool = new ThreadPool({ size: 1 });
    const squares = await pool.map([2, 3], (n) => n * n);
    console.log((await sum.lock()).unwrap().value, (await rx.recv()).unwrap(), squares.join());
    await thread.spawn(() => { throw new Error("boom"); }).join();
  }
  void main();
`;

/** Programs as users write them, each in a process of its own. */
describe("the process", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  let count = 0;
  const run = (text: string) => {
    const file = workspace.write(
      `program${count++}.mjs`,
      `import { thread, move, mpsc, Mutex, Arc, drop } from "fearless-threads";\n${text}`,
    );
    return workspace.node(file);
  };

  it("does not wait for a thread that nobody joins, even one that never ends", async () => {
    const ended = await run(`
      thread.spawn(() => { for (;;) {} });
      thread.spawn(() => new Promise(() => {}));
      thread.spawn(async () => {
        await new Promise((done) => setTimeout(done, 5000));
        console.log("too late");
      });
      console.log("main ends");`);
    assert.deepEqual(ended, { code: 0, stdout: "main ends\n", stderr: "" });
  });

  it("shows all that threads printed while it was blocked, whatever became of their workers", async () => {
    const ended = await run(`
      for (const what of ["left nothing", "changed a global"]) {
        thread.spawn(move(what), (what) => {
          if (what === "changed a global") globalThis.changed = true;
          for (let i = 0; i < 200; i++) console.log(what, i);
          console.error(what);
        }).joinSync().unwrap();
      }`);
    const lines = (what: string) => Array.from({ length: 200 }, (_, i) => `${what} ${i}\n`).join("");
    assert.equal(ended.code, 0);
    assert.equal(ended.stdout, lines("left nothing") + lines("changed a global"));
    assert.equal(ended.stderr, "left nothing\nchanged a global\n");
  });

  it("shows what threads of threads printed, also where each blocked for the next", async () => {
    const ended = await run(`
      const outer = thread.spawn(async () => {
        const { thread } = await import("fearless-threads");
        thread.spawn(() => {
          for (let i = 0; i < 50; i++) console.log(i);
        }).joinSync().unwrap();
      });
      outer.joinSync().unwrap();`);
    assert.deepEqual(ended, { code: 0, stdout: Array.from({ length: 50 }, (_, i) => `${i}\n`).join(""), stderr: "" });
  });

  it("waits for a thread that is joined, and shows what it printed before the join ends", async () => {
    const ended = await run(`
      const handle = thread.spawn(async () => {
        await new Promise((done) => setTimeout(done, 50));
        console.log("from the thread");
      });
      await handle.join();
      console.log("joined");`);
    assert.deepEqual(ended, { code: 0, stdout: "from the thread\njoined\n", stderr: "" });
  });

  it("waits for a thread detached with keepAlive, and not for one merely detached", async () => {
    const ended = await run(`
      thread.spawn(async () => {
        await new Promise((done) => setTimeout(done, 50));
        console.log("kept alive");
      }).detach({ keepAlive: true });
      thread.spawn(() => new Promise(() => {})).detach();`);
    assert.deepEqual(ended, { code: 0, stdout: "kept alive\n", stderr: "" });
  });

  it("waits for a thread detached with keepAlive in a thread, and in a thread of that, which have returned", async () => {
    for (const depth of [1, 2]) {
      const ended = await run(`
        const said = new Int32Array(new SharedArrayBuffer(8));
        (await thread.spawn(move(${depth}, said), async function start(depth, said) {
          const { thread, move } = await import("fearless-threads");
          if (depth > 1) return thread.spawn(move(depth - 1, said), start).detach();
          thread.spawn(move(said), async (said) => {
            const { thread } = await import("fearless-threads");
            while (Atomics.load(said, 1) === 0) await thread.sleep(1);
            await thread.sleep(100);
            console.log("slept");
          }).detach({ keepAlive: true });
          Atomics.store(said, 0, 1);
        }).join()).unwrap();
        while (Atomics.load(said, 0) === 0) await thread.sleep(1);
        await thread.sleep(50);
        console.log("main ends");
        Atomics.store(said, 1, 1);`);
      assert.deepEqual(ended, { code: 0, stdout: "main ends\nslept\n", stderr: "" });
    }
  });

  it("waits for no thread that a thread has merely detached", async () => {
    const ended = await run(`
      await thread.spawn(async () => {
        const { thread } = await import("fearless-threads");
        thread.spawn(() => { for (;;); }).detach();
      }).join();
      console.log("main ends");`);
    assert.deepEqual(ended, { code: 0, stdout: "main ends\n", stderr: "" });
  });

  it("ends by itself after threads were joined, though their workers are parked", async () => {
    const ended = await run(
      `
      for (let i = 0; i < 3; i++) (await thread.spawn(() => 1).join());
      await Promise.all([1, 2, 3].map((n) => thread.spawn(move(n), (n) => n).join()));
      const [tx, rx] = mpsc.channel();
      drop(tx);
      for await (const _ of rx);
      const lock = Arc.new(new Mutex(1));
      drop((await lock.lock()).unwrap());
      console.log("end");`.replace("i0 ?? 1", "1"),
    );
    assert.deepEqual(ended, { code: 0, stdout: "end\n", stderr: "" });
  });

  it("stays alive while it waits for a lock or a message", async () => {
    const ended = await run(`
      const lock = Arc.new(new Mutex(0));
      const held = new Int32Array(new SharedArrayBuffer(4));
      const [tx, rx] = mpsc.channel();
      thread.spawn(move(lock.clone(), tx, held), (lock, tx, held) => {
        const guard = lock.lockSync().unwrap();
        Atomics.store(held, 0, 1);
        Atomics.notify(held, 0);
        Atomics.wait(held, 0, 1, 100);
        guard.value = 5;
        guard[Symbol.dispose]();
        Atomics.wait(held, 0, 1, 100);
        tx.send("message");
      });
      Atomics.wait(held, 0, 0);
      console.log((await lock.lock()).unwrap().value);
      console.log((await rx.recv()).unwrap());`);
    assert.deepEqual(ended, { code: 0, stdout: "5\nmessage\n", stderr: "" });
  });

  it("ends with an error of the library that nobody caught in a few lines", async () => {
    const ended = await run(`
      const counter = new Mutex(0);
      const handle = thread.spawn(move(counter), () => {});
      counter.tryLock();`);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^UseAfterMoveError: this Mutex was moved to thread/m);
    assert.ok(ended.stderr.length < 3000, ended.stderr);
  });

  it("survives a panic, and prints it as Rust does", async () => {
    const ended = await run(`
      const handle = new thread.Builder().name("worker").spawn(() => {
        throw new Error("boom");
      }).unwrap();
      console.log((await handle.join()).ok);`);
    assert.deepEqual([ended.code, ended.stdout], [0, "false\n"]);
    assert.match(ended.stderr, /^thread 'worker' panicked at program\d+\.mjs:4:15: boom\n$/);
  });

  it("prints <unnamed> for a thread without a name, and nothing where a hook is set", async () => {
    const unnamed = await run(`await thread.spawn(() => { throw new Error("boom"); }).join();`);
    assert.match(unnamed.stderr, /^thread '<unnamed>' panicked at program\d+\.mjs:2:34: boom\n$/);
    const hooked = await run(`
      thread.setPanicHook((panic) => console.log("hook:", panic.threadName, panic.message));
      await thread.spawn(() => { throw new Error("boom"); }).join();`);
    assert.deepEqual(hooked, { code: 0, stdout: "hook: <unnamed> boom\n", stderr: "" });
  });

  it("ends with the panic where a result is unwrapped and nobody catches it", async () => {
    const ended = await run(`(await thread.spawn(() => { throw new Error("boom"); }).join()).unwrap();`);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /ThreadPanic|boom/);
  });

  it("lets a closure import files relative to the one it was written in, whatever the working folder is", async () => {
    workspace.write("sibling.mjs", "export const double = (n) => n * 2;");
    const ended = await run(`
      process.chdir("/");
      const handle = thread.spawn(async () => (await import("./sibling.mjs")).double(21));
      console.log((await handle.join()).unwrap());`);
    assert.deepEqual(ended, { code: 0, stdout: "42\n", stderr: "" });
  });

  it("starts no worker by importing the library", async () => {
    const ended = await run(`
      let workers = 0;
      process.on("worker", () => workers++);
      await thread.sleep(20);
      console.log(workers);`);
    assert.equal(ended.stdout, "0\n");
  });

  it("can be a CommonJS program too", async () => {
    const file = workspace.write(
      "common.cjs",
      `const { thread } = require("fearless-threads");
       const handle = thread.spawn(async () => require === undefined);
       handle.join().then((result) => console.log(result.ok, result.error.position.line));`,
    );
    const ended = await workspace.node(file);
    assert.equal(ended.stdout, "false 2\n");
  });

  for (const [what, name, options] of [
    ["an ES module", "program.mjs", { format: "esm" }],
    ["a CommonJS module", "program.cjs", { format: "cjs" }],
    ["a minified module", "program.mjs", { format: "esm", minify: true }],
  ] as const) {
    it(`can be bundled with the library into ${what}, which needs nothing beside it`, async () => {
      const alone = mkdtempSync(join(tmpdir(), "fearless-threads-bundle-"));
      try {
        workspace.write("bundled.ts", bundled);
        await workspace.esbuild("bundled.ts", { bundle: true, sourcemap: false, target: "node20", ...options });
        copyFileSync(join(workspace.folder, "out/bundled.js"), join(alone, name));
        const ended = await workspace.node(join(alone, name));
        assert.deepEqual([ended.code, ended.stdout], [0, "42 3 4,9\n"], ended.stderr);
        assert.match(ended.stderr, /^thread '<unnamed>' panicked at [^\n]*program\.[cm]js:\d+:\d+: boom\n$/);
      } finally {
        rmSync(alone, { recursive: true });
      }
    });
  }

  it("inherits no flag that would make a worker run another program", async () => {
    const text = `import { thread } from "fearless-threads"; console.log((await thread.spawn(() => 1).join()).unwrap());`;
    const ended = await workspace.node(text, ["--input-type=module", "-e"]);
    assert.deepEqual(ended, { code: 0, stdout: "1\n", stderr: "" });
  });
});
