/** What the concept pages claim, shown on real workers. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { Arc, drop, Mutex, move, mpsc, NotSendError, thread, UseAfterMoveError } from "fearless-threads";
import { type Finished, root, runTypeScript } from "./processes.js";

describe("the concepts claim", function () {
  this.timeout(60_000);

  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  describe("join", () => {
    it("that `await handle` continues at once", async () => {
      const handle = thread.spawn(() => {
        const end = Date.now() + 200;
        while (Date.now() < end);
      });
      assert.equal(await handle, handle);
      assert.equal(handle.isFinished(), false);
      (await handle.join()).unwrap();
      assert.equal(handle.isFinished(), true);
    });

    it("that a process stays alive for a thread that was detached so, and for no other", async () => {
      const work = "() => { const end = Date.now() + 300; while (Date.now() < end); console.log('done'); }";
      assert.equal((await run("alive", `thread.spawn(${work}).detach({ keepAlive: true });`)).stdout, "done\n");
      assert.equal((await run("killed", `thread.spawn(${work}).detach();`)).stdout, "");
    });

    it("that `await using` joins on every way out of the block", async () => {
      const code = `
        try {
          await using handle = thread.spawn(async () => { await new Promise((r) => setTimeout(r, 100)); console.log("thread"); });
          throw new Error(String(handle.isFinished()));
        } catch (error) { console.log("main", (error as Error).message); }`;
      assert.equal((await run("using", code)).stdout, "thread\nmain false\n");
    });
  });

  describe("move", () => {
    it("that a buffer changes hands at any depth, and what is left is empty", async () => {
      const pixels = new Uint8Array([1, 2, 3]);
      const handle = thread.spawn(move({ layers: [{ pixels }] }), (image) => image.layers[0]?.pixels.length);
      assert.equal(pixels.length, 0);
      assert.equal((await handle.join()).unwrap(), 3);
    });

    it("that a change of plain data stays in the thread", async () => {
      const list = [1];
      const handle = thread.spawn(move(list), (list) => list.push(2));
      assert.equal((await handle.join()).unwrap(), 2);
      assert.deepEqual(list, [1]);
    });

    it("that a moved lock is dead and says so", async () => {
      const lock = Arc.new(new Mutex(0));
      (await thread.spawn(move(lock), () => {}).join()).unwrap();
      await assert.rejects(() => lock.lock(), UseAfterMoveError);
    });
  });

  describe("sending", () => {
    it("that maps, sets, dates, big integers, errors, typed arrays and cycles cross", async () => {
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      const all = {
        map: new Map([[1, new Set(["a"])]]),
        date: new Date(0),
        big: 2n ** 70n,
        error: new RangeError("far"),
        bytes: new Float32Array([0.5]),
        cycle,
      };
      const handle = thread.spawn(move(all), (all) => all);
      const back = (await handle.join()).unwrap();
      assert.deepEqual(back.map, all.map);
      assert.deepEqual(back.date, all.date);
      assert.equal(back.big, all.big);
      assert.equal(back.error.message, "far");
      assert.equal(back.bytes[0], 0.5);
      assert.equal(back.cycle.self, back.cycle);
    });

    it("that the path to what cannot cross is named", () => {
      const options: unknown = { options: { onDone: () => {} } };
      assert.throws(
        () => thread.spawn(move(options), () => {}),
        (error) => error instanceof NotSendError && /options\.onDone/.test(error.message),
      );
    });
  });

  describe("panic and Result", () => {
    it("that a failed thread ends alone, and `join` does not throw", async () => {
      const bad = thread.spawn(() => {
        throw new Error("burnt");
      });
      const good = thread.spawn(() => "served");
      const result = await bad.join();
      assert.equal(result.isErr() && result.error.message, "burnt");
      assert.equal((await good.join()).unwrap(), "served");
    });

    it("that `process.exit` in a thread ends the thread, and `kind` says so", async () => {
      const result = await thread.spawn(() => process.exit(3)).join();
      assert.equal(result.isErr() && result.error.kind, "exit");
    });
  });

  describe("scope", () => {
    it("that it ends after its threads, and rejects with a panic nobody looked at", async () => {
      const done = new Int32Array(new SharedArrayBuffer(4));
      await thread.scope((s) => {
        for (let i = 0; i < 3; i++) s.spawn(move(done), (done) => Atomics.add(done, 0, 1));
      });
      assert.equal(done[0], 3);
      const scope = thread.scope((s) => {
        s.spawn(() => {
          throw new Error("unseen");
        });
      });
      await assert.rejects(scope, /unseen/);
    });
  });

  describe("Arc, Mutex and poison", () => {
    it("that a clone leads to the same value, and owners are counted", async () => {
      const shared = Arc.new(new Mutex("a"));
      const clone = shared.clone();
      assert.equal(shared.strongCount(), 2);
      const handle = thread.spawn(move(clone), (shared) => {
        using guard = shared.lockSync().unwrap();
        guard.value += "b";
      });
      (await handle.join()).unwrap();
      assert.equal(shared.strongCount(), 1);
      assert.equal(shared.lockSync().unwrap().value, "ab");
    });

    it("that plain data in an Arc can be read and not changed", async () => {
      const prices = Arc.new({ eggs: 3 });
      const handle = thread.spawn(move(prices.clone()), (prices) => prices.eggs);
      assert.equal((await handle.join()).unwrap(), 3);
      assert.throws(() => {
        prices.eggs = 4;
      }, TypeError);
    });

    it("that a poisoned lock can be declared good and repaired", async () => {
      const stock = Arc.new(new Mutex(12));
      const handle = thread.spawn(move(stock.clone()), (stock) => {
        using eggs = stock.lockSync().unwrap();
        eggs.value = -1;
        throw new Error("gone");
      });
      await handle.join();
      assert.equal(stock.lockSync().isErr(), true);
      stock.clearPoison();
      using eggs = stock.lockSync().unwrap();
      eggs.value = 12;
      assert.equal(eggs.value, 12);
    });
  });

  describe("atomics and data races", () => {
    it("that `view[0]++` from two threads loses updates, and `Atomics.add` does not", async () => {
      const turns = 3_000_000;
      const count = async (how: "plain" | "atomic"): Promise<number> => {
        const cell = new Int32Array(new SharedArrayBuffer(8));
        const handles = [];
        for (let i = 0; i < 2; i++) {
          handles.push(
            thread.spawn(move(cell, turns, how), (cell, turns, how) => {
              Atomics.add(cell, 1, 1);
              while (Atomics.load(cell, 1) < 2);
              for (let turn = 0; turn < turns; turn++) {
                if (how === "atomic") Atomics.add(cell, 0, 1);
                else cell[0] = (cell[0] ?? 0) + 1;
              }
            }),
          );
        }
        for (const handle of handles) (await handle.join()).unwrap();
        return cell[0] ?? 0;
      };
      assert.equal(await count("atomic"), 2 * turns);
      // Between two losses there can be luck; five times in a row there is not.
      let fewest = 2 * turns;
      for (let attempt = 0; attempt < 5 && fewest === 2 * turns; attempt++)
        fewest = Math.min(fewest, await count("plain"));
      if (thread.availableParallelism() > 1) assert.ok(fewest < 2 * turns);
    });
  });

  describe("channels", () => {
    it("that messages of one sender keep their order, and the loop ends with the last sender", async () => {
      const [tx, rx] = mpsc.channel<number>();
      const producers = [1, 2].map((base) =>
        thread.spawn(move(base, tx.clone()), (base, tx) => {
          for (let i = 0; i < 50; i++) tx.send(base * 1000 + i).unwrap();
        }),
      );
      drop(tx);
      const got: number[] = [];
      for await (const n of rx) got.push(n);
      for (const producer of producers) (await producer.join()).unwrap();
      for (const base of [1, 2]) {
        const own = got.filter((n) => Math.floor(n / 1000) === base);
        assert.deepEqual(
          own,
          Array.from({ length: 50 }, (_, i) => base * 1000 + i),
        );
      }
    });

    it("that `send` gives the value back when the receiver is gone", () => {
      const [tx, rx] = mpsc.channel<string>();
      drop(rx);
      const sent = tx.send("soup");
      assert.equal(sent.isErr() && sent.error.value, "soup");
    });
  });
});

/** Runs a program with `thread` imported. */
async function run(name: string, code: string): Promise<Finished> {
  const folder = `${root}test/teaching/.cache/claims/`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}package.json`, '{ "type": "module" }\n');
  await writeFile(`${folder}${name}.ts`, `import { thread } from "fearless-threads";\n${code}\n`);
  return runTypeScript(`${folder}${name}.ts`);
}
