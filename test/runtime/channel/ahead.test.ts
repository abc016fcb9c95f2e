// Numbers are read ahead of the one who takes them. Nobody may see that: none is lost, none comes twice, none too late.
import assert from "node:assert/strict";
import { drop, move, mpsc, thread } from "fearless-threads";

/** A channel with the numbers from 0 on in it, more than are read at once. */
function full(count = 1000): [mpsc.Sender<number>, mpsc.Receiver<number>] {
  const [tx, rx] = mpsc.channel<number>();
  for (let i = 0; i < count; i++) tx.send(i).unwrap();
  return [tx, rx];
}

/** Takes so many in a loop that is left early. */
async function take(rx: mpsc.Receiver<number>, count: number): Promise<number[]> {
  const taken: number[] = [];
  for await (const n of rx) {
    taken.push(n);
    if (taken.length === count) break;
  }
  return taken;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe("numbers that were read ahead", () => {
  for (const count of [1, 2, 255, 256, 257, 700]) {
    it(`are there for the next loop, and for every other way to receive: after ${count}`, async () => {
      const [tx, rx] = full();
      drop(tx);
      assert.deepEqual(await take(rx, count), range(0, count));
      assert.equal(rx.recvSync().unwrap(), count);
      assert.equal(rx.tryRecv().unwrap(), count + 1);
      assert.equal((await rx.recv()).unwrap(), count + 2);
      assert.equal((await rx.recvTimeout(100)).unwrap(), count + 3);
      assert.equal(rx.recvTimeoutSync(100).unwrap(), count + 4);
      assert.deepEqual(await take(rx, Number.POSITIVE_INFINITY), range(count + 5, 1000));
      assert.equal(rx.recvSync().ok, false);
    });

    it(`go with the receiver to another thread: after ${count}`, async () => {
      const [tx, rx] = full();
      drop(tx);
      await take(rx, count);
      const rest = thread.spawn(move(rx), async (rx) => {
        const taken: number[] = [];
        for await (const n of rx) taken.push(n);
        return taken;
      });
      assert.deepEqual((await rest.join()).unwrap(), range(count, 1000));
    });
  }

  it("are shared with a clone in the same thread", async () => {
    const [tx, rx] = full();
    drop(tx);
    assert.deepEqual(await take(rx, 10), range(0, 10));
    const other = rx.clone();
    assert.equal(other.recvSync().unwrap(), 10);
    assert.equal(rx.recvSync().unwrap(), 11);
    drop(rx);
    assert.deepEqual(await take(other, 5), range(12, 17));
  });

  it("are taken by exactly one where a clone goes to another thread in between", async () => {
    for (let round = 0; round < 20; round++) {
      const [tx, rx] = full();
      drop(tx);
      const first = await take(rx, 1 + round * 30);
      const other = thread.spawn(move(rx.clone()), async (rx) => {
        const taken: number[] = [];
        for await (const n of rx) taken.push(n);
        return taken;
      });
      const mine = await take(rx, Number.POSITIVE_INFINITY);
      const theirs = (await other.join()).unwrap();
      assert.deepEqual(first, range(0, first.length));
      assert.deepEqual(
        [...mine, ...theirs].sort((a, b) => a - b),
        range(first.length, 1000),
      );
    }
  });

  it("come in order among messages of other kinds", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    const sent: unknown[] = [];
    for (let i = 0; i < 2000; i++) sent.push(i % 7 === 0 ? { i } : i % 11 === 0 ? i / 2 : i % 13 === 0 ? `${i}` : i);
    for (const message of sent) tx.send(message).unwrap();
    drop(tx);
    const got: unknown[] = [];
    for await (const message of rx) got.push(message);
    assert.deepEqual(got, sent);
  });

  it("give senders their room back: what is sent while they are taken arrives", async () => {
    const [tx, rx] = mpsc.channel<number>();
    let next = 0;
    let expected = 0;
    for (let round = 0; round < 300; round++) {
      for (let i = 0; i < 500; i++) tx.send(next++).unwrap();
      for (const n of await take(rx, 499)) assert.equal(n, expected++);
    }
    drop(tx);
    for await (const n of rx) assert.equal(n, expected++);
    assert.equal(expected, next);
  });

  it("are refused once the receiver was dropped in the middle of the loop", async () => {
    const [, rx] = full();
    await assert.rejects(
      async () => {
        for await (const n of rx) if (n === 3) drop(rx);
      },
      { name: "UseAfterMoveError" },
    );
  });

  it("let timers have their turn", async () => {
    const [tx, rx] = full(100_000);
    drop(tx);
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await take(rx, Number.POSITIVE_INFINITY);
    clearInterval(timer);
    assert.ok(turns > 1, `${turns} turns`);
  });
});
