import assert from "node:assert/strict";
import { thread } from "fearless-threads";
import { Workspace } from "./process.js";

/** What a program holds after so many rounds of everything that threads do. */
interface State {
  readonly heap: number;
  readonly external: number;
  readonly handles: readonly string[];
  readonly workers: number;
}

const program = `
import { Arc, Mutex, move, mpsc, thread, ThreadPool } from "fearless-threads";

thread.setPanicHook(() => {});
let workers = 0;
process.on("worker", (worker) => {
  workers++;
  worker.once("exit", () => workers--);
});

async function round() {
  for (let i = 0; i < 300; i++) (await thread.spawn(move(i), (i) => i).join()).unwrap();
  for (let i = 0; i < 20; i++) thread.spawn(() => 1).joinSync();
  for (let i = 0; i < 20; i++) await thread.spawn(() => { throw new Error("leak"); }).join();
  for (let i = 0; i < 20; i++) thread.spawn(() => 1).detach({ keepAlive: true });
  const endless = thread.spawn(() => { for (;;); });
  endless.terminate();
  await endless.join();
  await thread.spawn(() => process.exit(1)).join();
  for (let i = 0; i < 10; i++) {
    const pool = new ThreadPool({ size: 2 });
    await pool.map(Array.from({ length: 30 }, (_, i) => i), (n) => n + 1);
    await pool.join();
    const [tx, rx] = mpsc.channel();
    const sender = thread.spawn(move(tx, new ArrayBuffer(1 << 20)), (tx, buffer) => { tx.send({ buffer }).unwrap(); });
    for await (const { buffer } of rx) if (buffer.byteLength !== 1 << 20) throw new Error("a buffer was lost");
    (await sender.join()).unwrap();
    const lock = Arc.new(new Mutex({ n: 0 }));
    (await thread.spawn(move(lock.clone()), (lock) => { lock.lockSync().unwrap()[Symbol.dispose](); }).join()).unwrap();
  }
}

async function state() {
  for (let i = 0; i < 4; i++) {
    await new Promise((done) => setTimeout(done, 30));
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external, handles: process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap"), workers };
}

for (let i = 0; i < 3; i++) await round();
const before = await state();
for (let i = 0; i < 6; i++) await round();
console.log(JSON.stringify([before, await state()]));
`;

describe("nothing leaks", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("from thousands of threads, panics, pools, channels and locks; and the program ends by itself", async () => {
    const ended = await workspace.node(workspace.write("leaks.mjs", program), ["--expose-gc"]);
    assert.equal(ended.code, 0, ended.stderr);
    const [before, later] = JSON.parse(ended.stdout) as [State, State];
    const grown = (later.heap + later.external - before.heap - before.external) / 1024 / 1024;
    assert.ok(grown < 2, `the heap grew by ${grown.toFixed(1)} MiB`);
    assert.deepEqual(later.handles, []);
    // As many are parked as ran at once, which is a matter of time: 20 that are detached, and what follows them.
    assert.ok(later.workers <= 24, `${later.workers} workers, ${before.workers} before`);
  }).timeout(60_000);

  it("ends workers that nobody needs, and keeps a bounded number of them", async () => {
    const ended = await workspace.node(
      workspace.write(
        "parked.mjs",
        `import { move, thread } from "fearless-threads";
         let workers = 0;
         process.on("worker", (worker) => {
           workers++;
           worker.once("exit", () => workers--);
         });
         const gate = new Int32Array(new SharedArrayBuffer(4));
         const bound = Math.max(64, 2 * thread.availableParallelism());
         const handles = Array.from({ length: bound + 4 }, () => thread.spawn(move(gate), (gate) => { Atomics.wait(gate, 0, 0); }));
         Atomics.store(gate, 0, 1);
         Atomics.notify(gate, 0);
         for (const handle of handles) (await handle.join()).unwrap();
         await new Promise((done) => setTimeout(done, 500));
         const parked = workers <= bound;
         await new Promise((done) => setTimeout(done, 21_000));
         console.log(parked, workers);`,
      ),
    );
    assert.deepEqual(ended, { code: 0, stdout: "true 0\n", stderr: "" });
  }).timeout(60_000);

  it("starts 40 threads at once, again and again, in the same workers", async () => {
    const ended = await workspace.node(
      workspace.write(
        "bursts.mjs",
        `import { move, thread } from "fearless-threads";
         let started = 0;
         process.on("worker", () => started++);
         for (let burst = 0; burst < 4; burst++) {
           const gate = new Int32Array(new SharedArrayBuffer(4));
           const handles = Array.from({ length: 40 }, () => thread.spawn(move(gate), (gate) => { Atomics.wait(gate, 0, 0); }));
           Atomics.store(gate, 0, 1);
           Atomics.notify(gate, 0);
           for (const handle of handles) (await handle.join()).unwrap();
         }
         console.log(started);`,
      ),
    );
    assert.deepEqual(ended, { code: 0, stdout: "40\n", stderr: "" });
  }).timeout(60_000);

  it("settles 70,000 joins in flight", async () => {
    const handle = thread.spawn(() => new Promise<string>((done) => setTimeout(done, 50, "done")));
    const results = await Promise.all(Array.from({ length: 70_000 }, () => handle.join()));
    assert.ok(results.every((result) => result.unwrap() === "done"));
  });

  it("settles 70,000 threads of a pool that are joined at once", async () => {
    const ended = await workspace.node(
      workspace.write(
        "joins.mjs",
        `import { move, ThreadPool } from "fearless-threads";
         const pool = new ThreadPool({ size: 2 });
         const handles = Array.from({ length: 70_000 }, (_, i) => pool.spawn(move(i), (i) => i));
         const results = await Promise.all(handles.map((handle) => handle.join()));
         console.log(results.every((result, i) => result.unwrap() === i));`,
      ),
    );
    assert.deepEqual(ended, { code: 0, stdout: "true\n", stderr: "" });
  }).timeout(60_000);
});
