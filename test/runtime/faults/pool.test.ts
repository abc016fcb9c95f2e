import assert from "node:assert/strict";
import { move, mpsc, type PanicKind, ThreadPool, thread } from "fearless-threads";

/** One closure for all, so that they share workers: what it does is told by a number. */
const misbehave = async (how: number): Promise<unknown> => {
  switch (how) {
    case 1:
      throw new TypeError("thrown");
    case 2:
      return process.exit(2);
    case 3:
      setTimeout(() => {
        throw new Error("in a timer");
      }, 1);
      return await new Promise(() => {});
    case 4:
      return () => 1;
    case 5: {
      const dive = (): number => dive() + 1;
      return dive();
    }
    case 6:
      void Promise.reject(new Error("unhandled"));
      return await new Promise(() => {});
    default:
      return how;
  }
};

const kinds: readonly (PanicKind | undefined)[] = [
  undefined,
  "thrown",
  "exit",
  "thrown",
  "unsendable-result",
  "stack-overflow",
  "thrown",
];

describe("a ThreadPool whose threads fail", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  for (const size of [1, 3]) {
    it(`settles every task with what became of it, on ${size} of its threads`, async () => {
      const pool = new ThreadPool({ size });
      const tasks = Array.from({ length: 28 }, (_, i) => ({
        how: i % kinds.length,
        handle: pool.spawn(move(i % kinds.length), misbehave),
      }));
      for (const { how, handle } of tasks) {
        const result = await handle.join();
        assert.equal(result.ok ? undefined : result.error.kind, kinds[how], result.ok ? "" : result.error.message);
        if (result.ok) assert.equal(result.value, how);
      }
      await pool.join();
      assert.deepEqual(await pool.map([10, 11], misbehave), [10, 11]);
    });
  }

  it("settles every task where each waits for it by blocking", () => {
    const pool = new ThreadPool({ size: 2 });
    const tasks = kinds.map((kind, how) => ({ kind, handle: pool.spawn(move(how), misbehave) }));
    for (const { kind, handle } of tasks.reverse()) {
      const result = handle.joinSync();
      assert.equal(result.ok ? undefined : result.error.kind, kind, result.ok ? "" : result.error.message);
    }
  });

  it("goes on while the thread that made it blocks on something else", () => {
    const pool = new ThreadPool({ size: 1 });
    const [tx, rx] = mpsc.channel<number>();
    for (let i = 0; i < 4; i++) pool.spawn(move(tx.clone(), i), (tx, i) => tx.send(i).unwrap());
    for (let i = 0; i < 4; i++) assert.equal(rx.recvSync().unwrap(), i);
  });

  it("settles what waits in a worker that is ended from outside", async () => {
    const pool = new ThreadPool({ size: 1 });
    const first = pool.spawn(() => new Promise(() => {}));
    const rest = Array.from({ length: 10 }, (_, i) => pool.spawn(move(i), (i) => i));
    await thread.sleep(20);
    first.terminate();
    assert.equal((await first.join()).ok, false);
    for (const [i, handle] of rest.entries()) assert.equal((await handle.join()).unwrap(), i);
  });
});
