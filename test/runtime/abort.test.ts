import assert from "node:assert/strict";
import { move, mpsc, ThreadPool, thread } from "fearless-threads";
import { Workspace } from "./process.js";

/** A thread that is asked to stop is given no other way to end: a test that passes has been heard. */
describe("asking a thread to stop", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("is seen by a loop that never awaits", async () => {
    const started = new Int32Array(new SharedArrayBuffer(4));
    const handle = thread.spawn(move(started), async (started) => {
      const { thread } = await import("fearless-threads");
      const signal = thread.signal();
      Atomics.store(started, 0, 1);
      for (;;) if (signal.aborted) return String(signal.reason);
    });
    while (Atomics.load(started, 0) === 0) await thread.sleep(1);
    handle.abort("enough");
    assert.equal((await handle.join()).unwrap(), "enough");
  });

  it("is seen where it happens before the thread looks, and by joinSync", () => {
    const asked = new Int32Array(new SharedArrayBuffer(4));
    const handle = thread.spawn(move(asked), async (asked) => {
      const { thread } = await import("fearless-threads");
      Atomics.wait(asked, 0, 0);
      thread.signal().throwIfAborted();
    });
    handle.abort(new RangeError("too late"));
    Atomics.store(asked, 0, 1);
    Atomics.notify(asked, 0);
    const result = handle.joinSync();
    assert.ok(!result.ok && result.error.payload instanceof RangeError);
    assert.equal(result.error.message, "too late");
  });

  it("wakes a sleep, by throwing the reason: an AbortError where none was given", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      await thread.sleep(0x7fffffff, { signal: thread.signal() });
    });
    await thread.sleep(5);
    handle.abort();
    const result = await handle.join();
    assert.ok(!result.ok && result.error.payload instanceof DOMException);
    assert.equal(result.error.payload.name, "AbortError");
  });

  it("wakes a sleep that blocks", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      thread.sleepSync(0x7fffffff, { signal: thread.signal() });
    });
    await thread.sleep(30);
    handle.abort(new Error("wake up"));
    const result = await handle.join();
    assert.ok(!result.ok && result.error.message === "wake up");
  });

  it("fires the event, for listeners and for what takes a signal", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      const { setTimeout: wait } = await import("node:timers/promises");
      const signal = thread.signal();
      const order: string[] = [];
      signal.addEventListener("abort", () => order.push("event"));
      await wait(0x7fffffff, undefined, { signal }).catch((error: Error) => order.push(error.name));
      return [order, AbortSignal.any([signal]).aborted, signal === thread.signal(), signal instanceof AbortSignal];
    });
    await thread.sleep(20);
    handle.abort();
    assert.deepEqual((await handle.join()).unwrap(), [["event", "AbortError"], true, true, true]);
  });

  it("counts once: the first reason stays", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      while (!thread.signal().aborted) await thread.yieldNow();
      return thread.signal().reason as unknown;
    });
    handle.abort({ first: true });
    handle.abort("second");
    assert.deepEqual((await handle.join()).unwrap(), { first: true });
  });

  it("names a reason that cannot be sent", async () => {
    const handle = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      await thread.sleep(0x7fffffff, { signal: thread.signal() });
    });
    handle.abort(Symbol("why"));
    const result = await handle.join();
    assert.ok(!result.ok);
    assert.equal(result.error.message, "aborted: Symbol(why)");
  });

  it("does not reach the next thread of the worker, nor one that has ended", async () => {
    const aborted = async () => (await import("fearless-threads")).thread.signal().aborted;
    const first = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      while (!thread.signal().aborted);
    });
    first.abort();
    (await first.join()).unwrap();
    first.abort("again");
    const second = thread.spawn(aborted);
    first.abort("and again");
    assert.equal((await second.join()).unwrap(), false);
  });

  it("never happens to the main thread", () => {
    assert.equal(thread.signal().aborted, false);
    assert.equal(thread.signal(), thread.signal());
  });
});

describe("Builder.signal", () => {
  it("asks the thread to stop when the signal is aborted", async () => {
    const controller = new AbortController();
    const handle = new thread.Builder().signal(controller.signal).spawn(async () => {
      const { thread } = await import("fearless-threads");
      const signal = thread.signal();
      while (!signal.aborted);
      return signal.reason as unknown;
    });
    controller.abort("by the parent");
    assert.equal((await handle.unwrap().join()).unwrap(), "by the parent");
  });

  it("is an Err where the signal is aborted already", () => {
    const result = new thread.Builder().signal(AbortSignal.abort("before")).spawn(() => 1);
    assert.ok(!result.ok);
    assert.deepEqual([result.error.name, result.error.cause], ["SpawnError", "before"]);
  });

  it("leaves nothing behind: a signal that lives long is listened to by no thread that has ended", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) => {
      listeners++;
      Reflect.apply(addEventListener, signal, parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) => {
      listeners--;
      Reflect.apply(removeEventListener, signal, parameters);
    };
    for (let i = 0; i < 50; i++) {
      const handle = new thread.Builder().signal(signal).spawn(() => 1);
      (await handle.unwrap().join()).unwrap();
    }
    assert.equal(listeners, 0);
    for (let i = 0; i < 50; i++) (await thread.spawn(move(signal), (signal) => signal.aborted).join()).unwrap();
    assert.equal(listeners, 1);
  });
});

describe("a ThreadPool with a signal", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("asks what runs to stop, and does not start what waits", async () => {
    const controller = new AbortController();
    const pool = new ThreadPool({ size: 1, signal: controller.signal });
    const started = new Int32Array(new SharedArrayBuffer(4));
    const runs = pool.spawn(move(started), async (started) => {
      const { thread } = await import("fearless-threads");
      Atomics.store(started, 0, 1);
      while (!thread.signal().aborted);
      return "stopped";
    });
    const waits = pool.spawn(() => "started");
    while (Atomics.load(started, 0) === 0) await thread.sleep(1);
    controller.abort("closing");
    assert.equal((await runs.join()).unwrap(), "stopped");
    const late = pool.spawn(() => "started");
    for (const handle of [waits, late]) {
      const result = await handle.join();
      assert.ok(!result.ok);
      assert.deepEqual([result.error.message, result.error.payload], ["was aborted before it started", "closing"]);
    }
  });

  it("takes back one task with the task's own handle", async () => {
    await using pool = new ThreadPool({ size: 1 });
    const first = pool.spawn(async () => {
      const { thread } = await import("fearless-threads");
      await thread.sleep(20);
    });
    const second = pool.spawn(() => "started");
    second.abort();
    assert.equal((await second.join()).ok, false);
    assert.equal((await first.join()).ok, true);
    assert.equal((await pool.spawn(() => "next").join()).unwrap(), "next");
  });
});

describe("an AbortSignal that is moved", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("is live in every thread that has it, and stays usable where it was", async () => {
    const controller = new AbortController();
    const handles = [1, 2].map(() =>
      thread.spawn(move(controller.signal), (signal) => {
        while (!signal.aborted);
        return signal.reason as string;
      }),
    );
    assert.equal(controller.signal.aborted, false);
    controller.abort("all of you");
    for (const handle of handles) assert.equal((await handle.join()).unwrap(), "all of you");
  });

  it("is aborted already where it was", async () => {
    const handle = thread.spawn(move({ signal: AbortSignal.abort("before") }), ({ signal }) => [
      signal.aborted,
      signal.reason as unknown,
    ]);
    assert.deepEqual((await handle.join()).unwrap(), [true, "before"]);
  });

  it("crosses threads of threads, and outlives the one that passed it on", async () => {
    const controller = new AbortController();
    const [tx, rx] = mpsc.channel<string>();
    const outer = thread.spawn(move(controller.signal, tx), async (signal, tx) => {
      const { thread, move } = await import("fearless-threads");
      const inner = thread.spawn(move(signal, tx), async (signal, tx) => {
        tx.send("ready").unwrap();
        await new Promise((done) => signal.addEventListener("abort", done));
        tx.send(String(signal.reason)).unwrap();
      });
      (await inner.join()).unwrap();
    });
    assert.equal((await rx.recv()).unwrap(), "ready");
    controller.abort("far away");
    assert.equal((await rx.recv()).unwrap(), "far away");
    (await outer.join()).unwrap();
  });

  it("comes through a channel, and back from a thread", async () => {
    const [tx, rx] = mpsc.channel<{ signal: AbortSignal }>();
    const controller = new AbortController();
    tx.send({ signal: controller.signal }).unwrap();
    const { signal } = (await rx.recv()).unwrap();
    const fired = new Promise((done) => signal.addEventListener("abort", done));
    controller.abort(new TypeError("with its class"));
    await fired;
    assert.ok(signal.reason instanceof TypeError);
    assert.throws(() => signal.throwIfAborted(), { name: "TypeError", message: "with its class" });
  });

  it("keeps no process alive", async () => {
    const workspace = new Workspace();
    workspace.write(
      "waits.mjs",
      `import { thread, move, mpsc } from "fearless-threads";
       const controller = new AbortController();
       await thread.spawn(move(controller.signal), (signal) => signal.addEventListener("abort", () => {})).join();
       const [tx, rx] = mpsc.channel();
       tx.send(controller.signal).unwrap();
       (await rx.recv()).unwrap().addEventListener("abort", () => {});
       console.log("ends");`,
    );
    const ended = await workspace.node("waits.mjs");
    workspace.remove();
    assert.deepEqual(ended, { code: 0, stdout: "ends\n", stderr: "" });
  });
});
