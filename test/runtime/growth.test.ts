import assert from "node:assert/strict";
import { Workspace } from "./process.js";

const rounds = 50;

/** Each leaves nothing behind, in the main thread as in one that lives long. */
const module = `
import { setFlagsFromString, getHeapSnapshot } from "node:v8";
import { runInNewContext } from "node:vm";
import { Arc, Barrier, Condvar, drop, Mutex, move, mpsc, OnceLock, RwLock, Semaphore, thread, ThreadPool } from "fearless-threads";

thread.setPanicHook(() => {});
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
const lasting = new AbortController();

const loads = {
  async "a receiver that is read to its end"() {
    const [tx, rx] = mpsc.channel();
    const sender = thread.spawn(move(tx), (tx) => {
      tx.send({ bytes: new Uint8Array(8) }).unwrap();
      for (let i = 0; i < 5; i++) tx.send(i).unwrap();
    });
    for await (const _ of rx);
    await sender.join();
  },
  async "a receiver that blocks until its end"() {
    const [tx, rx] = mpsc.channel();
    const sender = thread.spawn(move(tx), (tx) => void tx.send({ bytes: new Uint8Array(8) }).unwrap());
    while (rx.recvSync().ok);
    sender.joinSync();
  },
  async "a channel within a thread"() {
    const [tx, rx] = mpsc.syncChannel(2);
    await tx.send({ n: 1 });
    drop(tx);
    while (rx.tryRecv().ok);
  },
  async "handles that a thread sends to a receiver that is never dropped"() {
    const [tx, rx] = mpsc.channel();
    const sender = thread.spawn(move(tx), async (tx) => {
      const { mpsc, drop } = await import("fearless-threads");
      const [one, other] = mpsc.channel();
      tx.send(one).unwrap();
      drop(other);
    });
    for await (const one of rx) drop(one);
    await sender.join();
  },
  async "two receivers that are read to their end"() {
    const [tx, rx] = mpsc.channel();
    const other = thread.spawn(move(rx.clone()), async (rx) => { for await (const _ of rx); });
    for (let i = 0; i < 4; i++) tx.send({ bytes: new Uint8Array(i) }).unwrap();
    drop(tx);
    for await (const _ of rx);
    await other.join();
  },
  async "a Semaphore that is forgotten"() {
    const permits = new Semaphore(1);
    await thread.spawn(move(permits), async (permits) => { (await permits.acquire())[Symbol.dispose](); }).join();
  },
  async "a shared Semaphore"() {
    const permits = Arc.new(new Semaphore(1));
    const other = thread.spawn(move(permits.clone()), async (permits) => { (await permits.acquire())[Symbol.dispose](); });
    drop(await permits.acquire());
    await other.join();
    drop(permits);
  },
  async "a shared RwLock"() {
    const lock = Arc.new(new RwLock({ n: 0 }));
    const other = thread.spawn(move(lock.clone()), (lock) => {
      lock.readSync().unwrap()[Symbol.dispose]();
      lock.writeSync().unwrap()[Symbol.dispose]();
    });
    drop((await lock.write()).unwrap());
    drop((await lock.read()).unwrap());
    await other.join();
    drop(lock);
  },
  async "a Semaphore that comes back"() {
    const permits = (await thread.spawn(move(new Semaphore(1)), (permits) => permits).join()).unwrap();
    drop(await permits.acquire());
  },
  async "a shared Mutex and a Condvar"() {
    const ready = Arc.new(new Mutex(false));
    const changed = Arc.new(new Condvar());
    const other = thread.spawn(move(ready.clone(), changed.clone()), (ready, changed) => {
      const guard = ready.lockSync().unwrap();
      guard.value = true;
      changed.notifyOne();
      guard[Symbol.dispose]();
    });
    drop((await changed.waitWhile((await ready.lock()).unwrap(), (is) => !is)).unwrap());
    await other.join();
    drop(ready);
    drop(changed);
  },
  async "a Barrier and a OnceLock"() {
    const barrier = Arc.new(new Barrier(2));
    const value = Arc.new(new OnceLock());
    const other = thread.spawn(move(barrier.clone(), value.clone()), (barrier, value) => {
      value.getOrInitSync(() => ({ n: 1 }));
      barrier.waitSync();
    });
    await barrier.wait();
    await value.wait();
    await other.join();
    drop(barrier);
    drop(value);
  },
  async "waits with a signal that lasts"() {
    const { signal } = lasting;
    const lock = new Mutex(0);
    const guard = (await lock.lock()).unwrap();
    const waiting = lock.lock({ signal });
    drop(guard);
    drop((await waiting).unwrap());
    await thread.spawn(move(signal), (signal) => signal.addEventListener("abort", () => {})).join();
    await new thread.Builder().signal(signal).spawn(() => 1).unwrap().join();
  },
  async "a wait that is aborted"() {
    const lock = new Mutex(0);
    const guard = (await lock.lock()).unwrap();
    await lock.lock({ signal: AbortSignal.abort() }).catch(() => {});
    const controller = new AbortController();
    const waiting = lock.lock({ signal: controller.signal }).catch(() => {});
    controller.abort();
    await waiting;
    drop(guard);
  },
  async "a pool"() {
    const pool = new ThreadPool({ size: 2 });
    await pool.map([1, 2, 3].map((n) => new Uint8Array(n)), (bytes) => bytes.fill(1));
    await pool.join();
  },
  async "a panic and a scope"() {
    await thread.spawn(() => { throw new Error("growth"); }).join();
    await thread.scope((s) => void s.spawn(() => 1));
  },
};

/** How many objects there are of each kind. */
async function count() {
  for (let i = 0; i < 4; i++) {
    await new Promise((done) => setTimeout(done, 20));
    gc();
  }
  let text = "";
  for await (const part of getHeapSnapshot()) text += part;
  const { snapshot: { meta }, nodes, strings } = JSON.parse(text);
  const counts = new Map();
  const [type, name] = ["type", "name"].map((field) => meta.node_fields.indexOf(field));
  for (let at = 0; at < nodes.length; at += meta.node_fields.length) {
    const kind = meta.node_types[0][nodes[at + type]];
    if (kind !== "object" && kind !== "closure") continue;
    const what = kind + " " + strings[nodes[at + name]];
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

async function round() {
  for (const load of Object.values(loads)) await load();
}

/** Of which kinds there are many more objects after so many rounds. */
export async function growthOver(rounds) {
  for (let i = 0; i < 20; i++) await round();
  const before = await count();
  for (let i = 0; i < rounds; i++) await round();
  const grown = {};
  for (const [what, now] of await count()) {
    const more = now - (before.get(what) ?? 0);
    if (more >= rounds / 2) grown[what] = more;
  }
  return grown;
}
`;

const program = `
import { move, thread } from "fearless-threads";
import { growthOver } from "./growth.mjs";
const url = new URL("./growth.mjs", import.meta.url).href;
const main = await growthOver(${rounds});
const inThread = thread.spawn(move(url), async (url) => (await import(url)).growthOver(${rounds}));
console.log(JSON.stringify({ main, thread: (await inThread.join()).unwrap() }));
process.exit();
`;

describe("no kind of object grows in number", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("while threads do the same again and again: neither in the main thread nor in one that lives long", async () => {
    workspace.write("growth.mjs", module);
    const ended = await workspace.node(workspace.write("all.mjs", program));
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(JSON.parse(ended.stdout), { main: {}, thread: {} });
  }).timeout(90_000);
});
