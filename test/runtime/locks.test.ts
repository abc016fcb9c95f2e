import assert from "node:assert/strict";
import {
  Arc,
  atomic,
  Barrier,
  Condvar,
  drop,
  Mutex,
  move,
  Once,
  OnceLock,
  PoisonError,
  RwLock,
  Semaphore,
  thread,
  UseAfterMoveError,
  WouldBlockError,
} from "fearless-threads";

const quiet = () => thread.setPanicHook(() => {});
const loud = () => thread.setPanicHook(undefined);
const small = () => new thread.Builder().maxHeap(16 * 1024 * 1024);

describe("RwLock", () => {
  it("lets writers in one at a time, and readers never see half a change", async () => {
    const pair = Arc.new(new RwLock({ a: 0, b: 0 }));
    const writers = [0, 1].map(() =>
      thread.spawn(move(pair.clone()), async (pair) => {
        for (let i = 0; i < 500; i++) {
          using guard = i % 2 === 0 ? pair.writeSync().unwrap() : (await pair.write()).unwrap();
          guard.value.a++;
          guard.value.b++;
        }
      }),
    );
    const reader = thread.spawn(move(pair.clone()), (pair) => {
      for (;;) {
        using guard = pair.readSync().unwrap();
        const { a, b } = guard.value;
        if (a !== b) return `${a} is not ${b}`;
        if (a === 1000) return "same";
      }
    });
    for (const writer of writers) (await writer.join()).unwrap();
    assert.equal((await reader.join()).unwrap(), "same");
    assert.deepEqual(pair.intoInner().unwrap(), { a: 1000, b: 1000 });
  });

  it("is read by many at once, and by nobody while one writes", async () => {
    const lock = new RwLock("soup");
    const first = lock.readSync().unwrap();
    const second = (await lock.read()).unwrap();
    assert.deepEqual([first.value, second.value], ["soup", "soup"]);
    const refused = lock.tryWrite();
    assert.ok(!refused.ok && refused.error instanceof WouldBlockError);
    drop(first);
    drop(second);
    assert.throws(() => second.value, /dropped/);
    using guard = lock.tryWrite().unwrap();
    guard.value = "salad";
    const none = lock.tryRead();
    assert.ok(!none.ok && none.error instanceof WouldBlockError);
    assert.throws(() => lock.readSync(), /deadlock/);
  });

  it("starves neither a writer among readers nor a reader among writers", async () => {
    const stop = Arc.new(new atomic.AtomicBool(false));
    const lock = Arc.new(new RwLock(0));
    const readers = [0, 1].map(() =>
      thread.spawn(move(lock.clone(), stop.clone()), (lock, stop) => {
        while (!stop.load()) lock.readSync().unwrap()[Symbol.dispose]();
      }),
    );
    for (let i = 0; i < 20; i++) drop((await lock.write()).unwrap());
    stop.store(true);
    for (const reader of readers) (await reader.join()).unwrap();
    stop.store(false);
    const writer = thread.spawn(move(lock.clone(), stop.clone()), (lock, stop) => {
      while (!stop.load()) lock.writeSync().unwrap()[Symbol.dispose]();
    });
    for (let i = 0; i < 20; i++) drop((await lock.read()).unwrap());
    stop.store(true);
    (await writer.join()).unwrap();
  });

  it("is poisoned by a writer that panics, not by a reader", async () => {
    quiet();
    const lock = Arc.new(new RwLock(1));
    const reader = thread.spawn(move(lock.clone()), (lock) => {
      using _guard = lock.readSync().unwrap();
      throw new Error("while reading");
    });
    await reader.join();
    assert.equal(lock.isPoisoned(), false);
    const writer = thread.spawn(move(lock.clone()), (lock) => {
      using guard = lock.writeSync().unwrap();
      guard.value = 2;
      throw new Error("while writing");
    });
    await writer.join();
    const poisoned = await lock.read();
    assert.ok(!poisoned.ok && poisoned.error instanceof PoisonError);
    lock.clearPoison();
    assert.equal(lock.intoInner().unwrap(), 2);
    loud();
  });

  it("is given back by a thread that is killed, also while this thread blocks", async () => {
    quiet();
    for (const how of ["read", "write"] as const) {
      const lock = Arc.new(new RwLock(1));
      const held = Arc.new(new Barrier(2));
      const handle = small().spawn(move(lock.clone(), held.clone(), how), (lock, held, how) => {
        const guard = how === "read" ? lock.readSync().unwrap() : lock.writeSync().unwrap();
        held.waitSync();
        const kept: object[] = [guard];
        for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
      });
      held.waitSync();
      assert.equal(lock.writeSync().ok, how === "read");
      assert.equal((await handle.unwrap().join()).ok, false);
    }
    loud();
  });
});

describe("Mutex", () => {
  it("is poisoned, not stuck, where its holder is killed while this thread blocks", async () => {
    quiet();
    const lock = Arc.new(new Mutex(1));
    const held = Arc.new(new Barrier(2));
    const handle = small().spawn(move(lock.clone(), held.clone()), (lock, held) => {
      const kept: object[] = [lock.lockSync().unwrap()];
      held.waitSync();
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    held.waitSync();
    const taken = lock.lockSync();
    assert.ok(!taken.ok && taken.error instanceof PoisonError);
    assert.equal((await handle.unwrap().join()).ok, false);
    loud();
  });
});

describe("Condvar", () => {
  it("hands work from one thread to another, waiting and blocking, and loses no notification", async () => {
    const box = Arc.new(new Mutex<number | null>(null));
    const changed = Arc.new(new Condvar());
    const taker = thread.spawn(move(box.clone(), changed.clone()), async (box, changed) => {
      let sum = 0;
      for (let i = 0; i < 400; i++) {
        using full =
          i % 2 === 0
            ? changed.waitWhileSync(box.lockSync().unwrap(), (n) => n === null).unwrap()
            : (await changed.waitWhile((await box.lock()).unwrap(), (n) => n === null)).unwrap();
        sum += full.value ?? 0;
        full.value = null;
        changed.notifyAll();
      }
      return sum;
    });
    for (let i = 1; i <= 400; i++) {
      using empty = (await changed.waitWhile((await box.lock()).unwrap(), (n) => n !== null)).unwrap();
      empty.value = i;
      changed.notifyOne();
    }
    assert.equal((await taker.join()).unwrap(), (400 * 401) / 2);
  });

  it("wakes all who wait", async () => {
    const gate = Arc.new(new Mutex({ open: false, here: 0 }));
    const changed = Arc.new(new Condvar());
    const handles = [0, 1, 2].map(() =>
      thread.spawn(move(gate.clone(), changed.clone()), (gate, changed) => {
        using guard = gate.lockSync().unwrap();
        guard.value.here++;
        changed.notifyAll();
        using _open = changed.waitWhileSync(guard, (state) => !state.open).unwrap();
      }),
    );
    {
      using all = (await changed.waitWhile((await gate.lock()).unwrap(), ({ here }) => here < 3)).unwrap();
      all.value.open = true;
    }
    changed.notifyAll();
    for (const handle of handles) (await handle.join()).unwrap();
  });

  it("stops waiting after a time, with the lock held again", async () => {
    const lock = new Mutex(1);
    const changed = new Condvar();
    const late = (await changed.waitTimeout(lock.lockSync().unwrap(), 5)).unwrap();
    assert.equal(late.timedOut, true);
    assert.equal(lock.tryLock().ok, false);
    const again = changed.waitTimeoutSync(late.guard, 5).unwrap();
    assert.deepEqual([again.timedOut, again.guard.value], [true, 1]);
    assert.throws(() => late.guard.value, /dropped/);
    const waiting = changed.waitTimeout(again.guard, 10_000);
    changed.notifyOne();
    assert.equal((await waiting).unwrap().timedOut, false);
    await assert.rejects(changed.waitTimeout(again.guard, Number.NaN), RangeError);
    await assert.rejects(changed.wait(again.guard), /dropped/);
  });
});

describe("Barrier", () => {
  it("lets nobody go on before all have come, round after round, and names one leader", async () => {
    const barrier = Arc.new(new Barrier(3));
    const come = Arc.new(new atomic.AtomicI32(0));
    const rounds = 50;
    const work = async (barrier: Arc<Barrier>, come: Arc<atomic.AtomicI32>, rounds: number) => {
      let leading = 0;
      for (let round = 1; round <= rounds; round++) {
        come.fetchAdd(1);
        const { isLeader } = round % 2 === 0 ? barrier.waitSync() : await barrier.wait();
        if (come.load() < 3 * round) throw new Error("went on too early");
        if (isLeader) leading++;
      }
      return leading;
    };
    const handles = [0, 1, 2].map(() => thread.spawn(move(barrier.clone(), come.clone(), rounds), work));
    let leaders = 0;
    for (const handle of handles) leaders += (await handle.join()).unwrap();
    assert.equal(leaders, rounds);
    assert.throws(() => new Barrier(0), RangeError);
  });
});

describe("Once", () => {
  it("is done once by whoever comes first, and the others wait for it", async () => {
    const once = Arc.new(new Once());
    const count = Arc.new(new atomic.AtomicI32(0));
    const handles = [0, 1, 2].map((i) =>
      thread.spawn(move(once.clone(), count.clone(), i), async (once, count, i) => {
        const { thread } = await import("fearless-threads");
        if (i === 0) once.callOnceSync(() => void count.fetchAdd(1));
        else
          await once.callOnce(async () => {
            await thread.sleep(5);
            count.fetchAdd(1);
          });
        return count.load();
      }),
    );
    for (const handle of handles) assert.equal((await handle.join()).unwrap(), 1);
    assert.equal(once.isCompleted(), true);
  });

  it("is poisoned where doing it failed", async () => {
    const once = new Once();
    assert.throws(() => once.callOnceSync(() => assert.fail("on purpose")), /on purpose/);
    await assert.rejects(
      once.callOnce(() => {}),
      PoisonError,
    );
    assert.equal(once.isCompleted(), false);
  });

  it("is poisoned where the thread that does it is killed while this one blocks", async () => {
    quiet();
    const once = Arc.new(new Once());
    const begun = Arc.new(new Barrier(2));
    const handle = small().spawn(move(once.clone(), begun.clone()), (once, begun) => {
      once.callOnceSync(() => {
        begun.waitSync();
        const kept: object[] = [];
        for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
      });
    });
    begun.waitSync();
    assert.throws(() => once.callOnceSync(() => {}), PoisonError);
    assert.equal((await handle.unwrap().join()).ok, false);
    loud();
  });
});

describe("OnceLock", () => {
  it("is made by one thread and read by all", async () => {
    const config = Arc.new(new OnceLock<{ by: number }>());
    assert.equal(config.get(), undefined);
    const handles = [1, 2, 3].map((by) =>
      thread.spawn(move(config.clone(), by), async (config, by) =>
        by === 1 ? config.getOrInitSync(() => ({ by })).by : (await config.getOrInit(async () => ({ by }))).by,
      ),
    );
    const seen = new Set<number>();
    for (const handle of handles) seen.add((await handle.join()).unwrap());
    assert.equal(seen.size, 1);
    assert.deepEqual(config.get(), { by: [...seen][0] });
    assert.equal(config.get(), config.get());
  });

  it("gives a value back where there is one, and can be tried again where making it failed", async () => {
    const lock = new OnceLock<string>();
    assert.throws(() => lock.getOrInitSync(() => assert.fail("on purpose")), /on purpose/);
    (await lock.set("first")).unwrap();
    const second = lock.setSync("second");
    assert.ok(!second.ok && second.error === "second");
    assert.equal(await lock.getOrInit(() => "third"), "first");
  });
});

describe("Semaphore", () => {
  it("lets only so many in, and all in the end", async () => {
    const permits = Arc.new(new Semaphore(2));
    const inside = Arc.new(new atomic.AtomicI32(0));
    const handles = [0, 1, 2, 3].map((i) =>
      thread.spawn(move(permits.clone(), inside.clone(), i), async (permits, inside, i) => {
        let most = 0;
        for (let k = 0; k < 200; k++) {
          using _permit = i % 2 === 0 ? permits.acquireSync() : await permits.acquire();
          most = Math.max(most, inside.fetchAdd(1) + 1);
          inside.fetchSub(1);
        }
        return most;
      }),
    );
    for (const handle of handles) assert.ok((await handle.join()).unwrap() <= 2);
    assert.equal(permits.availablePermits(), 2);
  });

  it("gets the permits of a thread that ended back, and says when there is none", async () => {
    quiet();
    const permits = Arc.new(new Semaphore(1));
    const forgetful = thread.spawn(move(permits.clone()), (permits) => void permits.acquireSync());
    (await forgetful.join()).unwrap();
    const held = Arc.new(new Barrier(2));
    const killed = small().spawn(move(permits.clone(), held.clone()), (permits, held) => {
      const kept: object[] = [permits.acquireSync()];
      held.waitSync();
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    held.waitSync();
    const permit = permits.acquireSync();
    const none = permits.tryAcquire();
    assert.ok(!none.ok && none.error instanceof WouldBlockError);
    drop(permit);
    assert.equal(permits.tryAcquire().ok, true);
    assert.equal((await killed.unwrap().join()).ok, false);
    assert.throws(() => new Semaphore(-1), RangeError);
    loud();
  });
});

describe("atomics", () => {
  it("count right from many threads, without a lock", async () => {
    const { AtomicI32, AtomicI64, AtomicU32 } = atomic;
    const small = Arc.new(new AtomicI32(0));
    const wide = Arc.new(new AtomicI64(0n));
    const most = Arc.new(new AtomicU32(0));
    const handles = [1, 2, 3].map((i) =>
      thread.spawn(move(small.clone(), wide.clone(), most.clone(), i), (small, wide, most, i) => {
        for (let k = 0; k < 2000; k++) {
          small.fetchAdd(1);
          wide.fetchUpdate((n) => n + 5_000_000_000n);
          most.fetchMax(i * k);
        }
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    assert.deepEqual([small.load(), wide.load(), most.load()], [6000, 30_000_000_000_000n, 3 * 1999]);
  });

  it("do what Rust's do", () => {
    const n = new atomic.AtomicI32(0b1100);
    assert.deepEqual(
      [n.fetchAnd(0b0110), n.fetchOr(0b0001), n.fetchXor(0b1111), n.fetchSub(1), n.swap(7), n.fetchMin(3), n.load()],
      [0b1100, 0b0100, 0b0101, 0b1010, 9, 7, 3],
    );
    assert.equal(n.compareExchange(3, 4).unwrap(), 3);
    const failed = n.compareExchange(3, 5);
    assert.ok(!failed.ok && failed.error === 4);
    n.store(2147483647);
    n.fetchAdd(1);
    assert.equal(n.load(), -2147483648);
    const u = new atomic.AtomicU32(0);
    u.fetchSub(1);
    assert.equal(u.load(), 4294967295);
    const flag = new atomic.AtomicBool(true);
    assert.deepEqual(
      [flag.fetchAnd(false), flag.fetchOr(true), flag.fetchXor(true), flag.swap(true)],
      [true, false, true, false],
    );
    assert.equal(flag.compareExchange(false, true).ok, false);
    assert.equal(flag.load(), true);
  });

  it("are dead after they were moved", async () => {
    const n = new atomic.AtomicI64(1n);
    const handle = thread.spawn(move(n), (n) => n.load());
    assert.equal((await handle.join()).unwrap(), 1n);
    assert.throws(() => n.load(), UseAfterMoveError);
  });
});

describe("a lock that is free", () => {
  it("makes nobody wait longer than one microtask", async () => {
    const [mutex, rwLock, semaphore] = [new Mutex(0), new RwLock(0), new Semaphore(1)];
    for (const take of [() => mutex.lock(), () => rwLock.read(), () => rwLock.write(), () => semaphore.acquire()]) {
      let held: Disposable | undefined;
      void take().then((taken) => {
        held = "unwrap" in taken ? taken.unwrap() : taken;
      });
      await null;
      assert.ok(held !== undefined);
      drop(held);
    }
  });
});

describe("a thread that ends", () => {
  it("gives back all that it still holds, of however many locks", async () => {
    const locks = Array.from({ length: 200 }, () => Arc.new(new Mutex(0)));
    const handle = thread.spawn(move(locks.map((lock) => lock.clone())), (locks) => {
      const guards = locks.map((lock) => lock.lockSync().unwrap());
      guards.forEach((guard, i) => {
        guard.value = i;
        if (i % 3 === 0) guard[Symbol.dispose]();
      });
    });
    (await handle.join()).unwrap();
    assert.deepEqual(
      locks.map((lock) => lock.tryLock().unwrap().value),
      locks.map((_, i) => i),
    );
  });

  it("does not take back what a guard that outlives it held", async () => {
    const lock = Arc.new(new Mutex(0));
    const handle = thread.spawn(move(lock.clone()), (lock) => {
      const guard = lock.lockSync().unwrap();
      setTimeout(() => guard[Symbol.dispose](), 1);
    });
    (await handle.join()).unwrap();
    using _guard = lock.lockSync().unwrap();
    await thread.sleep(20);
    assert.equal(lock.tryLock().ok, false);
  });
});

describe("what is done once", () => {
  it("cannot be waited for by the thread that does it", () => {
    const once = new Once();
    assert.throws(() => once.callOnceSync(() => once.waitSync()), /deadlock/);
    const cell = new OnceLock<number>();
    assert.throws(() => cell.getOrInitSync(() => cell.getOrInitSync(() => 1)), /deadlock/);
    assert.equal(
      cell.getOrInitSync(() => 2),
      2,
    );
  });
});
