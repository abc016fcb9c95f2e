import assert from "node:assert/strict";
import { Arc, drop, Mutex, move, mpsc, OnceLock, PoisonError, RwLock, Semaphore, thread } from "fearless-threads";
import { moveUnchecked } from "../unchecked.js";

/** Says that it has come so far, and goes on for ever. */
const stay = (ready: Int32Array, ...held: unknown[]): void => {
  Atomics.store(ready, 0, 1);
  Atomics.notify(ready, 0);
  for (;;) if (held.length < 0) return;
};

const flag = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

async function isUp(ready: Int32Array): Promise<void> {
  while (Atomics.load(ready, 0) === 0) await thread.sleep(1);
}

describe("what a thread held when it was terminated", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("is a Mutex that is poisoned, not stuck: for one who waits, blocks, and comes later", async () => {
    const lock = Arc.new(new Mutex(1));
    const ready = flag();
    const holder = thread.spawn(move(lock.clone(), ready), (lock, ready) => {
      using guard = lock.lockSync().unwrap();
      guard.value = 2;
      Atomics.store(ready, 0, 1);
      for (;;) if (guard.value < 0) return;
    });
    await isUp(ready);
    const blocks = thread.spawn(move(lock.clone()), (lock) =>
      lock.lockSync().match({ ok: () => "", err: (e) => e.name }),
    );
    const waits = lock.lock();
    await thread.sleep(5);
    holder.terminate();
    const waited = await waits;
    assert.ok(!waited.ok && waited.error instanceof PoisonError);
    assert.equal((await blocks.join()).unwrap(), "PoisonError");
    assert.equal(lock.tryLock().ok, false);
    const result = await holder.join();
    assert.ok(!result.ok && result.error.kind === "terminated");
    lock.clearPoison();
    assert.equal(lock.lockSync().ok, true);
  });

  it("is seen while the parent itself blocks", async () => {
    const lock = Arc.new(new Mutex(1));
    const ready = flag();
    const holder = thread.spawn(move(lock.clone(), ready), (lock, ready) => {
      const guard = lock.lockSync().unwrap();
      Atomics.store(ready, 0, 1);
      for (;;) if (guard.value < 0) return;
    });
    await isUp(ready);
    holder.terminate();
    assert.equal(lock.lockSync().ok, false);
    assert.equal(holder.joinSync().ok, false);
  });

  it("is an RwLock, a Semaphore's permit and a OnceLock that others get", async () => {
    const rw = Arc.new(new RwLock(1));
    const permits = Arc.new(new Semaphore(1));
    const cell = Arc.new(new OnceLock<number>());
    const ready = flag();
    const holder = thread.spawn(
      move(rw.clone(), permits.clone(), cell.clone(), ready),
      async (rw, permits, cell, ready) => {
        const guard = rw.writeSync().unwrap();
        const permit = permits.acquireSync();
        cell.getOrInitSync(() => {
          Atomics.store(ready, 0, 1);
          for (;;) if (guard.value < 0 || permit === undefined) return 1;
        });
      },
    );
    await isUp(ready);
    holder.terminate();
    assert.equal((await rw.read()).ok, false);
    drop(await permits.acquire());
    assert.equal(
      cell.getOrInitSync(() => 7),
      7,
    );
    await holder.join();
  });

  it("is a sender: whoever receives is told, waiting or blocking", async () => {
    for (const receive of ["recv", "recvSync"] as const) {
      const [tx, rx] = mpsc.channel<number>();
      const ready = flag();
      const holder = thread.spawn(move(ready, tx), stay);
      await isUp(ready);
      holder.terminate();
      assert.equal((await rx[receive]()).ok, false, receive);
    }
  });

  it("is a receiver: whoever sends is told", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(1);
    const ready = flag();
    const holder = thread.spawn(move(ready, rx), stay);
    await isUp(ready);
    tx.sendSync(1).unwrap();
    const waits = tx.send(2);
    holder.terminate();
    assert.equal((await waits).ok, false);
    await holder.join();
  });

  it("is a lock that a thread held which it had started, and which dies with it", async () => {
    const lock = Arc.new(new Mutex(1));
    const ready = flag();
    const outer = thread.spawn(move(lock.clone(), ready), async (lock, ready) => {
      const { thread, move } = await import("fearless-threads");
      const inner = thread.spawn(move(lock, ready), (lock, ready) => {
        const guard = lock.lockSync().unwrap();
        Atomics.store(ready, 0, 1);
        for (;;) if (guard.value < 0) return;
      });
      await inner.join();
    });
    await isUp(ready);
    outer.terminate();
    assert.equal((await outer.join()).ok, false);
    const taken = lock.tryLock();
    assert.ok(!taken.ok && taken.error instanceof PoisonError);
    assert.equal(lock.strongCount(), 1);
  });

  it("is seen of such a thread while the one who is left blocks", async () => {
    const lock = Arc.new(new Mutex(1));
    const [tx, rx] = mpsc.channel<number>();
    const ready = flag();
    const outer = thread.spawn(move(lock.clone(), tx, ready), async (lock, tx, ready) => {
      const { thread, move } = await import("fearless-threads");
      const inner = thread.spawn(move(lock, tx, ready), (lock, tx, ready) => {
        const guard = lock.lockSync().unwrap();
        const other = tx.clone();
        Atomics.store(ready, 0, 1);
        for (;;) if (guard.value < 0) return drop(other);
      });
      await inner.join();
    });
    await isUp(ready);
    outer.terminate();
    assert.equal(rx.recvSync().ok, false);
    assert.equal(lock.lockSync().ok, false);
    assert.equal(outer.joinSync().ok, false);
  });

  it("is what came in a message, and what it made itself, as well", async () => {
    const [tx, rx] = mpsc.channel<Arc<Mutex<number>>>();
    const [back, come] = mpsc.channel<Arc<Mutex<number>>>();
    const given = Arc.new(new Mutex(1));
    const holder = thread.spawn(move(rx, back), async (rx, back) => {
      const { Arc, Mutex } = await import("fearless-threads");
      const made = Arc.new(new Mutex(2));
      const held = [rx.recvSync().unwrap().lockSync(), made.lockSync()];
      back.send(made.clone()).unwrap();
      for (;;) if (held.length === 0) return;
    });
    tx.send(given.clone()).unwrap();
    const made = (await come.recv()).unwrap();
    holder.terminate();
    for (const lock of [given, made]) {
      const taken = await lock.lock();
      assert.ok(!taken.ok && taken.error instanceof PoisonError);
    }
    assert.deepEqual([given.strongCount(), made.strongCount()], [1, 1]);
    assert.equal((await come.recv()).ok, false);
  });

  it("is a sender that it had cloned", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const ready = flag();
    const holder = thread.spawn(move(ready, tx), (ready, tx) => {
      const senders = [tx.clone(), tx.clone()];
      Atomics.store(ready, 0, 1);
      for (;;) if (senders.length === 0) return;
    });
    await isUp(ready);
    holder.terminate();
    assert.equal((await rx.recv()).ok, false);
  });

  it("is not what a thread holds that lives, in a worker that came after one that exited", async () => {
    assert.equal((await thread.spawn(() => process.exit(3)).join()).ok, false);
    const [tx, rx] = mpsc.channel<number>();
    const lives = thread.spawn(move(tx), async (tx) => {
      const { thread } = await import("fearless-threads");
      thread.sleepSync(300);
      tx.send(1).unwrap();
    });
    assert.equal(rx.recvSync().unwrap(), 1);
    (await lives.join()).unwrap();
  });

  it("is nothing that is on its way to others in a message", async () => {
    const [tx, rx] = mpsc.channel<mpsc.Sender<number>>();
    const [carried, answer] = mpsc.channel<number>();
    const ready = flag();
    const sender = thread.spawn(move(tx, carried, ready), (tx, carried, ready) => {
      tx.send(carried).unwrap();
      Atomics.store(ready, 0, 1);
      for (;;);
    });
    await isUp(ready);
    sender.terminate();
    await sender.join();
    using other = (await rx.recv()).unwrap();
    other.send(42).unwrap();
    assert.equal((await answer.recv()).unwrap(), 42);
  });
});

describe("a thread that blocks for ever", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  const forms: Readonly<Record<string, (ready: Int32Array) => unknown>> = {
    "in a loop": (ready) => {
      Atomics.store(ready, 0, 1);
      for (;;);
    },
    "in Atomics.wait": (ready) => {
      Atomics.store(ready, 0, 1);
      Atomics.wait(ready, 0, 1);
    },
    "in a regular expression": (ready) => {
      Atomics.store(ready, 0, 1);
      return /^(a+)+$/.test(`${"a".repeat(60)}!`);
    },
    "in a promise": (ready) => {
      Atomics.store(ready, 0, 1);
      return new Promise(() => {});
    },
    "in a thenable that never settles": (ready) => {
      Atomics.store(ready, 0, 1);
      // biome-ignore lint/suspicious/noThenProperty: it is what is tested
      return { then: () => {} };
    },
    "in a native lock": async (ready) => {
      const { Mutex } = await import("fearless-threads");
      const lock = new Mutex(1);
      const kept = [await lock.lock()];
      Atomics.store(ready, 0, 1);
      kept.push(await lock.lock());
    },
  };
  for (const [where, closure] of Object.entries(forms)) {
    it(`${where} is ended by terminate, for join and joinSync`, async () => {
      for (const wait of ["join", "joinSync"] as const) {
        const ready = flag();
        const handle = thread.spawn(move(ready), closure);
        await isUp(ready);
        assert.equal(handle.isFinished(), false);
        handle.terminate();
        const result = await handle[wait]();
        assert.ok(!result.ok && result.error.kind === "terminated", wait);
      }
    });
  }
});

describe("what cannot be cloned", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  /** Looks like any other, until it is to be transferred. */
  const lockedStream = (): ReadableStream => {
    const stream = new ReadableStream();
    stream.getReader();
    return stream;
  };
  const where = async () => (await import("node:worker_threads")).threadId;

  it("is refused as an argument; what went with it is let go of, and the worker is used again", async () => {
    const worker = (await thread.spawn(where).join()).unwrap();
    const [tx, rx] = mpsc.channel<number>();
    assert.throws(() => thread.spawn(moveUnchecked(tx, lockedStream()), () => 1), { name: "NotSendError" });
    assert.equal((await rx.recv()).ok, false);
    assert.equal((await thread.spawn(where).join()).unwrap(), worker);
  });

  it("is a panic as a result; what went with it is let go of, and the worker is used again", async () => {
    const worker = (await thread.spawn(where).join()).unwrap();
    const plain = await thread.spawn(() => [new Proxy({}, {})]).join();
    assert.ok(!plain.ok && plain.error.kind === "unsendable-result");
    assert.equal((await thread.spawn(where).join()).unwrap(), worker);
    const [tx, rx] = mpsc.channel<number>();
    const closure = (tx: mpsc.Sender<number>) => {
      const stream = new ReadableStream();
      stream.getReader();
      return [tx, stream];
    };
    const result = await thread.spawn(move(tx), closure).join();
    assert.ok(!result.ok && result.error.kind === "unsendable-result");
    assert.equal((await rx.recv()).ok, false);
  });

  it("is a guard's value at the end of a thread: a panic, and the lock is free", async () => {
    const lock = Arc.new(new Mutex<unknown>(1));
    const result = await thread
      .spawn(move(lock.clone()), (lock) => {
        lock.lockSync().unwrap().value = () => 1;
      })
      .join();
    assert.ok(!result.ok);
    assert.match(result.error.message, /function cannot be sent/);
    assert.equal(lock.tryLock().unwrap().value, 1);
  });
});
