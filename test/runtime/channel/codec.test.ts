import assert from "node:assert/strict";
import fc from "fast-check";
import { mpsc } from "fearless-threads";
import { Decoder, Encoder } from "../../../runtime/src/mpsc/codec.js";

const encoder = new Encoder();
const decoder = new Decoder();

/** What comes out for a value, or that it is not one for the codec. */
function through(value: unknown): { readonly value: unknown } | undefined {
  const end = encoder.encode(value, 4);
  if (end < 0) return undefined;
  decoder.words.set(encoder.words.subarray(0, (end + 3) >> 2));
  return { value: decoder.decode(4) };
}

/** What a port would make of it: fast-check makes objects without a prototype, which arrive as plain ones. */
const message = fc
  .anything({
    // A date of no time is not equal to itself, in some versions of Node.
    values: [
      fc.boolean(),
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
      fc.constantFrom(null, undefined),
    ],
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withSparseArray: true,
    maxDepth: 4,
  })
  .map((value) => structuredClone(value));

describe("the codec of channels", () => {
  it("brings back what structured clone does, or leaves it to a port", () => {
    let known = 0;
    fc.assert(
      fc.property(message, (value) => {
        const got = through(value);
        if (got === undefined) return;
        known++;
        assert.deepStrictEqual(got.value, value);
      }),
      { numRuns: 1000 },
    );
    assert.ok(known > 500, `knows most values: ${known} of 1000`);
  });

  it("does not refer to what it had seen in a message whose getter threw", () => {
    const inner = { n: 1 };
    const broken = {
      inner,
      get broken(): never {
        throw new RangeError("getter");
      },
    };
    assert.throws(() => through(broken), RangeError);
    assert.deepEqual(through({ before: 0, inner }), { value: { before: 0, inner: { n: 1 } } });
    const [tx, rx] = mpsc.channel<object>();
    assert.throws(() => tx.send(broken), RangeError);
    tx.send([inner, inner]).unwrap();
    const got = rx.recvSync().unwrap();
    assert.deepEqual(got, [{ n: 1 }, { n: 1 }]);
    assert.ok(Array.isArray(got) && got[0] === got[1]);
  });

  it("keeps every text, with halves of surrogate pairs, and every number", () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
    fc.assert(fc.property(units, (text) => assert.equal(through(text)?.value, text)));
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => assert.equal(through({ [text]: text }) !== undefined, true)),
    );
    fc.assert(fc.property(fc.double(), (n) => assert.ok(Object.is(through(n)?.value, n))));
    const noTime = through(new Date(Number.NaN))?.value;
    assert.ok(noTime instanceof Date && Number.isNaN(noTime.getTime()));
    fc.assert(fc.property(fc.bigInt(), (n) => assert.equal(through(n)?.value, n)));
  });

  it("keeps what is shared shared, and what is in itself in itself", () => {
    const shared = { n: 1 };
    const value: Record<string, unknown> = { a: shared, b: [shared, shared], map: new Map([["k", shared]]) };
    value.self = value;
    const got = through(value)?.value as typeof value;
    assert.deepStrictEqual(got, value);
    assert.equal(got.self, got);
    assert.equal((got.b as unknown[])[0], got.a);
  });

  it("keeps a field called __proto__ a field", () => {
    const value: unknown = JSON.parse('{"__proto__": {"x": 1}, "y": 2}');
    const got = through(value)?.value as object;
    assert.deepEqual(Object.keys(got), ["__proto__", "y"]);
    assert.equal(Object.getPrototypeOf(got), Object.prototype);
  });

  it("leaves to a port what has more than fields: instances, holes, fields of an array, accessors' owners", () => {
    const named = Object.assign([1], { name: "x" });
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested.
    for (const value of [new (class A {})(), [1, , 2], named, new Error("no"), /x/, new Uint8Array(1), () => 1]) {
      assert.equal(through(value), undefined);
    }
    const deep: unknown[] = [];
    let inner = deep;
    for (let i = 0; i < 100; i++) {
      const next: unknown[] = [];
      inner.push(next);
      inner = next;
    }
    assert.equal(through(deep), undefined);
    assert.equal(through("x".repeat(100_000)), undefined);
  });

  it("is not disturbed by a getter that sends while a message is written", () => {
    const [tx, rx] = mpsc.channel<unknown>();
    const sly = {
      first: "a",
      get second(): string {
        tx.send({ inner: "message" }).unwrap();
        return "b";
      },
      third: [1, 2, 3],
    };
    tx.send(sly).unwrap();
    assert.deepEqual(rx.recvSync().unwrap(), { inner: "message" });
    assert.deepEqual(rx.recvSync().unwrap(), { first: "a", second: "b", third: [1, 2, 3] });
  });
});

describe("a channel's messages", () => {
  it("arrive as they were, whatever they are", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (values) => {
        for (const value of values) tx.send(value).unwrap();
        for (const value of values) assert.deepStrictEqual((await rx.recv()).unwrap(), value);
      }),
      { numRuns: 300 },
    );
  });

  it("may be null, nothing, long, cyclic, or of a class of the platform", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    const roundTrip = async (value: unknown): Promise<unknown> => {
      tx.send(value).unwrap();
      return (await rx.recv()).unwrap();
    };
    const cyclic: unknown[] = [1];
    cyclic.push({ cyclic });
    const error = new RangeError("outer", { cause: new TypeError("inner") });
    for (const value of [null, undefined, -0, Number.NaN, 2n ** 90n, -(2n ** 70n), "\ud800x", "é".repeat(99), cyclic]) {
      assert.deepStrictEqual(await roundTrip(value), value);
    }
    const long = "0123456789".repeat(1_000_000);
    assert.ok((await roundTrip(long)) === long);
    const big = `€${long}`;
    assert.ok((await roundTrip(big)) === big);
    const map = new Map<unknown, unknown>([[{ k: 1 }, new Set([new Date(5)])]]);
    assert.deepStrictEqual(await roundTrip(map), map);
    const got = await roundTrip({ error, deep: { typed: [new Float32Array([1.5]), new Uint8Array([1])] } });
    const { error: arrived, deep } = got as { error: RangeError; deep: { typed: unknown[] } };
    assert.ok(arrived instanceof RangeError && arrived.cause instanceof TypeError);
    assert.deepEqual([arrived.message, arrived.cause.message], ["outer", "inner"]);
    assert.deepStrictEqual(deep.typed, [new Float32Array([1.5]), new Uint8Array([1])]);
  });

  it("of any size are received in their order", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40_000 })), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        for (const length of lengths) tx.send("x".repeat(length)).unwrap();
        const got: number[] = [];
        for (const _ of lengths) got.push(String((await rx.recv()).unwrap()).length);
        assert.deepEqual(got, lengths);
      }),
      { numRuns: 40 },
    );
  });
});
