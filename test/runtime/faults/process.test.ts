import assert from "node:assert/strict";
import { Workspace } from "../process.js";

/** Programs whose ends are what is tested, each in a process of its own. */
describe("the process", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());
  let count = 0;
  const run = (text: string, flags: readonly string[] = []) => {
    const program = `import { thread, move, mpsc, Mutex, Arc, drop, ThreadPool } from "fearless-threads";\n${text}`;
    return workspace.node(workspace.write(`program${count++}.mjs`, program), flags);
  };

  it("ends with its own code while threads run, wait and hold locks", async () => {
    const ended = await run(`
      const lock = Arc.new(new Mutex(1));
      const [tx, rx] = mpsc.channel();
      thread.spawn(move(lock.clone(), tx), (lock, tx) => { const g = lock.lockSync(); tx.send(1); for (;;); });
      (await rx.recv()).unwrap();
      thread.spawn(move(lock.clone()), (lock) => lock.lockSync()).detach({ keepAlive: true });
      thread.spawn(move(rx), async (rx) => { for await (const _ of rx); }).join();
      process.exit(3);`);
    assert.deepEqual(ended, { code: 3, stdout: "", stderr: "" });
  });

  it("ends with an error of the main thread, as it would without threads", async () => {
    const ended = await run(`
      const handle = thread.spawn(() => { for (;;); });
      handle.join();
      throw new Error("in the main thread");`);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /Error: in the main thread/);
  });

  it("ends after a thread that was joined panicked in a way that nobody looked at", async () => {
    const ended = await run(`
      await thread.spawn(() => { process.exit(9); }).join();
      await thread.spawn(() => { throw null; }).join();
      console.log("still here");`);
    assert.deepEqual([ended.code, ended.stdout], [0, "still here\n"]);
    assert.match(ended.stderr, /panicked at program\d+\.mjs:\d+:\d+: called process\.exit\(9\)/);
    assert.match(ended.stderr, /panicked at program\d+\.mjs:\d+:\d+: threw null/);
  });

  const broken: Readonly<Record<string, string>> = {
    throws: 'throw new Error("cannot load")',
    exits: "process.exit(5)",
    "waits for ever": "await new Promise(() => {})",
  };
  for (const [what, statement] of Object.entries(broken)) {
    it(`settles joins where every worker ${what} while it loads`, async () => {
      const preload = workspace.write(
        `preload${count++}.mjs`,
        `import { isMainThread } from "node:worker_threads";\nif (!isMainThread) ${statement};`,
      );
      const ended = await run(
        `thread.setPanicHook(() => {});
         const [tx, rx] = mpsc.channel();
         const results = await Promise.all([
           thread.spawn(move(tx), () => 1).join(),
           new ThreadPool({ size: 1 }).spawn(() => 1).join(),
           rx.recv(),
         ]);
         console.log(results.map((result) => result.ok).join());`,
        ["--import", preload],
      );
      assert.deepEqual(ended, { code: 0, stdout: "false,false,false\n", stderr: "" });
    });
  }

  it("settles a join that blocks where the worker does not load, in ten seconds", async () => {
    const preload = workspace.write(
      "silent.mjs",
      'import { isMainThread } from "node:worker_threads";\nif (!isMainThread) process.exit();',
    );
    const ended = await run(
      `thread.setPanicHook(() => {});
       const result = thread.spawn(() => 1).joinSync();
       console.log(result.error.kind, result.error.message);`,
      ["--import", preload],
    );
    assert.match(ended.stdout, /^terminated its worker did not load: .*--import/);
    assert.equal(ended.code, 0);
  }).timeout(90_000);

  it("can end a worker that never loads", async () => {
    const preload = workspace.write(
      "loops.mjs",
      'import { isMainThread } from "node:worker_threads";\nif (!isMainThread) for (;;);',
    );
    const ended = await run(
      `thread.setPanicHook(() => {});
       const [tx, rx] = mpsc.channel();
       const handle = thread.spawn(move(tx), () => 1);
       setTimeout(() => handle.terminate(), 50);
       console.log((await handle.join()).error.kind, (await rx.recv()).ok);
       thread.spawn(() => 1);`,
      ["--import", preload],
    );
    assert.deepEqual(ended, { code: 0, stdout: "terminated false\n", stderr: "" });
  });

  it("lets threads that a thread started go on after that thread has returned", async () => {
    const ended = await run(`
      const [tx, rx] = mpsc.channel();
      const outer = thread.spawn(move(tx), async (tx) => {
        const { thread, move } = await import("fearless-threads");
        thread.spawn(move(tx), async (tx) => {
          for (let i = 0; i < 5; i++) {
            await new Promise((done) => setTimeout(done, 20));
            tx.send(i).unwrap();
          }
        });
        return "returned";
      });
      console.log((await outer.join()).unwrap());
      for await (const i of rx) console.log(i);
      console.log("over");`);
    assert.deepEqual(ended, { code: 0, stdout: "returned\n0\n1\n2\n3\n4\nover\n", stderr: "" });
  });
});
