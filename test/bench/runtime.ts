// What the runtime costs beside what it stands on: each line is measured in this run, on this machine.
// Run with: node --import tsx test/bench/runtime.ts
import { Worker } from "node:worker_threads";
import { drop, Mutex, move, mpsc, thread } from "fearless-threads";

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Median milliseconds of one call, over `times` calls after a warm-up. */
async function time(times: number, f: () => unknown): Promise<number> {
  for (let i = 0; i < Math.min(times, 20); i++) await f();
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await f();
    took.push(performance.now() - start);
  }
  return median(took);
}

function print(what: string, ours: number, raw: number, unit: string): void {
  console.log(
    `${what.padEnd(34)} ${ours.toFixed(4).padStart(10)} ${unit}   raw ${raw.toFixed(4).padStart(10)}   ratio ${(ours / raw).toFixed(2)}`,
  );
}

async function spawnCold(): Promise<void> {
  const raw = await time(7, async () => {
    const worker = new Worker("require('node:worker_threads').parentPort.postMessage(1)", { eval: true, execArgv: [] });
    await new Promise((done) => worker.once("message", done));
    await worker.terminate();
  });
  let bytes = 4 * 1024 * 1024;
  const ours = await time(7, async () => {
    bytes += 1024; // A stack size that no parked worker has.
    (
      await new thread.Builder()
        .stackSize(bytes)
        .spawn(() => 1)
        .unwrap()
        .join()
    ).unwrap();
  });
  print("spawn + join, first time", ours, raw, "ms");
}

async function spawnWarm(): Promise<void> {
  const echo =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m))";
  const worker = new Worker(echo, { eval: true, execArgv: [] });
  const raw = await time(2000, async () => {
    worker.postMessage(1);
    await new Promise((done) => worker.once("message", done));
  });
  await worker.terminate();
  const ours = await time(2000, async () => (await thread.spawn(() => 1).join()).unwrap());
  print("spawn + join, warm", ours, raw, "ms");
}

async function lock(): Promise<void> {
  const count = 1_000_000;
  const word = new Int32Array(new SharedArrayBuffer(8));
  const raw = await time(5, () => {
    for (let i = 0; i < count; i++) {
      while (Atomics.compareExchange(word, 0, 0, 1) !== 0) Atomics.wait(word, 0, 1);
      word[1] = (word[1] ?? 0) + 1;
      if (Atomics.exchange(word, 0, 0) === 2) Atomics.notify(word, 0, 1);
    }
  });
  const mutex = new Mutex(0);
  const ours = await time(5, () => {
    for (let i = 0; i < count; i++) {
      const guard = mutex.lockSync().unwrap();
      guard.value += 1;
      drop(guard);
    }
  });
  print("Mutex lock + add + drop", (ours / count) * 1e6, (raw / count) * 1e6, "ns");
}

async function channel(): Promise<void> {
  const count = 200_000;
  const send =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (n) => { for (let i = 0; i < n; i++) parentPort.postMessage(i) })";
  const worker = new Worker(send, { eval: true, execArgv: [] });
  const raw = await time(3, async () => {
    worker.postMessage(count);
    let got = 0;
    await new Promise<void>((done) => {
      worker.on("message", () => ++got === count && done());
    });
    worker.removeAllListeners("message");
  });
  await worker.terminate();
  const ours = await time(3, async () => {
    const [tx, rx] = mpsc.channel<number>();
    const producer = thread.spawn(move(tx, count), (tx, count) => {
      for (let i = 0; i < count; i++) tx.send(i);
    });
    for await (const _ of rx);
    (await producer.join()).unwrap();
  });
  print("channel, one int", (ours / count) * 1e6, (raw / count) * 1e6, "ns");
}

async function transfer(): Promise<void> {
  let bytes = new Uint8Array(64 * 1024 * 1024);
  const worker = new Worker(
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m, [m.buffer]))",
    { eval: true, execArgv: [] },
  );
  const raw = await time(30, async () => {
    worker.postMessage(bytes, [bytes.buffer]);
    bytes = await new Promise((done) => worker.once("message", done));
  });
  await worker.terminate();
  const ours = await time(30, async () => {
    bytes = (await thread.spawn(move(bytes), (bytes) => bytes).join()).unwrap();
  });
  print("64 MB there and back", ours, raw, "ms");
}

await spawnCold();
await spawnWarm();
await lock();
await channel();
await transfer();
