// What the documentation of Rust's std::thread shows, as tests in this library's API and our own words.
import assert from "node:assert/strict";
import { Arc, atomic, Barrier, move, mpsc, thread } from "fearless-threads";

describe("std::thread", () => {
  it("spawn, join: a thread's result comes back", async () => {
    const computation = thread.spawn(() => Array.from({ length: 101 }, (_, i) => i).reduce((a, b) => a + b, 0));
    assert.equal((await computation.join()).unwrap(), 5050);
  });

  it("spawn: a thread that sends, and one that receives", async () => {
    const [tx, rx] = mpsc.channel<string>();
    const sender = thread.spawn(move(tx), (tx) => tx.send("Hello, thread").unwrap());
    const receiver = thread.spawn(move(rx), async (rx) => (await rx.recv()).unwrap());
    (await sender.join()).unwrap();
    assert.equal((await receiver.join()).unwrap(), "Hello, thread");
  });

  it("join: a panic is an error with what was thrown", async () => {
    thread.setPanicHook(() => {});
    const result = await thread
      .spawn(() => {
        throw new Error("an emergency");
      })
      .join();
    thread.setPanicHook(undefined);
    assert.ok(!result.ok && result.error.message === "an emergency");
  });

  it("scope: threads that are joined at its end", async () => {
    const a = [1, 2, 3];
    let x = 0;
    await thread.scope(async (s) => {
      s.spawn(move([...a]), (a) => a.length);
      const second = s.spawn(move(a[0] ?? 0, a[2] ?? 0), (first, last) => first + last);
      x += (await second.join()).unwrap();
    });
    a.push(4);
    assert.deepEqual([x, a.length], [4, 4]);
  });

  it("Builder: names the thread", async () => {
    const handle = new thread.Builder().name("foo").spawn(async () => {
      const { thread } = await import("fearless-threads");
      return thread.current().name;
    });
    const running = handle.unwrap();
    assert.equal(running.thread().name, "foo");
    assert.equal((await running.join()).unwrap(), "foo");
  });

  it("Builder: a stack of its own size", async () => {
    const handle = new thread.Builder()
      .name("child")
      .stackSize(2 * 1024 * 1024)
      .spawn(() => 7);
    assert.equal((await handle.unwrap().join()).unwrap(), 7);
  });

  it("park, unpark: waits for a flag that is set before the token is given", async () => {
    const flag = Arc.new(new atomic.AtomicBool(false));
    const parked = thread.spawn(move(flag.clone()), async (flag) => {
      const { thread } = await import("fearless-threads");
      while (!flag.load()) thread.parkSync();
      return "unparked";
    });
    flag.store(true);
    parked.thread().unpark();
    assert.equal((await parked.join()).unwrap(), "unparked");
  });

  it("park_timeout: goes on by itself", async () => {
    const start = performance.now();
    while (performance.now() - start < 5) await thread.parkTimeout(5);
    thread.parkTimeoutSync(1);
    assert.ok(performance.now() - start >= 5);
  });

  it("Thread::unpark: a token that is given before counts", async () => {
    thread.current().unpark();
    await thread.park();
    thread.current().unpark();
    thread.parkSync();
  });

  it("LocalKey: each thread starts from the first value, and keeps its own", async () => {
    const foo = thread.local(() => 1);
    foo.set(2);
    const child = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const foo = thread.local(() => 1);
      const first = foo.get();
      foo.set(3);
      return [first, foo.get()];
    });
    assert.deepEqual((await child.join()).unwrap(), [1, 3]);
    assert.equal(foo.get(), 2);
  });

  it("LocalKey::with: the value is changed where it is", () => {
    const foo = thread.local(() => [1]);
    foo.with((list) => list.push(2));
    assert.deepEqual(
      foo.with((list) => list.map(String)),
      ["1", "2"],
    );
  });

  it("JoinHandle::thread, ThreadId: two threads have two ids", async () => {
    const one = thread.spawn(() => {});
    const other = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      return thread.current().id;
    });
    assert.notEqual(one.thread().id, other.thread().id);
    assert.equal((await other.join()).unwrap(), other.thread().id);
    assert.notEqual(thread.current().id, one.thread().id);
    (await one.join()).unwrap();
  });

  it("JoinHandle::is_finished: false while it runs, true afterwards", async () => {
    const barrier = Arc.new(new Barrier(2));
    const handle = thread.spawn(move(barrier.clone()), (barrier) => barrier.waitSync().isLeader);
    assert.equal(handle.isFinished(), false);
    await barrier.wait();
    while (!handle.isFinished()) await thread.yieldNow();
    assert.equal((await handle.join()).ok, true);
  });

  it("available_parallelism, panicking, sleep", async () => {
    assert.ok(thread.availableParallelism() >= 1);
    assert.equal(thread.panicking(), false);
    const start = performance.now();
    await thread.sleep(3);
    thread.sleepSync(3);
    assert.ok(performance.now() - start >= 5);
  });
});
