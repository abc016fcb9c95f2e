import assert from "node:assert/strict";
import { move, Ok, SpawnError, ThreadPanic, thread } from "fearless-threads";

const quiet = () => {};

describe("thread.spawn", () => {
  it("gives what the closure returns", async () => {
    assert.equal((await thread.spawn(() => 6 * 7).join()).unwrap(), 42);
  });

  it("waits for an async closure", async () => {
    const handle = thread.spawn(async () => {
      await new Promise((done) => setTimeout(done, 5));
      return "later";
    });
    assert.equal((await handle.join()).unwrap(), "later");
  });

  it("gives nothing for a closure that returns nothing", async () => {
    assert.deepEqual(await thread.spawn(() => {}).join(), new Ok(undefined));
  });

  it("passes the moved values as parameters, in order", async () => {
    const handle = thread.spawn(move("a", 2, [true], { deep: [1] }), (a, b, c, d) => [a, b, c, d]);
    assert.deepEqual((await handle.join()).unwrap(), ["a", 2, [true], { deep: [1] }]);
  });

  it("runs on another thread, at the same time as its parent", async () => {
    const { threadId } = await import("node:worker_threads");
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const handle = thread.spawn(move(flag), async (flag) => {
      Atomics.wait(flag, 0, 0);
      return (await import("node:worker_threads")).threadId;
    });
    assert.equal(handle.isFinished(), false);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    assert.notEqual((await handle.join()).unwrap(), threadId);
    assert.equal(handle.isFinished(), true);
  });

  it("takes function expressions, async functions and functions by name", async () => {
    function named(n: number): number {
      return n + 1;
    }
    const results = [
      thread.spawn(move(1), named),
      thread.spawn(move(1), async function add(n) {
        return n + 1;
      }),
      thread.spawn(move(1), async (n) => n + 1),
      // biome-ignore lint/complexity/useArrowFunction: the form is what is tested
      thread.spawn(move(1), function (n) {
        return n + 1;
      }),
    ];
    for (const handle of results) assert.equal((await handle.join()).unwrap(), 2);
  });

  it("refuses at once what has no text that stands alone", () => {
    const object = {
      method() {
        return 1;
      },
    };
    class Point {
      x = 1;
    }
    assert.throws(() => thread.spawn(object.method), { name: "SpawnError", message: /`method` is a method/ });
    assert.throws(() => thread.spawn(Math.random), { name: "SpawnError", message: /`random` is native or bound/ });
    assert.throws(() => thread.spawn((() => 1).bind(null)), { name: "SpawnError", message: /native or bound/ });
    assert.throws(() => Reflect.apply(thread.spawn, undefined, [Point]), { message: /`Point` is a class/ });
    assert.throws(() => Reflect.apply(thread.spawn, undefined, ["x"]), { message: /given string/ });
    assert.throws(() => Reflect.apply(thread.spawn, undefined, [() => 1, () => 2]), { message: /must be move\(…\)/ });
  });
});

describe("JoinHandle", () => {
  it("gives the same result to everybody who joins", async () => {
    const handle = thread.spawn(() => ({ n: 1 }));
    const [a, b] = await Promise.all([handle.join(), handle.join()]);
    assert.equal(a, b);
    assert.equal(await handle.join(), a);
  });

  it("is no promise: awaiting it gives the handle", async () => {
    const handle = thread.spawn(() => 1);
    assert.equal(await (handle as unknown), handle);
    await handle.join();
  });

  it("joins synchronously, with the value or the panic", () => {
    assert.equal(
      thread
        .spawn(() => "done")
        .joinSync()
        .unwrap(),
      "done",
    );
    thread.setPanicHook(quiet);
    const result = thread
      .spawn(() => {
        throw new Error("no");
      })
      .joinSync();
    thread.setPanicHook(undefined);
    assert.equal(result.ok, false);
    assert.throws(() => result.unwrap(), ThreadPanic);
  });

  it("sees the end of a thread while its own thread is busy", async () => {
    const handle = thread.spawn(() => 1);
    while (!handle.isFinished()) thread.sleepSync(1);
    assert.equal((await handle.join()).unwrap(), 1);
  });

  it("joins at the end of an `await using`, and throws a panic nobody looked at", async () => {
    const done = new Int32Array(new SharedArrayBuffer(4));
    {
      await using handle = thread.spawn(move(done), (done) => {
        Atomics.wait(done, 0, 0, 20);
        Atomics.store(done, 0, 1);
      });
      assert.equal(handle.isFinished(), false);
    }
    assert.equal(done[0], 1);
    thread.setPanicHook(quiet);
    const fail = () => {
      throw new Error("nobody looked");
    };
    const unlooked = async () => {
      await using _handle = thread.spawn(fail);
    };
    const looked = async () => {
      await using handle = thread.spawn(fail);
      await handle.join();
    };
    await assert.rejects(unlooked(), { name: "ThreadPanic", message: "nobody looked" });
    await looked();
    thread.setPanicHook(undefined);
  });
});

describe("thread.current and thread.Builder", () => {
  it("names the main thread", () => {
    assert.deepEqual({ ...thread.current() }, { id: 0, name: "main" });
  });

  it("names a thread, inside and outside", async () => {
    const handle = new thread.Builder()
      .name("parser")
      .spawn(async () => {
        const { thread } = await import("fearless-threads");
        return { ...thread.current() };
      })
      .unwrap();
    assert.equal(handle.thread().name, "parser");
    assert.deepEqual((await handle.join()).unwrap(), { id: handle.thread().id, name: "parser" });
  });

  it("gives every thread an id of its own, threads of threads too", async () => {
    const nested = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const inner = thread.spawn(async () => (await import("fearless-threads")).thread.current().id);
      return [thread.current().id, inner.thread().id, (await inner.join()).unwrap()];
    });
    const other = thread.spawn(() => 1);
    const [outer, innerSeen, inner] = (await nested.join()).unwrap();
    await other.join();
    assert.equal(inner, innerSeen);
    assert.equal(new Set([0, outer, inner, other.thread().id]).size, 4);
  });

  it("makes a deeper stack with more bytes", async () => {
    const depth = (bytes: number) => {
      const handle = new thread.Builder().stackSize(bytes).spawn(() => {
        let calls = 0;
        const dive = (): void => {
          calls++;
          dive();
        };
        try {
          dive();
        } catch {}
        return calls;
      });
      return handle.unwrap().join();
    };
    const small = (await depth(1024 * 1024)).unwrap();
    const large = (await depth(16 * 1024 * 1024)).unwrap();
    assert.ok(large > 8 * small, `${large} calls in 16 MiB, ${small} in 1 MiB`);
  });

  for (const bytes of [0, 1, -5, 1e13, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`refuses a stack of ${bytes} bytes with an Err`, () => {
      const result = new thread.Builder().stackSize(bytes).spawn(() => 1);
      assert.ok(!result.ok && result.error instanceof SpawnError);
      assert.match(result.error.message, /stack size of .* bytes is out of range; it must be from \d+ to \d+/);
    });
  }

  it("refuses a heap that is too small, and what is no closure, with an Err", () => {
    assert.equal(new thread.Builder().maxHeap(1).spawn(() => 1).ok, false);
    assert.equal(new thread.Builder().spawn(Math.random).ok, false);
  });
});

describe("thread.scope", () => {
  it("joins every thread before it resolves, and gives what its function returns", async () => {
    const done = new Int32Array(new SharedArrayBuffer(4));
    const value = await thread.scope((s) => {
      for (let i = 0; i < 3; i++) {
        s.spawn(move(done), async (done) => {
          await new Promise((next) => setTimeout(next, 10));
          Atomics.add(done, 0, 1);
        });
      }
      return "value";
    });
    assert.equal(value, "value");
    assert.equal(done[0], 3);
  });

  it("rejects with a panic that nobody joined, after all threads have ended", async () => {
    thread.setPanicHook(quiet);
    const done = new Int32Array(new SharedArrayBuffer(4));
    const scope = thread.scope((s) => {
      s.spawn(() => {
        throw new Error("in scope");
      });
      s.spawn(move(done), async (done) => {
        await new Promise((next) => setTimeout(next, 20));
        Atomics.add(done, 0, 1);
      });
    });
    await assert.rejects(scope, { name: "ThreadPanic", message: "in scope" });
    thread.setPanicHook(undefined);
    assert.equal(done[0], 1);
  });

  it("does not reject for a panic that was joined", async () => {
    thread.setPanicHook(quiet);
    const ok = await thread.scope(async (s) => {
      const handle = s.spawn(() => {
        throw new Error("looked at");
      });
      return (await handle.join()).ok;
    });
    thread.setPanicHook(undefined);
    assert.equal(ok, false);
  });

  it("joins the threads where its function throws, and rejects with that", async () => {
    const done = new Int32Array(new SharedArrayBuffer(4));
    const scope = thread.scope((s) => {
      s.spawn(move(done), (done) => {
        Atomics.wait(done, 0, 0, 20);
        Atomics.store(done, 0, 1);
      });
      throw new Error("from the function");
    });
    await assert.rejects(scope, { message: "from the function" });
    assert.equal(done[0], 1);
  });
});

describe("workers are reused", () => {
  const where = async () => (await import("node:worker_threads")).threadId;

  it("by the next closure", async () => {
    const first = (await thread.spawn(where).join()).unwrap();
    assert.equal((await thread.spawn(where).join()).unwrap(), first);
  });

  it("after a panic, which leaves the worker as it was", async () => {
    thread.setPanicHook(quiet);
    const first = (await thread.spawn(where).join()).unwrap();
    await thread
      .spawn(() => {
        throw new Error("x");
      })
      .join();
    thread.setPanicHook(undefined);
    assert.equal((await thread.spawn(where).join()).unwrap(), first);
  });

  it("but not after a closure that changed a global", async () => {
    const leave = async () => {
      Reflect.set(globalThis, "leftBehind", 1);
      return (await import("node:worker_threads")).threadId;
    };
    const first = (await thread.spawn(leave).join()).unwrap();
    const next = thread.spawn(async () => [
      Reflect.has(globalThis, "leftBehind"),
      (await import("node:worker_threads")).threadId,
    ]);
    const [sees, second] = (await next.join()).unwrap();
    assert.equal(sees, false);
    assert.notEqual(second, first);
  });

  it("nor after one that left a timer running", async () => {
    const leave = async () => {
      setInterval(() => {}, 1000);
      return (await import("node:worker_threads")).threadId;
    };
    const first = (await thread.spawn(leave).join()).unwrap();
    assert.notEqual((await thread.spawn(where).join()).unwrap(), first);
  });

  it("nor after one that changed a prototype or the environment", async () => {
    const changes = [
      () => void Reflect.set(Array.prototype, "leftBehind", 1),
      () => void Reflect.set(process.env, "LEFT_BEHIND", "1"),
    ];
    for (const change of changes) {
      (await thread.spawn(change).join()).unwrap();
      const sees = thread.spawn(() => "leftBehind" in [] || process.env.LEFT_BEHIND !== undefined);
      assert.equal((await sees.join()).unwrap(), false);
    }
  });

  it("each running closure has one of its own", async () => {
    const both = new Int32Array(new SharedArrayBuffer(4));
    const meet = async (both: Int32Array) => {
      Atomics.add(both, 0, 1);
      while (Atomics.load(both, 0) < 2) await new Promise((done) => setTimeout(done, 1));
      return (await import("node:worker_threads")).threadId;
    };
    const handles = [thread.spawn(move(both), meet), thread.spawn(move(both), meet)];
    const ids = [];
    for (const handle of handles) ids.push((await handle.join()).unwrap());
    assert.notEqual(ids[0], ids[1]);
  });
});

describe("sleeping", () => {
  it("waits at least as long as asked", async () => {
    const start = performance.now();
    await thread.sleep(20);
    const between = performance.now();
    thread.sleepSync(20);
    assert.ok(between - start >= 19);
    assert.ok(performance.now() - between >= 19);
  });

  it("refuses what is no duration", async () => {
    await assert.rejects(thread.sleep(-1), RangeError);
    await assert.rejects(thread.sleep(Number.NaN), RangeError);
    assert.throws(() => thread.sleepSync(2 ** 31), RangeError);
  });

  it("yields to what waits", async () => {
    let ran = false;
    setImmediate(() => {
      ran = true;
    });
    await thread.yieldNow();
    assert.equal(ran, true);
  });

  it("knows how many threads can run at once", () => {
    assert.ok(Number.isInteger(thread.availableParallelism()) && thread.availableParallelism() >= 1);
  });
});
