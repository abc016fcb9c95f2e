// What the documentation of Rust's std::sync shows of each type, as tests in this library's API and our own words.
import assert from "node:assert/strict";
import {
  Arc,
  atomic,
  Barrier,
  Condvar,
  drop,
  Mutex,
  move,
  mpsc,
  Once,
  OnceLock,
  RwLock,
  thread,
} from "fearless-threads";

const quietly = async <T>(f: () => Promise<T>): Promise<T> => {
  thread.setPanicHook(() => {});
  try {
    return await f();
  } finally {
    thread.setPanicHook(undefined);
  }
};

describe("std::sync::Mutex", () => {
  it("type: ten threads count together, and the one that reaches the end says so", async () => {
    const data = Arc.new(new Mutex(0));
    const [tx, rx] = mpsc.channel<string>();
    const handles = Array.from({ length: 10 }, () =>
      thread.spawn(move(data.clone(), tx.clone()), (data, tx) => {
        using n = data.lockSync().unwrap();
        n.value += 1;
        if (n.value === 10) tx.send("all there").unwrap();
      }),
    );
    assert.equal((await rx.recv()).unwrap(), "all there");
    for (const handle of handles) (await handle.join()).unwrap();
  });

  it("type: a poisoned lock says so, and its value can still be had", async () => {
    const lock = Arc.new(new Mutex(0));
    await quietly(() =>
      thread
        .spawn(move(lock.clone()), (lock) => {
          using _guard = lock.lockSync().unwrap();
          throw new Error("poisons the lock");
        })
        .join(),
    );
    assert.equal(lock.isPoisoned(), true);
    assert.equal((await lock.lock()).ok, false);
    lock.clearPoison();
    using guard = (await lock.lock()).unwrap();
    guard.value += 1;
    assert.equal(guard.value, 1);
  });

  it("type: a guard that is dropped early lets others in before the end of the block", async () => {
    const data = Arc.new(new Mutex([1, 2, 3, 4]));
    const result = Arc.new(new Mutex(0));
    const handles = [0, 1, 2].map(() =>
      thread.spawn(move(data.clone(), result.clone()), (data, result) => {
        const list = data.lockSync().unwrap();
        const sum = list.value.reduce((acc, x) => acc + x * 2, 0);
        list.value.push(sum);
        list[Symbol.dispose]();
        using total = result.lockSync().unwrap();
        total.value += sum;
      }),
    );
    const mine = data.lockSync().unwrap();
    const sum = mine.value.reduce((acc, x) => acc + x * 2, 0);
    mine.value.push(sum);
    drop(mine);
    {
      using total = (await result.lock()).unwrap();
      total.value += sum;
    }
    for (const handle of handles) (await handle.join()).unwrap();
    assert.deepEqual([result.lockSync().unwrap().value, data.lockSync().unwrap().value.length], [800, 8]);
  });

  it("into_inner, try_lock", () => {
    const lock = new Mutex(0);
    const taken = lock.tryLock();
    assert.ok(taken.ok && !lock.tryLock().ok);
    taken.value.value = 10;
    drop(taken.value);
    assert.equal(lock.intoInner().unwrap(), 10);
  });
});

describe("std::sync::RwLock", () => {
  it("type: many read at once, one writes", () => {
    const lock = new RwLock(5);
    {
      using one = lock.readSync().unwrap();
      using other = lock.readSync().unwrap();
      assert.deepEqual([one.value, other.value], [5, 5]);
    }
    {
      using writing = lock.writeSync().unwrap();
      writing.value += 1;
      assert.equal(writing.value, 6);
    }
  });

  it("read: another thread reads while this one does", async () => {
    const lock = Arc.new(new RwLock(1));
    using n = (await lock.read()).unwrap();
    assert.equal(n.value, 1);
    const other = thread.spawn(move(lock.clone()), (lock) => lock.readSync().isOk());
    assert.equal((await other.join()).unwrap(), true);
  });

  it("try_read, try_write, downgrade", () => {
    const lock = new RwLock(1);
    const reading = lock.tryRead().unwrap();
    assert.equal(lock.tryWrite().ok, false);
    drop(reading);
    const writing = lock.tryWrite().unwrap();
    writing.value = 2;
    assert.equal(lock.tryRead().ok, false);
    using downgraded = RwLock.downgrade(writing);
    assert.equal(downgraded.value, 2);
    assert.equal(lock.tryWrite().ok, false);
    assert.throws(() => writing.value, /dropped/);
    using other = lock.tryRead().unwrap();
    assert.equal(other.value, 2);
  });

  it("downgrade: no writer comes between, and those who wait to read go on", async () => {
    const lock = Arc.new(new RwLock(1));
    const writing = lock.writeSync().unwrap();
    const reader = thread.spawn(move(lock.clone()), (lock) => {
      using guard = lock.readSync().unwrap();
      return guard.value;
    });
    writing.value = 2;
    using reading = RwLock.downgrade(writing);
    assert.equal((await reader.join()).unwrap(), 2);
    assert.equal(reading.value, 2);
  });

  it("is_poisoned, clear_poison: after a writer has panicked", async () => {
    const lock = Arc.new(new RwLock(0));
    await quietly(() =>
      thread
        .spawn(move(lock.clone()), (lock) => {
          using _guard = lock.writeSync().unwrap();
          throw new Error("poisons the lock");
        })
        .join(),
    );
    assert.equal(lock.isPoisoned(), true);
    lock.clearPoison();
    using guard = lock.writeSync().unwrap();
    guard.value = 1;
    assert.equal(lock.isPoisoned(), false);
  });
});

describe("std::sync::Condvar", () => {
  /** A flag that another thread sets, and what tells of it. */
  function starting() {
    const started = Arc.new(new Mutex(false));
    const changed = Arc.new(new Condvar());
    const handle = thread.spawn(move(started.clone(), changed.clone()), (started, changed) => {
      using flag = started.lockSync().unwrap();
      flag.value = true;
      changed.notifyOne();
    });
    return { started, changed, handle };
  }

  it("type, wait, notify_one: waits for a flag", async () => {
    const { started, changed, handle } = starting();
    let flag = started.lockSync().unwrap();
    while (!flag.value) flag = changed.waitSync(flag).unwrap();
    assert.equal(flag.value, true);
    drop(flag);
    (await handle.join()).unwrap();
  });

  it("wait_while: waits for a condition", async () => {
    const { started, changed, handle } = starting();
    {
      using flag = (await changed.waitWhile((await started.lock()).unwrap(), (is) => !is)).unwrap();
      assert.equal(flag.value, true);
    }
    (await handle.join()).unwrap();
  });

  it("wait_timeout, wait_timeout_while: wait for so long at most", async () => {
    const { started, changed, handle } = starting();
    let waited = changed.waitTimeoutSync(started.lockSync().unwrap(), 1).unwrap();
    while (!waited.guard.value) waited = changed.waitTimeoutSync(waited.guard, 1).unwrap();
    assert.equal(waited.guard.value, true);
    const still = (await changed.waitTimeoutWhile(waited.guard, 10_000, (is) => !is)).unwrap();
    assert.equal(still.timedOut, false);
    const never = changed.waitTimeoutWhileSync(still.guard, 2, (is) => is).unwrap();
    assert.equal(never.timedOut, true);
    drop(never.guard);
    (await handle.join()).unwrap();
  });
});

describe("std::sync::Barrier", () => {
  it("type: nobody goes on before all have come; wait: one leads", async () => {
    const barrier = Arc.new(new Barrier(4));
    const come = Arc.new(new atomic.AtomicI32(0));
    const handles = [0, 1, 2, 3].map(() =>
      thread.spawn(move(barrier.clone(), come.clone()), (barrier, come) => {
        come.fetchAdd(1);
        const { isLeader } = barrier.waitSync();
        return { isLeader, come: come.load() };
      }),
    );
    const seen = [];
    for (const handle of handles) seen.push((await handle.join()).unwrap());
    assert.ok(seen.every(({ come }) => come === 4));
    assert.equal(seen.filter(({ isLeader }) => isLeader).length, 1);
  });
});

describe("std::sync::Once", () => {
  it("call_once, is_completed: the first call does it", () => {
    const once = new Once();
    let value = 0;
    assert.equal(once.isCompleted(), false);
    once.callOnceSync(() => {
      value = 42;
    });
    once.callOnceSync(() => {
      value = 43;
    });
    assert.deepEqual([value, once.isCompleted()], [42, true]);
  });

  it("is_completed: stays false where doing it panics, in another thread too", async () => {
    const once = Arc.new(new Once());
    const result = await quietly(() =>
      thread
        .spawn(move(once.clone()), (once) =>
          once.callOnceSync(() => {
            throw new Error("oh no");
          }),
        )
        .join(),
    );
    assert.deepEqual([result.ok, once.isCompleted()], [false, false]);
    assert.throws(() => once.callOnceSync(() => {}), { name: "PoisonError" });
    await assert.rejects(once.wait(), { name: "PoisonError" });
  });

  it("wait: blocks until another thread has done it", async () => {
    const ready = Arc.new(new Once());
    const waiting = thread.spawn(move(ready.clone()), (ready) => {
      ready.waitSync();
      return ready.isCompleted();
    });
    ready.callOnceSync(() => {});
    assert.equal((await waiting.join()).unwrap(), true);
  });
});

describe("std::sync::OnceLock", () => {
  it("type: a computation that is done once for all threads", async () => {
    const cell = Arc.new(new OnceLock<string>());
    assert.equal(cell.get(), undefined);
    const other = thread.spawn(move(cell.clone()), (cell) => cell.getOrInitSync(() => "Hello, World!"));
    assert.equal((await other.join()).unwrap(), "Hello, World!");
    assert.equal(cell.get(), "Hello, World!");
  });

  it("type: written by one thread, and waited for by another", async () => {
    const cell = Arc.new(new OnceLock<number>());
    const writer = thread.spawn(move(cell.clone()), (cell) => cell.setSync(12345).isOk());
    assert.equal(await cell.wait(), 12345);
    assert.equal((await writer.join()).unwrap(), true);
  });

  it("set: only the first value stays; get_or_try_init: what fails can be tried again", async () => {
    const cell = new OnceLock<number>();
    await assert.rejects(
      cell.getOrInit(() => Promise.reject(new Error("not yet"))),
      /not yet/,
    );
    assert.equal(cell.get(), undefined);
    assert.deepEqual([cell.setSync(92).ok, cell.setSync(62).ok, cell.get()], [true, false, 92]);
  });
});

describe("std::sync::Arc", () => {
  it("type: shares what does not change", async () => {
    const five = Arc.new({ value: 5 });
    const handles = [0, 1, 2].map(() => thread.spawn(move(five.clone()), (five) => five.value));
    for (const handle of handles) assert.equal((await handle.join()).unwrap(), 5);
  });

  it("type: shares an atomic number", async () => {
    const value = Arc.new(new atomic.AtomicU32(5));
    const handles = Array.from({ length: 5 }, () => thread.spawn(move(value.clone()), (value) => value.fetchAdd(1)));
    const before = [];
    for (const handle of handles) before.push((await handle.join()).unwrap());
    assert.deepEqual([before.sort(), value.load()], [[5, 6, 7, 8, 9], 10]);
  });

  it("strong_count, try_unwrap", () => {
    const three = Arc.new(new Mutex(3));
    const also = three.clone();
    assert.equal(three.strongCount(), 2);
    const refused = Arc.tryUnwrap(three);
    assert.ok(!refused.ok && refused.error.strongCount() === 2);
    drop(also);
    assert.equal(Arc.tryUnwrap(three).unwrap().intoInner().unwrap(), 3);
    assert.throws(() => three.strongCount(), { name: "UseAfterMoveError" });
  });

  it("strong_count: the owners of a thread that was killed do not count", async () => {
    const shared = Arc.new(new Mutex(0));
    const victim = thread.spawn(move(shared.clone()), (shared) => {
      const kept = [shared.clone(), shared.clone()];
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      return kept.length;
    });
    while (shared.strongCount() < 4) await thread.sleep(1);
    await quietly(async () => {
      victim.terminate();
      return await victim.join();
    });
    assert.equal(shared.strongCount(), 1);
  });
});

describe("std::sync::atomic", () => {
  it("module: a simple spin lock", async () => {
    const locked = Arc.new(new atomic.AtomicBool(true));
    const other = thread.spawn(move(locked.clone()), (locked) => locked.store(false));
    while (locked.load()) await thread.yieldNow();
    (await other.join()).unwrap();
    assert.equal(locked.load(), false);
  });

  it("AtomicI32: what each operation gives", () => {
    const { AtomicI32 } = atomic;
    const results = [
      ((n) => [n.swap(10), n.load()])(new AtomicI32(5)),
      ((n) => [n.fetchAdd(10), n.load()])(new AtomicI32(0)),
      ((n) => [n.fetchSub(10), n.load()])(new AtomicI32(20)),
      ((n) => [n.fetchAnd(0b110011), n.load()])(new AtomicI32(0b101101)),
      ((n) => [n.fetchNand(0x31), n.load()])(new AtomicI32(0x13)),
      ((n) => [n.fetchOr(0b110011), n.load()])(new AtomicI32(0b101101)),
      ((n) => [n.fetchXor(0b110011), n.load()])(new AtomicI32(0b101101)),
      ((n) => [n.fetchMax(42), n.load()])(new AtomicI32(23)),
      ((n) => [n.fetchMin(22), n.load()])(new AtomicI32(23)),
    ];
    assert.deepEqual(results, [
      [5, 10],
      [0, 10],
      [20, 10],
      [0b101101, 0b100001],
      [0x13, ~(0x13 & 0x31)],
      [0b101101, 0b111111],
      [0b101101, 0b011110],
      [23, 42],
      [23, 22],
    ]);
  });

  it("compare_exchange, fetch_update", () => {
    const some = new atomic.AtomicI32(5);
    assert.deepEqual([some.compareExchange(5, 10).unwrap(), some.load()], [5, 10]);
    const failed = some.compareExchange(6, 12);
    assert.ok(!failed.ok && failed.error === 10);
    const x = new atomic.AtomicI32(7);
    const refused = x.tryUpdate(() => undefined);
    assert.ok(!refused.ok && refused.error === 7);
    assert.equal(x.tryUpdate((n) => n + 1).unwrap(), 7);
    assert.equal(x.tryUpdate((n) => n + 1).unwrap(), 8);
    assert.equal(x.load(), 9);
    const wrapped = new atomic.AtomicU32(4294967295);
    assert.deepEqual([wrapped.compareExchange(-1, 1).ok, wrapped.load()], [true, 1]);
  });

  it("AtomicBool: fetch_nand, fetch_not", () => {
    const nand = (is: boolean, value: boolean) =>
      ((flag) => [flag.fetchNand(value), flag.load()])(new atomic.AtomicBool(is));
    assert.deepEqual(
      [nand(true, false), nand(true, true), nand(false, false)],
      [
        [true, true],
        [true, false],
        [false, true],
      ],
    );
    const flag = new atomic.AtomicBool(true);
    assert.deepEqual([flag.fetchNot(), flag.load()], [true, false]);
  });
});
