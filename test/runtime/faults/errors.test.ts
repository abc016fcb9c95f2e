import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { move, mpsc, PoisonError, SendError, type ThreadPanic, thread } from "fearless-threads";
import type { QuotaError } from "./quota.js";

const file = fileURLToPath(import.meta.url);
const lineOf = (marker: string): number =>
  readFileSync(file, "utf8")
    .split("\n")
    .findIndex((line) => line.includes(`// ${marker}`)) + 1;

async function panicOf(closure: () => unknown): Promise<ThreadPanic> {
  const result = await thread.spawn(closure).join();
  assert.ok(!result.ok, "the thread should have panicked");
  return result.error;
}

/** The error that a closure throws, as it arrives. */
async function thrownBy(closure: () => unknown): Promise<Error> {
  const { payload } = await panicOf(closure);
  assert.ok(payload instanceof Error);
  return payload;
}

describe("an error that a thread throws", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("is of its built-in class, with its code and its own fields", async () => {
    const error = await thrownBy(() => {
      throw Object.assign(new TypeError("no"), { code: "E_NO", at: { line: 3 }, f: () => 1 });
    });
    assert.ok(error instanceof TypeError);
    assert.deepEqual([error.name, error.message], ["TypeError", "no"]);
    assert.deepEqual({ ...error }, { code: "E_NO", at: { line: 3 } });
  });

  it("is what Node throws: with code, errno and path", async () => {
    const error = await thrownBy(async () => (await import("node:fs")).readFileSync("/nowhere/at/all"));
    const { code, errno, syscall, path } = error as NodeJS.ErrnoException;
    assert.deepEqual([code, typeof errno, syscall, path], ["ENOENT", "number", "open", "/nowhere/at/all"]);
    const wrong = await thrownBy(() => Reflect.apply(Buffer.alloc, undefined, ["x"]));
    assert.ok(wrong instanceof TypeError);
    assert.equal((wrong as NodeJS.ErrnoException).code, "ERR_INVALID_ARG_TYPE");
  });

  it("has its causes, however deep, and an AggregateError its errors", async () => {
    const error = await thrownBy(() => {
      const root = new RangeError("root", { cause: { code: 7 } });
      const middle = Object.assign(new SyntaxError("middle", { cause: root }), { line: 1 });
      throw new AggregateError([middle, new EvalError("other"), 3], "all failed", { cause: middle });
    });
    assert.ok(error instanceof AggregateError);
    const [middle, other, three] = error.errors;
    assert.ok(middle instanceof SyntaxError && other instanceof EvalError && three === 3);
    assert.equal(error.cause, middle);
    assert.equal(Reflect.get(middle, "line"), 1);
    assert.ok(middle.cause instanceof RangeError);
    assert.deepEqual(middle.cause.cause, { code: 7 });
    assert.deepEqual(Object.keys(error), []);
  });

  it("may be its own cause", async () => {
    const error = await thrownBy(() => {
      const error = new Error("round");
      error.cause = { error };
      error.cause = error;
      throw error;
    });
    assert.equal(error.cause, error);
  });

  it("keeps the name of a DOMException", async () => {
    const error = await thrownBy(() => AbortSignal.abort().throwIfAborted());
    assert.ok(error instanceof DOMException);
    assert.deepEqual([error.name, error.code, error.message], ["AbortError", 20, "This operation was aborted"]);
  });

  it("is of this library's classes, too", async () => {
    const error = await thrownBy(async () => {
      const { drop, mpsc } = await import("fearless-threads");
      const [tx, rx] = mpsc.channel<number>();
      drop(rx);
      tx.send(7).unwrap();
    });
    assert.ok(error instanceof SendError);
    assert.deepEqual([error.name, error.value], ["SendError", 7]);
  });

  it("is of a class that registers itself, with its methods", async () => {
    const error = await thrownBy(async () => {
      const { QuotaError } = await import("./quota.js");
      throw new QuotaError(10, { cause: new QuotaError(5) });
    });
    assert.ok(error instanceof RangeError);
    const quota = error as QuotaError;
    assert.deepEqual([quota.over(12), (quota.cause as QuotaError).over(6), quota.message], [2, 1, "more than 10"]);
    assert.equal(quota.constructor.name, "QuotaError");
  });

  it("is of the nearest class that is known, and keeps its name", async () => {
    const error = await thrownBy(() => {
      class ParseError extends SyntaxError {
        override readonly name = "ParseError";
        readonly line = 3;
      }
      throw new ParseError("unexpected end");
    });
    assert.ok(error instanceof SyntaxError);
    assert.deepEqual(
      [error.name, Reflect.get(error, "line"), `${error}`],
      ["ParseError", 3, "ParseError: unexpected end"],
    );
  });

  it("names the lines of the source, its cause too, and the thread", async () => {
    const handle = new thread.Builder()
      .name("parser")
      .spawn(() => {
        const cause = new Error("inner"); // made here
        throw new Error("outer", { cause }); // thrown here
      })
      .unwrap();
    const result = await handle.join();
    assert.ok(!result.ok);
    const panic = result.error;
    const outer = panic.cause as Error;
    assert.equal(panic.threadName, "parser");
    assert.equal(panic.position?.line, lineOf("thrown here"));
    assert.match(String(outer.stack), new RegExp(`^Error: outer\n.*errors\\.test\\.ts:${lineOf("thrown here")}:\\d+`));
    assert.match(String((outer.cause as Error).stack), new RegExp(`errors\\.test\\.ts:${lineOf("made here")}:\\d+`));
    assert.doesNotMatch(String(outer.stack), /worker\.js|node:internal/);
  });

  it("is the cause of the panic that another thread passes on", async () => {
    const panic = await panicOf(async () => {
      const { thread } = await import("fearless-threads");
      thread.setPanicHook(() => {});
      const inner = new thread.Builder().name("inner").spawn(() => {
        throw new URIError("from the inner thread"); // inner
      });
      (await inner.unwrap().join()).unwrap();
    });
    const inner = panic.payload as ThreadPanic;
    assert.equal(inner.constructor, panic.constructor);
    assert.deepEqual([inner.threadName, inner.kind, inner.position?.line], ["inner", "thrown", lineOf("inner")]);
    assert.ok(inner.cause instanceof URIError);
    assert.match(String(inner.cause.stack), new RegExp(`errors\\.test\\.ts:${lineOf("inner")}:\\d+`));
  });
});

describe("an error that is sent", () => {
  it("arrives whole as an argument, a result and a message", async () => {
    const sent = Object.assign(new RangeError("out", { cause: new PoisonError("Mutex") }), { code: "E_OUT" });
    const check = (error: Error): void => {
      assert.ok(error instanceof RangeError && error.cause instanceof PoisonError);
      assert.equal(Reflect.get(error, "code"), "E_OUT");
      assert.match(String(error.stack), /errors\.test\.ts/);
    };
    const echo = thread.spawn(move(sent, [sent]), (error, [same]) => {
      if (error !== same || !(error instanceof RangeError)) throw new Error("not the same");
      return { error };
    });
    check((await echo.join()).unwrap().error);
    const [tx, rx] = mpsc.channel<Error>();
    tx.send(sent).unwrap();
    check((await rx.recv()).unwrap());
  });

  it("keeps its stack, however often it is sent on", async () => {
    const sent = new Error("travels"); // travels
    const there = thread.spawn(move(sent), (error) => error);
    const back = (await there.join()).unwrap();
    const again = thread.spawn(move(back), (error) => error);
    assert.match(
      String((await again.join()).unwrap().stack),
      new RegExp(`errors\\.test\\.ts:${lineOf("travels")}:\\d+`),
    );
    assert.equal((await thread.spawn(move(back), (error) => error).join()).unwrap().stack, back.stack);
  });

  it("is refused where it would lose its class", async () => {
    class LostError extends Error {}
    assert.throws(() => thread.spawn(move(new LostError("x")), () => 1), {
      name: "NotSendError",
      message: /^move\[0\]: instance of LostError cannot be sent.*register the class with static \[thread\.send\]/,
    });
  });
});
