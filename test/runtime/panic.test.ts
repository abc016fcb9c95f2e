import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Err, move, Ok, type Result, ThreadPanic, thread } from "fearless-threads";

const file = fileURLToPath(import.meta.url);
const lines = readFileSync(file, "utf8").split("\n");
/** The line of this file that ends with a comment, so that tests can name positions without counting. */
const lineOf = (marker: string): number => lines.findIndex((line) => line.includes(`// ${marker}`)) + 1;

async function panicOf<T>(handle: { join(): Promise<Result<T, ThreadPanic>> }): Promise<ThreadPanic> {
  const result = await handle.join();
  assert.ok(!result.ok, "the thread should have panicked");
  return result.error;
}

describe("a panic", () => {
  const reported: ThreadPanic[] = [];
  beforeEach(() => {
    reported.length = 0;
    thread.setPanicHook((panic) => reported.push(panic));
  });
  afterEach(() => thread.setPanicHook(undefined));

  it("is the Err of join, and is reported once, with the thread's name", async () => {
    const handle = new thread.Builder()
      .name("parser")
      .spawn(() => {
        throw new TypeError("bad input"); // thrown here
      })
      .unwrap();
    const panic = await panicOf(handle);
    assert.ok(panic instanceof ThreadPanic);
    assert.equal(panic.kind, "thrown");
    assert.equal(panic.message, "bad input");
    assert.equal(panic.threadName, "parser");
    assert.equal(panic.threadId, handle.thread().id);
    assert.deepEqual(reported, [panic]);
  });

  it("says where it was thrown in the source", async () => {
    const panic = await panicOf(
      thread.spawn(move({ list: [1] }), (options) => {
        const doubled = options.list.map((n: number): number => n * 2);
        if (doubled.length > 0) throw new Error("thrown deep inside"); // deep inside
        return doubled;
      }),
    );
    assert.equal(panic.position?.file, file);
    assert.equal(panic.position?.line, lineOf("deep inside"));
    assert.match(String(panic.stack), new RegExp(`panic\\.test\\.ts:${lineOf("deep inside")}:\\d+`));
    assert.doesNotMatch(String(panic.stack), /node:internal|worker\.js|serve\.ts/);
  });

  it("says where in a closure that is a function by name, written elsewhere in the file", async () => {
    function reads(text: string): unknown {
      return JSON.parse(text); // reads a text
    }
    const panic = await panicOf(thread.spawn(move("{"), reads));
    assert.equal(panic.position?.line, lineOf("reads a text"));
  });

  it("says where, in a thread that a thread has started", async () => {
    const outer = thread.spawn(async () => {
      const { thread } = await import("fearless-threads");
      thread.setPanicHook(() => {});
      const inner = thread.spawn(() => {
        throw new Error("inner"); // inner thread
      });
      const result = await inner.join();
      thread.setPanicHook(undefined);
      return result.ok ? undefined : result.error.position;
    });
    const position = (await outer.join()).unwrap();
    assert.deepEqual([position?.file, position?.line], [file, lineOf("inner thread")]);
  });

  it("keeps what was thrown: name, fields and cause of an error, any other value as it is", async () => {
    const panic = await panicOf(
      thread.spawn(() => {
        class QuotaError extends Error {
          override name = "QuotaError";
          limit = { bytes: 10 };
        }
        throw new QuotaError("too much", { cause: "disk" });
      }),
    );
    const payload = panic.payload;
    assert.ok(payload instanceof Error);
    assert.equal(panic.cause, payload);
    assert.deepEqual([payload.name, payload.message, payload.cause], ["QuotaError", "too much", "disk"]);
    assert.deepEqual(Reflect.get(payload, "limit"), { bytes: 10 });
    for (const thrown of [42, "text", null, undefined, { code: 7 }]) {
      const other = await panicOf(
        thread.spawn(move(thrown), (thrown) => {
          throw thrown;
        }),
      );
      assert.deepEqual(other.payload, thrown);
      assert.equal(other.kind, "thrown");
    }
  });

  it("stays in its thread", async () => {
    const other = thread.spawn(async () => {
      await new Promise((done) => setTimeout(done, 30));
      return "unharmed";
    });
    await panicOf(
      thread.spawn(() => {
        throw new Error("x");
      }),
    );
    assert.equal((await other.join()).unwrap(), "unharmed");
  });

  it("is what a timer of the thread throws, or a promise that nobody looks at", async () => {
    const timer = await panicOf(
      thread.spawn(async () => {
        setTimeout(() => {
          throw new Error("from a timer");
        }, 1);
        await new Promise(() => {});
      }),
    );
    assert.equal(timer.message, "from a timer");
    const rejection = await panicOf(
      thread.spawn(async () => {
        void Promise.reject(new Error("nobody looked"));
        await new Promise(() => {});
      }),
    );
    assert.equal(rejection.message, "nobody looked");
  });

  it("names process.exit, and where it was called", async () => {
    const panic = await panicOf(
      thread.spawn(() => {
        process.exit(3); // exits
      }),
    );
    assert.equal(panic.kind, "exit");
    assert.match(panic.message, /process\.exit\(3\)/);
    assert.equal(panic.position?.line, lineOf("exits"));
  });

  it("names a full stack", async () => {
    const panic = await panicOf(
      thread.spawn(() => {
        const dive = (): number => dive() + 1;
        return dive();
      }),
    );
    assert.equal(panic.kind, "stack-overflow");
  });

  it("names a full heap, and what to do", async () => {
    const hog = () => {
      const kept: object[] = [];
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    };
    const panic = await panicOf(
      new thread.Builder()
        .maxHeap(16 * 1024 * 1024)
        .spawn(hog)
        .unwrap(),
    );
    assert.equal(panic.kind, "out-of-memory");
    assert.match(panic.message, /Builder\.maxHeap/);
    const blocked = new thread.Builder()
      .maxHeap(16 * 1024 * 1024)
      .spawn(hog)
      .unwrap()
      .joinSync();
    assert.equal(blocked.ok, false);
  });

  it("names a worker that somebody else terminated", async () => {
    const { promise, resolve } = withResolvers<{ terminate(): unknown }>();
    process.once("worker", resolve);
    const handle = new thread.Builder().stackSize(3 * 1024 * 1024).spawn(async () => await new Promise(() => {}));
    setTimeout(async () => (await promise).terminate(), 50);
    const panic = await panicOf(handle.unwrap());
    assert.equal(panic.kind, "terminated");
  });

  it("says which field of a result cannot be sent", async () => {
    const panic = await panicOf(thread.spawn((): unknown => ({ list: [{ onDone: () => 1 }] })));
    assert.equal(panic.kind, "unsendable-result");
    assert.match(panic.message, /^the result\.list\[0\]\.onDone: function cannot be sent/);
  });
});

describe("a captured variable", () => {
  beforeEach(() => thread.setPanicHook(() => {}));
  afterEach(() => thread.setPanicHook(undefined));

  it("is a panic that says to move it", async () => {
    const captured = [1, 2, 3];
    const panic = await panicOf(thread.spawn(() => captured.length)); // captures
    assert.match(panic.message, /^captured is not defined: .*spawn\(move\(captured\), \(captured\) => …\)/);
    assert.equal(panic.position?.line, lineOf("captures"));
  });

  it("says to import inside, where it is an import", async () => {
    const panic = await panicOf(thread.spawn(() => readFileSync(".")));
    assert.match(panic.message, /const \{ readFileSync \} = await import\("node:fs"\)/);
  });

  it("says that a function cannot be moved", async () => {
    const panic = await panicOf(thread.spawn(() => lineOf("x")));
    assert.match(panic.message, /`lineOf` is a function outside the closure, and functions cannot be moved/);
  });

  it("says so of `this`", async () => {
    class Counter {
      count = 1;
      start() {
        return thread.spawn(() => this.count);
      }
    }
    const panic = await panicOf(new Counter().start());
    assert.match(panic.message, /`this` is undefined in a thread.*move\(this\.count\)/);
  });
});

describe("Result", () => {
  const good: Result<number, Error> = new Ok(2);
  const bad: Result<number, Error> = new Err(new RangeError("no"));

  it("unwraps, expects and falls back", () => {
    assert.equal(good.unwrap(), 2);
    assert.equal(good.expect("never"), 2);
    assert.equal(good.unwrapOr(3), 2);
    assert.equal(bad.unwrapOr(3), 3);
    assert.throws(() => bad.unwrap(), { name: "RangeError", message: "no" });
    assert.throws(() => bad.expect("while reading"), { message: "while reading: no" });
    assert.throws(() => new Err("text").unwrap(), { message: /called unwrap\(\) on an Err: text/ });
  });

  it("maps and matches", () => {
    assert.deepEqual(
      good.map((n) => n + 1),
      new Ok(3),
    );
    assert.deepEqual(
      bad.map((n) => n + 1),
      bad,
    );
    assert.deepEqual(
      bad.mapErr((error) => error.message),
      new Err("no"),
    );
    const arms = { ok: (n: number) => `${n}`, err: (error: Error) => error.message };
    assert.deepEqual([good.match(arms), bad.match(arms)], ["2", "no"]);
    assert.deepEqual([good.isOk(), good.isErr(), bad.isOk(), bad.isErr()], [true, false, false, true]);
  });
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
