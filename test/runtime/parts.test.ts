import { strict as assert } from "node:assert";
import { Mutex, move, thread } from "fearless-threads";
import { standsAlone } from "../../runtime/src/worker/alone.js";
import { helpersIn } from "../../runtime/src/worker/helpers.js";
import { minifiedHelpers } from "../../runtime/src/worker/minified.js";

// A worker starts with what serves closures, and gets the rest of the library when a closure asks for it. Each of these runs
// in a worker of its own, so that none has it already.
const fresh = (): InstanceType<typeof thread.Builder> => new thread.Builder().stackSize(++stack * 1024 * 1024);
let stack = 4;

describe("a worker that has only what serves closures", () => {
  it("gets the rest for a handle that it is given", async () => {
    const handle = fresh().spawn(move(new Mutex(41)), (mutex) => {
      const guard = mutex.lockSync().unwrap();
      guard.value += 1;
      return guard.value;
    });
    assert.equal((await handle.unwrap().join()).unwrap(), 42);
  });

  it("gets the rest for a signal that it sends", async () => {
    const handle = fresh().spawn(() => AbortSignal.abort("enough"));
    const signal: AbortSignal = (await handle.unwrap().join()).unwrap();
    assert.deepEqual([signal.aborted, signal.reason], [true, "enough"]);
  });

  it("gets the rest for an import of the library", async () => {
    const handle = fresh().spawn(async () => {
      const { thread } = await import("fearless-threads");
      return (await thread.spawn(() => 42).join()).unwrap();
    });
    assert.equal((await handle.unwrap().join()).unwrap(), 42);
  });

  it("gets the rest for what a compiler has put beside a closure", async () => {
    const closure = new Function('return () => __name(() => {}, "named").name') as () => () => string;
    assert.equal((await fresh().spawn(closure()).unwrap().join()).unwrap(), "named");
  });
});

describe("standsAlone", () => {
  const plain = [
    "(n) => n + 1",
    "n=>n+1",
    "async (a, b) => {\n  return Math.max(a, b.length);\n}",
    "function (_, i) { return i }",
  ];
  for (const text of plain) {
    it(`is true of ${JSON.stringify(text)}`, () => {
      assert.equal(standsAlone(text), true);
      assert.equal([...helpersIn(text, minifiedHelpers(text, undefined))].length, 0);
    });
  }

  const needing = [
    "() => __awaiter(this, void 0, void 0, function* () {})",
    "() => tslib_1.__rest(a, [])",
    "() => _class_private_field_get(this, x)",
    "async () => { using a = b(); }",
    "async () => { await using a = b(); }",
    'async () => require("node:fs").promises',
    "() => __dirname",
    "async () => (await Promise.resolve().then(() => (init_dist(), dist_exports))).move",
    "e=>t(e,null,function*(){yield 1})",
    "()=>r.call({},1)",
    "()=>n`a`",
    "()=>new n(1)",
  ];
  for (const text of needing) it(`is false of ${JSON.stringify(text)}`, () => assert.equal(standsAlone(text), false));
});
