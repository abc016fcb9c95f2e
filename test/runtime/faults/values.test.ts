import assert from "node:assert/strict";
import { Mutex, move, mpsc, thread } from "fearless-threads";
import { moveUnchecked } from "../unchecked.js";

const cyclic: Record<string, unknown> = { name: "loop", list: [] };
cyclic.self = cyclic;
(cyclic.list as unknown[]).push(cyclic, new Map([["back", cyclic]]), new Set([cyclic]));

const buffer = Uint8Array.from({ length: 64 }, (_, i) => i).buffer;

/** What crosses, each made anew, since buffers are transferred. */
const values: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  "not a number": () => [Number.NaN, -0, Number.POSITIVE_INFINITY],
  bigints: () => [10n ** 40n, -1n, { deep: 2n ** 64n }],
  "a string of 10 MB": () => "fearless-".repeat(1_200_000),
  "a string of 10 MB that is not Latin": () => "смело 🧵 ".repeat(1_200_000),
  "text of any kind": () => ["", "\0", "\uD800", "\uDC00\uD800", "e\u0301", "\u2028\u2029", "\u202Eabc", "👩‍👩‍👧‍👦"],
  "keys of any kind": () => ({ "": 1, "\uD800": 2, __proto__x: 3, "a.b": 4, constructor: 5, 7: 6 }),
  "a cycle": () => structuredClone(cyclic),
  "a map, a set and a date": () => [
    new Map<unknown, unknown>([[{ key: 1 }, new Set([1n, "x"])]]),
    new Date(0),
    /x\d+/giu,
  ],
  "boxed primitives": () => [Object(1), Object("x"), Object(true), Object(1n)],
  "a list with holes": () => {
    const list: unknown[] = [1];
    list[2] = 3;
    list.length = 5;
    return list;
  },
  "nested typed arrays": () => {
    const bytes = buffer.slice(0);
    return {
      whole: new Uint8Array(bytes),
      part: new Int16Array(bytes, 8, 4),
      view: new DataView(bytes, 3, 5),
      list: [[new BigInt64Array(2), { deep: new Map([["floats", new Float64Array([1.5, -0])]]) }]],
      empty: new Uint8ClampedArray(0),
    };
  },
  "shared memory": () => ({ shared: new Int32Array(new SharedArrayBuffer(8)).fill(7) }),
  errors: () => new AggregateError([new TypeError("a", { cause: new RangeError("b") }), 3], "c"),
};

describe("a value crosses unchanged:", () => {
  const [tx, rx] = mpsc.channel<unknown>();
  for (const [what, make] of Object.entries(values)) {
    it(what, async () => {
      const echoed = await thread.spawn(moveUnchecked(make()), (value) => value).join();
      assert.deepEqual(echoed.unwrap(), make());
      const inside = await thread.spawn(moveUnchecked([make()], new Mutex(0)), ([value]) => ({ value })).join();
      assert.deepEqual(inside.unwrap(), { value: make() });
      tx.send(make()).unwrap();
      assert.deepEqual((await rx.recv()).unwrap(), make());
      tx.send([make()]).unwrap();
      assert.deepEqual(rx.recvSync().unwrap(), [make()]);
    });
  }

  it("and keeps which parts are the same", async () => {
    const part = { n: 1 };
    const bytes = new Uint8Array(4);
    const handle = thread.spawn(move([part, part], { bytes, same: bytes.buffer }), (list, { bytes, same }) => [
      list[0] === list[1],
      bytes.buffer === same,
    ]);
    assert.deepEqual((await handle.join()).unwrap(), [true, true]);
  });
});

describe("a closure's text may hold anything:", () => {
  /** A closure with this text, as if it were written so. */
  const closure = (text: string): (() => unknown) => new Function(`return (${text});`)();
  const texts: Readonly<Record<string, readonly [text: string, gives: unknown]>> = {
    "letters of all scripts": [
      "() => { const größe = 1, 名前 = 2, переменная = 3; return größe + 名前 + переменная; }",
      6,
    ],
    "names beyond the basic plane": ["() => { const 𝒳 = 1; return 𝒳; }", 1],
    emoji: ['() => "🧵👩‍👩‍👧‍👦".length', "🧵👩‍👩‍👧‍👦".length],
    "halves of surrogate pairs": ['() => ["\uD83E", "\uDDF5"].join("")', "🧵"],
    "separators of lines and paragraphs": ['() => "\u2028\u2029".length', 2],
    "marks that turn the direction of text": ['() => /* \u202E */ "\u202Etxet\u202C"', "\u202Etxet\u202C"],
    "a byte order mark and a null": ['() => "\uFEFF\0".length', 2],
    "carriage returns": ["() => {\r\n  return 1;\r}", 1],
    "what ends strings, templates and comments": ["() => [`$\u007b'`'}`, '*/', \"//\", /[/\\]]/.source].length", 4],
    "a name in escapes": ["() => { const \\u{61}bc = 5; return abc; }", 5],
  };
  for (const [what, [text, gives]] of Object.entries(texts)) {
    it(what, async () => assert.deepEqual((await thread.spawn(closure(text)).join()).unwrap(), gives));
  }

  it("names and messages, too", async () => {
    thread.setPanicHook(() => {});
    const name = "нить 🧵 \u202E\uD800\n";
    const result = await new thread.Builder()
      .name(name)
      .spawn(closure('() => { throw new Error("сбой 💥 \uD800"); }'))
      .unwrap()
      .join();
    thread.setPanicHook(undefined);
    assert.ok(!result.ok);
    assert.deepEqual([result.error.threadName, result.error.message], [name, "сбой 💥 \uD800"]);
  });
});
