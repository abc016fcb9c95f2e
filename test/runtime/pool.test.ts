import assert from "node:assert/strict";
import { Arc, atomic, drop, Mutex, move, mpsc, PoisonError, ThreadPanic, ThreadPool, thread } from "fearless-threads";

const quiet = () => thread.setPanicHook(() => {});
const loud = () => thread.setPanicHook(undefined);

describe("ThreadPool", () => {
  it("runs all that was spawned, so many at a time", async () => {
    const inside = Arc.new(new atomic.AtomicI32(0));
    const most = Arc.new(new atomic.AtomicI32(0));
    await using pool = new ThreadPool({ size: 2, name: "cook" });
    const handles = Array.from({ length: 20 }, (_, i) =>
      pool.spawn(move(inside.clone(), most.clone(), i), async (inside, most, i) => {
        const { thread } = await import("fearless-threads");
        most.fetchMax(inside.fetchAdd(1) + 1);
        await thread.sleep(1);
        inside.fetchSub(1);
        return `${thread.current().name} ${i}`;
      }),
    );
    for (const [i, handle] of handles.entries()) assert.equal((await handle.join()).unwrap(), `cook ${i}`);
    assert.ok(most.load() <= 2);
  });

  it("maps values in their order, and gives the first panic after all have ended", async () => {
    quiet();
    const pool = new ThreadPool({ size: 2 });
    assert.deepEqual(await pool.map(new Set([3, 1, 2]), async (n) => n * n), [9, 1, 4]);
    const done = Arc.new(new atomic.AtomicI32(0));
    const work = [1, 2, 3, 4].map((n) => ({ n, done: done.clone() }));
    const mapping = pool.map(work, ({ n, done }) => {
      done.fetchAdd(1);
      if (n % 2 === 0) throw new Error(`no ${n}`);
    });
    await assert.rejects(mapping, (error) => error instanceof ThreadPanic && error.message === "no 2");
    assert.equal(done.load(), 4);
    loud();
  });

  it("joins what nobody joined, and rejects with a panic that nobody has seen", async () => {
    quiet();
    const pool = new ThreadPool({ size: 1 });
    const done = Arc.new(new atomic.AtomicI32(0));
    for (let i = 0; i < 3; i++) pool.spawn(move(done.clone()), (done) => void done.fetchAdd(1));
    pool.spawn(() => {
      throw new Error("unseen");
    });
    const seen = await pool
      .spawn(() => {
        throw new Error("seen");
      })
      .join();
    assert.equal(seen.ok, false);
    await assert.rejects(pool.join(), /unseen/);
    assert.equal(done.load(), 3);
    await pool.join();
    await pool[Symbol.asyncDispose]();
    assert.throws(() => pool.spawn(() => 1), /disposed/);
    assert.throws(() => new ThreadPool({ size: 0 }), RangeError);
    loud();
  });

  it("can be waited for by a thread that blocks, in any order", () => {
    const pool = new ThreadPool({ size: 1 });
    const handles = [1, 2, 3].map((n) => pool.spawn(move(n), (n) => n * 10));
    assert.deepEqual(
      handles.reverse().map((handle) => handle.joinSync().unwrap()),
      [30, 20, 10],
    );
  });

  it("goes on after a thread of it was terminated, and never starts one that was terminated before", async () => {
    quiet();
    const pool = new ThreadPool({ size: 1 });
    const endless = pool.spawn(() => {
      for (;;);
    });
    const [tx, rx] = mpsc.channel<number>();
    const never = pool.spawn(move(tx), (tx) => tx.send(1).unwrap());
    const last = pool.spawn(() => "last");
    never.terminate();
    endless.terminate();
    assert.equal((await last.join()).unwrap(), "last");
    for (const handle of [endless, never]) {
      const ended = await handle.join();
      assert.ok(!ended.ok && ended.error.kind === "terminated");
    }
    assert.equal((await rx.recv()).ok, false);
    loud();
  });

  it("asks a thread to stop, though others that waited behind it were taken back again and again", async () => {
    quiet();
    const pool = new ThreadPool({ size: 1 });
    const [tx, rx] = mpsc.channel<string>();
    const looks = Arc.new(new atomic.AtomicBool(false));
    const first = pool.spawn(move(tx, looks.clone()), async (tx, looks) => {
      const { thread } = await import("fearless-threads");
      tx.send("runs").unwrap();
      while (!looks.load());
      return thread.signal().aborted;
    });
    assert.equal((await rx.recv()).unwrap(), "runs");
    first.abort();
    const others = Array.from({ length: 100 }, () => pool.spawn(() => 1));
    for (const other of others) other.terminate();
    looks.store(true);
    assert.equal((await first.join()).unwrap(), true);
    await Promise.all(others.map((other) => other.join()));
    loud();
  });

  it("gives each thread what was moved to it, though others are taken back from its worker again and again", async () => {
    quiet();
    const pool = new ThreadPool({ size: 2 });
    for (let round = 0; round < 12; round++) {
      const handles = Array.from({ length: 60 }, (_, i) => {
        // A buffer is gone from here once its thread is given to a worker; the others can be given to another one.
        if ((i * 7 + round) % 5 === 0) return pool.spawn(move(new Uint8Array([i])), (bytes) => bytes[0]);
        return i % 2 === 0 ? pool.spawn(move({ i }), ({ i }) => i) : pool.spawn(move(i), async (i) => i);
      });
      const ended = handles.filter((_, i) => (i * 11 + round) % 9 === 0);
      for (const [n, handle] of ended.entries()) {
        if (n % 2 === 0) handle.terminate();
        else handle.abort(new Error("enough"));
      }
      for (const [i, handle] of handles.entries()) {
        const result = await handle.join();
        if (!ended.includes(handle)) assert.equal(result.unwrap(), i);
      }
    }
    await pool.join();
    loud();
  });

  it("ends no other thread with one that is terminated at the moment it ends", async () => {
    quiet();
    const pool = new ThreadPool({ size: 2 });
    for (let round = 0; round < 60; round++) {
      const handles = Array.from({ length: 12 }, (_, i) => pool.spawn(move({ i }), ({ i }) => i));
      const target = handles[round % 3];
      for (let turn = 0; turn < round % 7; turn++) await new Promise((resolve) => setImmediate(resolve));
      target?.terminate();
      for (const [i, handle] of handles.entries()) {
        const result = await handle.join();
        if (handle !== target) assert.equal(result.unwrap(), i);
      }
    }
    await pool.join();
    loud();
  });

  it("names the source where a mapped closure panics", async () => {
    quiet();
    const pool = new ThreadPool();
    const mapping = pool.map([1], () => assert.ok(false));
    await assert.rejects(mapping, (error) => /pool\.test\.ts/.test((error as ThreadPanic).position?.file ?? ""));
    loud();
  });
});

describe("JoinHandle.terminate", () => {
  it("ends a thread that never would, and poisons the lock that it holds", async () => {
    quiet();
    for (const how of ["join", "joinSync"] as const) {
      const lock = Arc.new(new Mutex(0));
      const held = Arc.new(new atomic.AtomicBool(false));
      const handle = thread.spawn(move(lock.clone(), held.clone()), (lock, held) => {
        using _guard = lock.lockSync().unwrap();
        held.store(true);
        for (;;);
      });
      while (!held.load()) await thread.yieldNow();
      handle.terminate();
      const ended = how === "join" ? await handle.join() : handle.joinSync();
      assert.ok(!ended.ok && ended.error.kind === "terminated");
      assert.match(ended.error.message, /terminate\(\)/);
      const taken = await lock.lock();
      assert.ok(!taken.ok && taken.error instanceof PoisonError);
    }
    loud();
  });

  it("leaves a thread alone that has ended", async () => {
    const handle = thread.spawn(() => 1);
    assert.equal((await handle.join()).unwrap(), 1);
    handle.terminate();
    assert.equal((await handle.join()).unwrap(), 1);
  });
});

describe("park", () => {
  it("waits for unpark, which may come before", async () => {
    const handle = thread.spawn(move(thread.current()), async (main) => {
      const { thread } = await import("fearless-threads");
      main.unpark();
      await thread.park();
      main.unpark();
      thread.parkSync();
      return "unparked";
    });
    await thread.park();
    handle.thread().unpark();
    thread.parkSync();
    handle.thread().unpark();
    assert.equal((await handle.join()).unwrap(), "unparked");
    thread.current().unpark();
    await thread.park();
  });

  it("ends after a time", async () => {
    await thread.parkTimeout(2);
    thread.parkTimeoutSync(2);
    await assert.rejects(thread.parkTimeout(Number.NaN), RangeError);
  });
});

describe("panicking", () => {
  it("is true while an error leaves a scope of a thread's closure", async () => {
    quiet();
    const [tx, rx] = mpsc.channel<boolean>();
    const handle = thread.spawn(move(tx), async (tx) => {
      const { thread } = await import("fearless-threads");
      const tell = () => ({ [Symbol.dispose]: () => void tx.send(thread.panicking()) });
      {
        using _quietly = tell();
      }
      using _loudly = tell();
      throw new Error("on its way out");
    });
    assert.deepEqual([(await rx.recv()).unwrap(), (await rx.recv()).unwrap()], [false, true]);
    assert.equal((await handle.join()).ok, false);
    assert.equal(thread.panicking(), false);
    drop(rx);
    loud();
  });
});

describe("thread.local", () => {
  it("is each thread's own, and new for each thread that a worker takes on", async () => {
    const count = thread.local(() => 0);
    count.set(count.get() + 1);
    assert.equal(count.get(), 1);
    for (let i = 0; i < 3; i++) {
      const handle = thread.spawn(move(new URL("./local.ts", import.meta.url).href), async (module) => {
        const { count } = (await import(module)) as typeof import("./local.js");
        count.set(count.get() + 1);
        return count.get();
      });
      assert.equal((await handle.join()).unwrap(), 1);
    }
  });
});
