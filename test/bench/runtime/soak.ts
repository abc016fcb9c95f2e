// Threads for as long as you like, and what stays behind: memory, handles and workers must stay flat. Node itself keeps
// something for each worker that a killed worker had started, so the same is done with Node's own workers, in a process
// of its own, round by round: what stays behind there is no leak of the library.
// Run with: node --expose-gc --import tsx test/bench/runtime/soak.ts [cycles] [minutes] [load…]
import { fork } from "node:child_process";
import { once } from "node:events";
import { Arc, atomic, drop, Mutex, move, mpsc, Semaphore, ThreadPanic, ThreadPool, thread } from "fearless-threads";
import { type Memory, memory } from "./soakMemory.js";

const [cycles = 10_000, minutes = 0] = process.argv.slice(2, 4).map(Number);
const only = process.argv.slice(4);
thread.setPanicHook(() => {});
let workers = 0;
process.on("worker", (worker) => {
  workers++;
  worker.once("exit", () => workers--);
});

/** Each is a few threads' work, and leaves nothing behind. */
const loads: readonly (() => Promise<void>)[] = [
  async function spawnAndJoin() {
    for (let i = 0; i < 50; i++) await thread.spawn(move(i), (i) => i + 1).join();
  },
  async function panic() {
    const handle = thread.spawn(() => {
      throw new TypeError("soak");
    });
    const result = await handle.join();
    if (result.ok || !(result.error instanceof ThreadPanic)) throw new Error("a panic was lost");
  },
  async function detach() {
    thread.spawn(() => 1).detach({ keepAlive: true });
  },
  async function terminate() {
    const handle = thread.spawn(() => {
      for (;;);
    });
    handle.terminate();
    await handle.join();
  },
  async function terminateWithChildren() {
    const lock = Arc.new(new Mutex(0));
    const permits = Arc.new(new Semaphore(1));
    const [tx, rx] = mpsc.channel<number>();
    const outer = thread.spawn(move(lock.clone(), permits.clone(), tx), async (lock, permits, tx) => {
      const { thread, move } = await import("fearless-threads");
      const inner = thread.spawn(move(lock, permits, tx), (lock, permits, tx) => {
        const held = [lock.lockSync(), permits.acquireSync()];
        tx.send(1).unwrap();
        for (;;) if (held.length === 0) return;
      });
      await inner.join();
    });
    await rx.recv();
    outer.terminate();
    await outer.join();
    if ((await rx.recv()).ok || (await lock.lock()).ok) throw new Error("a thread held something after its end");
    drop(await permits.acquire());
    if (lock.strongCount() !== 1) throw new Error("a dead thread owns something");
  },
  async function questions() {
    type Question = { readonly n: number; readonly reply: mpsc.Sender<number> };
    const [tx, rx] = mpsc.channel<Question>();
    const server = thread.spawn(move(rx), async (rx) => {
      for await (const { n, reply } of rx) {
        reply.send(n * n);
        reply[Symbol.dispose]();
      }
    });
    for (let n = 0; n < 50; n++) {
      const [reply, answer] = mpsc.channel<number>();
      tx.send({ n, reply }).unwrap();
      if ((await answer.recv()).unwrap() !== n * n) throw new Error("a wrong answer");
      drop(answer);
    }
    drop(tx);
    (await server.join()).unwrap();
  },
  async function exit() {
    await thread.spawn(() => process.exit(3)).join();
  },
  async function dirty() {
    await thread.spawn(() => void setInterval(() => {}, 1000)).join();
  },
  async function lock() {
    const lock = Arc.new(new Mutex(0));
    const add = async (lock: Arc<Mutex<number>>) => {
      for (let i = 0; i < 100; i++) {
        const guard = (await lock.lock()).unwrap();
        guard.value += 1;
        guard[Symbol.dispose]();
      }
    };
    const handles = [thread.spawn(move(lock.clone()), add), thread.spawn(move(lock.clone()), add)];
    for (const handle of handles) (await handle.join()).unwrap();
    const guard = lock.lockSync().unwrap();
    if (guard.value !== 200) throw new Error(`200 additions made ${guard.value}`);
    drop(guard);
  },
  async function channel() {
    const [tx, rx] = mpsc.channel<object>();
    const producer = thread.spawn(move(tx), (tx) => {
      for (let i = 0; i < 500; i++) tx.send({ i, text: "x".repeat(i) }).unwrap();
    });
    let count = 0;
    for await (const _ of rx) count++;
    (await producer.join()).unwrap();
    if (count !== 500) throw new Error(`of 500 messages, ${count} arrived`);
  },
  async function pool() {
    await using pool = new ThreadPool({ size: 2 });
    const squares = await pool.map(
      Array.from({ length: 200 }, (_, i) => i),
      (n) => n * n,
    );
    if (squares[199] !== 199 * 199) throw new Error("a pool lost order");
  },
  async function poolWithPanics() {
    const done = Arc.new(new atomic.AtomicI32(0));
    const pool = new ThreadPool({ size: 2 });
    const handles = Array.from({ length: 20 }, (_, i) =>
      pool.spawn(move(i, done.clone()), (i, done) => {
        done.fetchAdd(1);
        if (i % 5 === 0) throw new Error("soak");
      }),
    );
    for (const handle of handles) await handle.join();
    await pool.join();
    if (done.load() !== 20) throw new Error(`of 20 tasks, ${done.load()} ran`);
  },
  async function buffers() {
    const bytes = (await thread.spawn(move(new Uint8Array(1 << 20)), (bytes) => bytes.fill(1)).join()).unwrap();
    if (bytes[bytes.length - 1] !== 1) throw new Error("a buffer came back as it went");
  },
];

/** The rounds of loads that kill workers, with Node's own workers. */
const raw = fork(new URL("soakRaw.ts", import.meta.url));
raw.on("exit", (code) => {
  throw new Error(`the process with Node's own workers ended with ${code}`);
});
process.on("exit", () => raw.kill());

async function askRaw(what: "round" | "memory"): Promise<unknown> {
  raw.send(what);
  const [answer] = await once(raw, "message");
  return answer;
}

interface State {
  readonly ours: Memory;
  readonly raws: Memory;
}

/** What is there. */
async function report(what: string): Promise<State> {
  const [ours, raws] = [await memory(), (await askRaw("memory")) as Memory];
  const mib = (bytes: number) => Math.round((bytes / 1024 / 1024) * 10) / 10;
  const brief = ({ heapUsed, external, rss }: Memory) => ({
    heap: mib(heapUsed),
    external: mib(external),
    rss: mib(rss),
  });
  const handles = process
    .getActiveResourcesInfo()
    .filter((kind) => !/TTYWrap|PipeWrap|ProcessWrap|Immediate/.test(kind));
  console.log(what.padEnd(36), JSON.stringify({ ...brief(ours), handles: handles.length, workers, raw: brief(raws) }));
  return { ours, raws };
}

await report("at the start");
for (let done = 0, part = Math.ceil(cycles / 10); done < cycles; done += part) {
  for (let i = 0; i < part; i++) (await thread.spawn(() => 1).join()).unwrap();
  await report(`after ${done + part} cycles`);
}
const start = performance.now();
const end = start + minutes * 60_000;
/** What was there after half of the time: for long V8 compiles ever more. */
let warm: { readonly rounds: number; readonly state: State } | undefined;
let rounds = 0;
for (let next = 0; performance.now() < end; ) {
  for (const load of loads) if (only.length === 0 || only.includes(load.name)) await load();
  await askRaw("round");
  rounds++;
  if (performance.now() < next) continue;
  next = performance.now() + Math.max(2000, minutes * 3000);
  const state = await report(`after ${rounds} rounds of mixed load`);
  if (performance.now() - start > minutes * 30_000) warm ??= { rounds, state };
}
const last = await report("at the end");
if (warm !== undefined && rounds > warm.rounds) {
  const { state, rounds: before } = warm;
  const perRound = (later: Memory, earlier: Memory) =>
    Math.round((later.heapUsed - earlier.heapUsed) / (rounds - before));
  console.log(
    `the heap grew by ${perRound(last.ours, state.ours)} bytes a round over the last ${rounds - before}, ` +
      `that of Node's own workers by ${perRound(last.raws, state.raws)}`,
  );
}
process.exit();
