import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  Arc,
  drop,
  Mutex,
  move,
  mpsc,
  PoisonError,
  type Result,
  ThreadPanic,
  ThreadPool,
  thread,
} from "fearless-threads";

// It takes a thread a second or two to see that it waits in vain, so they all do at the same time.

/** Closures that wait for what nothing can settle. */
const vain: Readonly<Record<string, () => unknown>> = {
  "a promise whose resolve nobody has": () => new Promise(() => {}),
  "a thenable that forgets who asked": () => {
    // biome-ignore lint/suspicious/noThenProperty: it is what is tested
    return { then: () => {} };
  },
  "several promises, one of which nobody settles": async () => {
    await Promise.all([1, Promise.resolve(2), new Promise(() => {})]);
  },
  "a loop over what never gives anything": async () => {
    const never = async function* () {
      yield await new Promise<number>(() => {});
    };
    for await (const _ of never());
  },
  "an event of what nobody else has": async () => {
    const { EventEmitter } = await import("node:events");
    await new Promise((done) => new EventEmitter().once("never", done));
  },
  "a thread that waits in vain": async () => {
    const { thread } = await import("fearless-threads");
    const inner = thread.spawn(() => new Promise(() => {}));
    (await inner.join()).unwrap();
  },
};

function assertUnsettled(result: Result<unknown, ThreadPanic>): void {
  assert.ok(!result.ok && result.error instanceof ThreadPanic);
  const { kind, message, position } = result.error;
  assert.match(message, /a promise that nothing can settle/);
  assert.match(position?.file ?? "", /unsettled\.test\.ts$/);
  assert.ok(kind === "unsettled" || result.error.cause instanceof ThreadPanic);
}

describe("a thread that waits for what nothing can settle", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("has panicked, whatever it waits for, and however it is joined", async () => {
    await using pool = new ThreadPool({ size: 2 });
    const forms = Object.values(vain);
    const handles = forms.map((closure) => thread.spawn(closure));
    const scoped = thread.scope((s) => s.spawn(() => new Promise(() => {})).join());
    const pooled = pool.spawn(() => new Promise(() => {}));
    const behind = [1, 2, 3, 4].map((n) => pool.spawn(move(n), (n) => n));
    const all = [...handles, pooled].map((handle) => handle.join());
    for (const [i, result] of (await Promise.all(all)).entries()) {
      assertUnsettled(result);
      assert.equal(result.ok || result.error.kind, i === forms.length - 1 ? "thrown" : "unsettled");
    }
    assertUnsettled(await scoped);
    for (const [i, handle] of behind.entries()) assert.equal((await handle.join()).unwrap(), i + 1);
    assertUnsettled(thread.spawn(() => new Promise(() => {})).joinSync());
  });

  it("lets go of what it held, as one that throws does", async () => {
    const lock = Arc.new(new Mutex(1));
    const [tx, rx] = mpsc.channel<number>();
    const handle = thread.spawn(move(lock.clone(), tx), async (lock, tx) => {
      const guard = (await lock.lock()).unwrap();
      tx.send(guard.value).unwrap();
      await new Promise(() => {});
    });
    assert.equal((await rx.recv()).unwrap(), 1);
    const taken = await lock.lock();
    assert.ok(!taken.ok && taken.error instanceof PoisonError);
    assert.equal((await rx.recv()).ok, false);
    assertUnsettled(await handle.join());
  });

  it("is none that somebody may still wake, however long that takes", async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const controller = new AbortController();
    const lock = Arc.new(new Mutex(1));
    const guard = lock.lockSync().unwrap();
    const [tx, rx] = mpsc.channel<number>();
    const { port1, port2 } = new MessageChannel();
    const handles = [
      thread.spawn(() => new Promise<string>((done) => void setTimeout(done, 3500, "woken").unref())),
      thread.spawn(move(shared), async (shared) => {
        const waitAsync: (words: Int32Array, at: number, value: number) => { value: unknown } = Reflect.get(
          Atomics,
          "waitAsync",
        );
        await waitAsync(shared, 0, 0).value;
        return "woken";
      }),
      thread.spawn(move(controller.signal), async (signal) => {
        await new Promise((done) => {
          signal.onabort = done;
        });
        return "woken";
      }),
      thread.spawn(move(controller.signal), async (signal) => {
        await new Promise((done) => AbortSignal.any([signal]).addEventListener("abort", done));
        return "woken";
      }),
      thread.spawn(move(lock.clone()), async (lock) => {
        (await lock.lock()).unwrap()[Symbol.dispose]();
        return "woken";
      }),
      thread.spawn(move(rx), async (rx) => {
        for await (const _ of rx);
        return "woken";
      }),
      thread.spawn(move(port1), async (port) => {
        await new Promise((done) => port.once("message", done).unref());
        return "woken";
      }),
      thread.spawn(async () => {
        const channel = new BroadcastChannel("fearless-threads.wake");
        await new Promise((done) => {
          channel.onmessage = done;
        });
        channel.close();
        return "woken";
      }),
      thread.spawn(async () => {
        const { thread } = await import("fearless-threads");
        await thread.park();
        return "woken";
      }),
      thread.spawn(async () => {
        await new Promise((done) => {
          Reflect.set(globalThis, "somebody", done);
          setTimeout(() => Reflect.get(globalThis, "somebody")(), 3500).unref();
        });
        return "woken";
      }),
    ] as const;
    await thread.sleep(3000);
    for (const [i, handle] of handles.entries()) {
      const result = handle.isFinished() ? await handle.join() : "waits";
      assert.equal(result, "waits", `${i}: ${inspect(result)}`);
    }
    Atomics.notify(shared, 0);
    controller.abort();
    drop(guard);
    drop(tx);
    port2.postMessage("");
    const wake = new BroadcastChannel("fearless-threads.wake");
    wake.postMessage("");
    wake.close();
    for (const handle of handles) handle.thread().unpark();
    for (const handle of handles) assert.equal((await handle.join()).unwrap(), "woken");
  });
});
