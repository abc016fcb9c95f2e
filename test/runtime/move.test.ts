import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  Arc,
  Err,
  Mutex,
  move,
  mpsc,
  NotSendError,
  Ok,
  PoisonError,
  type Result,
  ThreadPool,
  thread,
  UseAfterMoveError,
} from "fearless-threads";
import { Point } from "./point.js";
import { moveUnchecked } from "./unchecked.js";

const echo = (value: unknown): unknown => value;

describe("move", () => {
  it("transfers buffers at any depth: the caller's are detached", async () => {
    const shallow = new Float64Array([1, 2]);
    const deep = { list: [{ map: new Map([["k", new Uint8Array([7, 8])]]) }] };
    const inner = deep.list[0]?.map.get("k");
    const handle = thread.spawn(move(shallow, deep), (a, b) => [a[1], b.list[0]?.map.get("k")?.[0]]);
    assert.equal(shallow.byteLength, 0);
    assert.equal(inner?.byteLength, 0);
    assert.deepEqual((await handle.join()).unwrap(), [2, 7]);
  });

  it("transfers the buffers of a result too", async () => {
    const bytes = (await thread.spawn(() => ({ bytes: new Uint8Array([1, 2, 3]) })).join()).unwrap().bytes;
    assert.deepEqual([...bytes], [1, 2, 3]);
  });

  it("transfers a buffer once, however often it is mentioned", async () => {
    const buffer = new ArrayBuffer(8);
    const views = { a: new Uint8Array(buffer), b: new Uint16Array(buffer, 2), buffer };
    const same = thread.spawn(move(views), (v) => v.a.buffer === v.buffer && v.b.buffer === v.buffer);
    assert.equal((await same.join()).unwrap(), true);
    assert.equal(buffer.byteLength, 0);
  });

  it("shares shared memory, and copies plain data", async () => {
    const shared = new Int32Array(new SharedArrayBuffer(4));
    const plain = { n: 1 };
    const handle = thread.spawn(move(shared, plain), (shared, plain) => {
      Atomics.store(shared, 0, 5);
      plain.n = 5;
    });
    (await handle.join()).unwrap();
    assert.deepEqual([shared[0], plain.n], [5, 1]);
  });

  it("keeps a Node Buffer a Buffer, and leaves the caller's alone", async () => {
    const text = Buffer.from("hello");
    const handle = thread.spawn(move(text), (text) => [Buffer.isBuffer(text), text.toString("utf8")]);
    assert.deepEqual((await handle.join()).unwrap(), [true, "hello"]);
    assert.equal(text.toString(), "hello");
  });

  it("keeps cycles and shared references", async () => {
    const node: { self?: unknown; lock?: unknown } = {};
    node.self = node;
    node.lock = new Mutex(1);
    const handle = thread.spawn(moveUnchecked(node, node), (a, b) => [a === b, a.self === a]);
    assert.deepEqual((await handle.join()).unwrap(), [true, true]);
  });

  it("brings a Result there and back, with what is in it", async () => {
    const [tx, rx] = mpsc.channel<Result<string, PoisonError>>();
    const results = [new Ok(new Mutex(1)), new Err(new PoisonError("Mutex"))] as const;
    const handle = thread.spawn(move(results, tx), ([ok, err], tx) => {
      tx.send(ok.map(() => "sent")).unwrap();
      return { held: ok.map((lock) => lock.lockSync().unwrap().value), err, sent: tx.send(err) };
    });
    const { held, err, sent } = (await handle.join()).unwrap();
    assert.deepEqual([held, sent], [new Ok(1), new Ok(undefined)]);
    assert.ok(held instanceof Ok && err instanceof Err && err.error instanceof PoisonError);
    assert.equal(rx.recvSync().unwrap().unwrap(), "sent");
    assert.equal(rx.recvSync().unwrap().isErr(), true);
    const stored = new Mutex<readonly Result<number, string>[]>([new Ok(1), new Err("no")]);
    assert.equal(stored.lockSync().unwrap().value[1]?.unwrapOr(2), 2);
    assert.match(inspect(held), /^Ok \{ ok: true, value: 1 \}$/);
  });

  it("refuses a buffer that was moved before", async () => {
    const bytes = new Uint8Array(4);
    const first = thread.spawn(move(bytes), (bytes) => bytes.length);
    assert.throws(() => thread.spawn(move({ bytes }), () => 1), {
      name: "NotSendError",
      message: /^move\[0\]\.bytes: detached ArrayBuffer/,
    });
    assert.equal((await first.join()).unwrap(), 4);
  });

  class Account {
    balance = 1;
    pay() {}
  }
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ["a function", { options: { onDone: () => 1 } }, /^move\[0\]\.options\.onDone: function/],
    ["a function in an array", [1, [() => 1]], /^move\[0\]\[1\]\[0\]: function/],
    ["a field whose name is no identifier", { "on done": () => 1 }, /^move\[0\]\["on done"\]: function/],
    ["a symbol", { key: Symbol("k") }, /^move\[0\]\.key: symbol/],
    ["a class instance", { account: new Account() }, /^move\[0\]\.account: instance of Account.*without its methods/],
    ["a promise", [Promise.resolve(1)], /^move\[0\]\[0\]: Promise.*await it first/],
    ["a WeakMap", new WeakMap(), /^move\[0\]: instance of WeakMap/],
    ["a guard", new Mutex(0).lockSync().unwrap(), /^move\[0\]: instance of Guard .*what is disposed of stays/],
    [
      "a handle of a thread",
      { handle: thread.spawn(() => 1) },
      /^move\[0\]\.handle: instance of JoinHandle .*disposed/,
    ],
    ["a pool", new ThreadPool({ size: 1 }), /^move\[0\]: instance of ThreadPool .*what is disposed of stays/],
    ["a value of a map", new Map([["k", () => 1]]), /^move\[0\]\.k: function/],
    ["an item of a set", new Set([() => 1]), /^move\[0\]\[<item 0>\]: function/],
    ["a cause of an error", new Error("x", { cause: () => 1 }), /^move\[0\]\.cause: function/],
  ];
  for (const [what, value, message] of refused) {
    it(`refuses ${what}, and names where it is`, () => {
      assert.throws(
        () => thread.spawn(moveUnchecked(value), () => 1),
        (error) => error instanceof NotSendError && message.test(error.message),
      );
    });
  }

  it("gives nothing away where it refuses", () => {
    const bytes = new Uint8Array(4);
    const lock = new Mutex(0);
    assert.throws(
      () =>
        thread.spawn(
          moveUnchecked(bytes, lock, () => 1),
          () => 1,
        ),
      NotSendError,
    );
    assert.equal(bytes.byteLength, 4);
    assert.equal(lock.tryLock().ok, true);
  });

  it("finds a bad part at the end of a very deep list", () => {
    let list: unknown = () => 1;
    for (let i = 0; i < 100_000; i++) list = { next: list };
    assert.throws(() => thread.spawn(moveUnchecked(list), () => 1), NotSendError);
  });

  it("sends an instance of a class that registers itself, methods and all", async () => {
    const handle = thread.spawn(move({ at: new Point(3, 4) }), (v) => [v.at.length(), v.at.constructor.name]);
    assert.deepEqual((await handle.join()).unwrap(), [5, "Point"]);
    const back = thread.spawn(move(new Point(6, 8)), (point) => point);
    const point = (await back.join()).unwrap();
    assert.ok(point instanceof Point);
    assert.equal(point.length(), 10);
  });

  it("brings structured data there and back unchanged", async () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: false,
    });
    // An invalid date is not equal to another one, to Node 20.
    const data = anything.filter((value) => !inspect(value, { depth: null }).includes("Invalid Date"));
    await fc.assert(
      fc.asyncProperty(data, async (value) => {
        const before = structuredClone(value);
        assert.deepEqual((await thread.spawn(moveUnchecked(value), echo).join()).unwrap(), before);
      }),
      { numRuns: 150 },
    );
  });

  it("brings structured data back unchanged beside a handle", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const lock = new Mutex(0);
        const handle = thread.spawn(moveUnchecked({ value, lock }), (both) => both.value);
        const before = structuredClone(value);
        assert.deepEqual((await handle.join()).unwrap(), before);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a handle that was moved", () => {
  it("is dead afterwards: its methods throw and say where it went", async () => {
    const lock = new Mutex(1);
    const handle = new thread.Builder()
      .name("owner")
      .spawn(move(lock), (lock) => lock.lockSync().unwrap().value)
      .unwrap();
    for (const use of [
      () => lock.lockSync(),
      () => lock.tryLock(),
      () => lock.isPoisoned(),
      () => lock.clearPoison(),
    ]) {
      assert.throws(
        use,
        (error) => error instanceof UseAfterMoveError && /moved to thread 'owner'/.test(error.message),
      );
    }
    await assert.rejects(lock.lock(), UseAfterMoveError);
    assert.throws(() => thread.spawn(move(lock), () => 1), UseAfterMoveError);
    assert.equal((await handle.join()).unwrap(), 1);
  });

  it("lives on as its clone", async () => {
    const lock = Arc.new(new Mutex(1));
    const [tx, rx] = mpsc.channel<number>();
    const handle = thread.spawn(move(lock.clone(), tx.clone()), (lock, tx) => {
      using n = lock.lockSync().unwrap();
      n.value = 2;
      tx.send(3).unwrap();
    });
    (await handle.join()).unwrap();
    assert.equal(lock.lockSync().unwrap().value, 2);
    tx.send(4).unwrap();
    assert.deepEqual([(await rx.recv()).unwrap(), (await rx.recv()).unwrap()], [3, 4]);
  });

  it("comes back with the result", async () => {
    const lock = new Mutex("a");
    const back = thread.spawn(move({ lock }), ({ lock }) => {
      {
        using text = lock.lockSync().unwrap();
        text.value += "b";
      }
      return [lock];
    });
    const [again] = (await back.join()).unwrap();
    assert.equal(again?.lockSync().unwrap().value, "ab");
  });
});
