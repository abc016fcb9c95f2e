import assert from "node:assert/strict";
import fc from "fast-check";
import { Arc, drop, Mutex, move, PoisonError, thread, WouldBlockError } from "fearless-threads";

const quiet = () => thread.setPanicHook(() => {});
const loud = () => thread.setPanicHook(undefined);

describe("Mutex", () => {
  it("counts right from many threads, blocking and not", async () => {
    const counter = Arc.new(new Mutex(0));
    const handles = [];
    for (let i = 0; i < 3; i++) {
      const blocking = thread.spawn(move(counter.clone()), (counter) => {
        for (let k = 0; k < 5000; k++) {
          using n = counter.lockSync().unwrap();
          n.value += 1;
        }
      });
      const waiting = thread.spawn(move(counter.clone()), async (counter) => {
        for (let k = 0; k < 1000; k++) {
          using n = (await counter.lock()).unwrap();
          n.value += 1;
        }
      });
      handles.push(blocking, waiting);
    }
    for (let k = 0; k < 500; k++) {
      using n = (await counter.lock()).unwrap();
      n.value += 1;
    }
    for (const handle of handles) (await handle.join()).unwrap();
    assert.equal(counter.lockSync().unwrap().value, 3 * 6000 + 500);
  });

  it("lets a waiter in though another thread takes the lock again and again", async () => {
    const lock = Arc.new(new Mutex({ stop: false, turns: 0 }));
    const greedy = thread.spawn(move(lock.clone()), (lock) => {
      for (;;) {
        using state = lock.lockSync().unwrap();
        state.value.turns++;
        if (state.value.stop) return state.value.turns;
      }
    });
    for (let i = 0; i < 20; i++) drop((await lock.lock()).unwrap());
    {
      using state = (await lock.lock()).unwrap();
      state.value.stop = true;
    }
    assert.ok((await greedy.join()).unwrap() > 0);
  });

  it("holds plain data of any size: two threads see one value", async () => {
    const words = Arc.new(new Mutex<{ list: string[] }>({ list: [] }));
    const handles = ["a", "b", "c"].map((letter) =>
      thread.spawn(move(words.clone(), letter), (words, letter) => {
        for (let i = 0; i < 200; i++) {
          using guard = words.lockSync().unwrap();
          guard.value.list.push(letter.repeat(i));
        }
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    using guard = words.lockSync().unwrap();
    assert.equal(guard.value.list.length, 600);
    assert.equal(guard.value.list.join("").length, (3 * (199 * 200)) / 2);
  });

  it("guards shared memory itself, not a copy", async () => {
    const pixels = Arc.new(new Mutex(new Uint8Array(new SharedArrayBuffer(1000))));
    const handles = [0, 1].map((half) =>
      thread.spawn(move(pixels.clone(), half), (pixels, half) => {
        using guard = pixels.lockSync().unwrap();
        guard.value.fill(half + 1, half * 500, half * 500 + 500);
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    using guard = pixels.lockSync().unwrap();
    assert.deepEqual([guard.value[0], guard.value[999]], [1, 2]);
    assert.throws(() => {
      guard.value = new Uint8Array(new SharedArrayBuffer(4));
    }, /write into guard\.value/);
  });

  it("keeps every kind of plain value", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (value) => {
        const before = structuredClone(value);
        const lock = new Mutex<unknown>(0);
        {
          using guard = lock.lockSync().unwrap();
          guard.value = value;
        }
        assert.deepEqual(lock.intoInner().unwrap(), before);
      }),
    );
  });

  it("refuses a value that threads cannot share", () => {
    assert.throws(() => new Mutex<unknown>({ f: () => 1 }), { name: "NotSendError", message: /^value\.f: function/ });
    const lock = new Mutex<unknown>(1);
    const guard = lock.lockSync().unwrap();
    guard.value = () => 1;
    assert.throws(() => drop(guard), { name: "NotSendError" });
    assert.equal(lock.lockSync().unwrap().value, 1);
  });

  it("is free again after `using`, drop, and the end of a thread that kept the guard", async () => {
    const lock = Arc.new(new Mutex("free"));
    {
      using _guard = (await lock.lock()).unwrap();
      assert.ok(!lock.tryLock().ok);
    }
    const guard = lock.tryLock().unwrap();
    drop(guard);
    drop(guard);
    const keeps = thread.spawn(move(lock.clone()), (lock) => {
      const guard = lock.lockSync().unwrap();
      guard.value = "kept";
    });
    (await keeps.join()).unwrap();
    assert.equal(lock.tryLock().unwrap().value, "kept");
  });

  it("does not give its value to a guard that was dropped", () => {
    const lock = new Mutex(1);
    const guard = lock.lockSync().unwrap();
    drop(guard);
    assert.throws(() => guard.value, /this guard was dropped/);
    assert.throws(() => {
      guard.value = 2;
    }, /this guard was dropped/);
  });

  it("says WouldBlockError where it is held, and a deadlock where it is held by the caller", () => {
    const lock = new Mutex(1);
    using _guard = lock.lockSync().unwrap();
    const result = lock.tryLock();
    assert.ok(!result.ok && result.error instanceof WouldBlockError);
    assert.throws(() => lock.lockSync(), /^Error: deadlock/);
    assert.ok(!lock.intoInner().ok);
  });

  it("gives its value away with intoInner, once", () => {
    const lock = new Mutex({ n: 1 });
    assert.deepEqual(lock.intoInner().unwrap(), { n: 1 });
    assert.throws(() => lock.lockSync(), { name: "UseAfterMoveError" });
  });
});

describe("a poisoned Mutex", () => {
  beforeEach(quiet);
  afterEach(loud);

  const isPoisoned = async (lock: Mutex<number>) => {
    const result = await lock.lock();
    return !result.ok && result.error instanceof PoisonError && lock.isPoisoned();
  };

  it("comes of a panic that leaves the scope of a guard", async () => {
    const lock = Arc.new(new Mutex(1));
    const handle = thread.spawn(move(lock.clone()), (lock) => {
      using guard = lock.lockSync().unwrap();
      guard.value = 2;
      throw new Error("half done");
    });
    assert.equal((await handle.join()).ok, false);
    assert.equal(await isPoisoned(lock), true);
  });

  it("comes of a panic in an async closure, after an await", async () => {
    const lock = Arc.new(new Mutex(1));
    const handle = thread.spawn(move(lock.clone()), async (lock) => {
      using guard = (await lock.lock()).unwrap();
      await new Promise((done) => setTimeout(done, 1));
      guard.value = 2;
      throw new Error("half done");
    });
    assert.equal((await handle.join()).ok, false);
    assert.equal(await isPoisoned(lock), true);
  });

  it("comes of a panic while a guard is held without `using`, and of process.exit", async () => {
    for (const how of ["throw", "exit"] as const) {
      const lock = Arc.new(new Mutex(1));
      const handle = thread.spawn(move(lock.clone(), how), (lock, how) => {
        const guard = lock.lockSync().unwrap();
        guard.value = 2;
        if (how === "exit") process.exit(1);
        throw new Error("half done");
      });
      assert.equal((await handle.join()).ok, false);
      assert.equal(await isPoisoned(lock), true, how);
    }
  });

  it("comes of a thread that is killed while it holds the lock", async () => {
    const lock = Arc.new(new Mutex(1));
    const handle = new thread.Builder().maxHeap(16 * 1024 * 1024).spawn(move(lock.clone()), (lock) => {
      const guard = lock.lockSync().unwrap();
      const kept: object[] = [guard];
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    assert.equal((await handle.unwrap().join()).ok, false);
    assert.equal(await isPoisoned(lock), true);
  });

  it("does not come of a panic after the guard was dropped", async () => {
    const lock = Arc.new(new Mutex(1));
    const handle = thread.spawn(move(lock.clone()), (lock) => {
      {
        using guard = lock.lockSync().unwrap();
        guard.value = 2;
      }
      throw new Error("later");
    });
    assert.equal((await handle.join()).ok, false);
    assert.equal(lock.lockSync().unwrap().value, 2);
  });

  it("is seen by whoever waited for the lock meanwhile", async () => {
    const lock = Arc.new(new Mutex(1));
    const held = new Int32Array(new SharedArrayBuffer(4));
    const handle = thread.spawn(move(lock.clone(), held), (lock, held) => {
      using guard = lock.lockSync().unwrap();
      Atomics.store(held, 0, 1);
      Atomics.wait(held, 0, 1, 30);
      guard.value = 2;
      throw new Error("half done");
    });
    while (Atomics.load(held, 0) === 0) await thread.sleep(1);
    const waited = await lock.lock();
    assert.equal(waited.ok, false);
    await handle.join();
  });

  it("is good again after clearPoison", async () => {
    const lock = Arc.new(new Mutex(1));
    const handle = thread.spawn(move(lock.clone()), (lock) => {
      using guard = lock.lockSync().unwrap();
      guard.value = 2;
      throw new Error("half done");
    });
    await handle.join();
    lock.clearPoison();
    assert.equal(lock.isPoisoned(), false);
    assert.equal(lock.lockSync().unwrap().value, 2);
  });
});

describe("Arc", () => {
  it("counts its owners in all threads", async () => {
    const lock = Arc.new(new Mutex(0));
    const clone = lock.clone();
    assert.equal(lock.strongCount(), 2);
    const seen = thread.spawn(move(clone), (clone) => clone.strongCount());
    assert.equal((await seen.join()).unwrap(), 2);
    assert.equal(lock.strongCount(), 1);
    drop(lock.clone());
    assert.equal(lock.strongCount(), 1);
  });

  it("is used as the value it shares", async () => {
    const list = Arc.new([3, 1, 2]);
    assert.deepEqual([list.length, list[0], [...list], list.map((n) => n * 2)], [3, 3, [3, 1, 2], [6, 2, 4]]);
    const map = Arc.new(new Map([["a", 1]]));
    assert.equal(map.get("a"), 1);
    const sum = thread.spawn(move(list.clone(), map.clone()), (list, map) => list.length + (map.get("a") ?? 0));
    assert.equal((await sum.join()).unwrap(), 4);
  });

  it("does not let plain data be changed through it", () => {
    const shared = Arc.new({ n: 1 });
    assert.throws(() => {
      shared.n = 2;
    }, /cannot be changed through it; share a Mutex/);
    assert.equal(shared.n, 1);
  });

  it("shares shared memory itself", async () => {
    const words = Arc.new(new Int32Array(new SharedArrayBuffer(8)));
    const handle = thread.spawn(move(words.clone()), (words) => {
      words[1] = 9;
    });
    (await handle.join()).unwrap();
    assert.equal(words[1], 9);
  });

  it("refuses what cannot be shared", () => {
    assert.throws(() => Arc.new<{ f: unknown }>({ f: () => 1 }), { name: "NotSendError" });
  });
});
