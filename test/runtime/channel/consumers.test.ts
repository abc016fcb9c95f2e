import assert from "node:assert/strict";
import { MessageChannel } from "node:worker_threads";
import { Arc, drop, Mutex, move, mpsc, SendError, thread } from "fearless-threads";

/** What a consumer got, in its order. */
type Got = readonly number[];

/** The values of a loop over a receiver in a thread of its own. */
function collect(rx: mpsc.Receiver<number>): ReturnType<typeof thread.spawn<Got>> {
  return thread.spawn(move(rx), async (rx): Promise<Got> => {
    const got: number[] = [];
    for await (const n of rx) got.push(n);
    return got;
  });
}

const ascending = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function assertOnce(got: readonly Got[], count: number): void {
  for (const each of got) {
    for (const [i, n] of each.entries()) if (i > 0) assert.ok((each[i - 1] ?? 0) < n, "in the order they were sent");
  }
  assert.deepEqual(
    got.flat().sort((a, b) => a - b),
    ascending(0, count),
  );
}

describe("Receiver.clone", () => {
  it("gives each message to exactly one, in several threads", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const consumers = [collect(rx.clone()), collect(rx.clone()), collect(rx)];
    for (let n = 0; n < 5000; n++) tx.send(n).unwrap();
    drop(tx);
    const got: Got[] = [];
    for (const consumer of consumers) got.push((await consumer.join()).unwrap());
    assertOnce(got, 5000);
  });

  it("gives each message to exactly one, in one thread, however it is received", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const other = rx.clone();
    for (let n = 0; n < 6; n++) tx.send(n).unwrap();
    const got = [
      rx.recvSync().unwrap(),
      other.recvSync().unwrap(),
      rx.tryRecv().unwrap(),
      (await other.recv()).unwrap(),
      (await rx.recvTimeout(1000)).unwrap(),
      other.recvTimeoutSync(1000).unwrap(),
    ];
    assert.deepEqual(got, [0, 1, 2, 3, 4, 5]);
    drop(tx);
    assert.equal((await rx.recv()).ok, false);
    assert.equal(other.recvSync().ok, false);
  });

  it("gives each message to exactly one of two that wait in one thread at the same time", async () => {
    for (let round = 0; round < 20; round++) {
      const [tx, rx] = mpsc.channel<{ readonly n: number; readonly bytes: Uint8Array | null }>();
      const sender = thread.spawn(move(tx), async (tx) => {
        for (let n = 0; n < 20; n++) {
          tx.send({ n, bytes: n % 2 === 0 ? null : new Uint8Array(n) }).unwrap();
          if (n % 3 === 0) await new Promise((done) => setTimeout(done, 0));
        }
      });
      const take = async (
        rx: mpsc.Receiver<{ readonly n: number; readonly bytes: Uint8Array | null }>,
      ): Promise<Got> => {
        const got: number[] = [];
        for await (const { n, bytes } of rx) {
          got.push(n);
          assert.equal(bytes?.length, n % 2 === 0 ? undefined : n);
        }
        return got;
      };
      assertOnce(await Promise.all([take(rx), take(rx.clone())]), 20);
      (await sender.join()).unwrap();
    }
  });

  it("shares a channel with a bound, and one that hands over", async () => {
    for (const bound of [0, 1, 7]) {
      const [tx, rx] = mpsc.syncChannel<number>(bound);
      const consumers = [collect(rx.clone()), collect(rx)];
      const producer = thread.spawn(move(tx), (tx) => {
        for (let n = 0; n < 300; n++) tx.sendSync(n).unwrap();
      });
      const got: Got[] = [];
      for (const consumer of consumers) got.push((await consumer.join()).unwrap());
      assertOnce(got, 300);
      (await producer.join()).unwrap();
    }
  });

  it("lets receivers that block and receivers that wait share one channel", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const blocking = thread.spawn(move(rx.clone()), (rx): Got => {
      const got: number[] = [];
      for (let next = rx.recvSync(); next.ok; next = rx.recvSync()) got.push(next.value);
      return got;
    });
    const waiting = collect(rx);
    for (let n = 0; n < 400; n++) {
      tx.send(n).unwrap();
      if (n % 20 === 0) await thread.sleep(1);
    }
    drop(tx);
    assertOnce([(await blocking.join()).unwrap(), (await waiting.join()).unwrap()], 400);
  });

  it("says that nobody receives only after the last one is gone", () => {
    const [tx, rx] = mpsc.channel<{ n: number }>();
    const other = rx.clone();
    drop(rx);
    tx.send({ n: 1 }).unwrap();
    assert.equal(other.recvSync().unwrap().n, 1);
    drop(other);
    const value = { n: 2 };
    const refused = tx.send(value);
    assert.ok(!refused.ok && refused.error instanceof SendError);
    assert.equal(refused.error.value, value);
  });

  it("counts a receiver whose thread has ended as gone, by a panic too", async () => {
    thread.setPanicHook(() => {});
    const [tx, rx] = mpsc.syncChannel<number>(0);
    const one = thread.spawn(move(rx.clone()), (rx) => rx.recvSync().unwrap());
    const two = thread.spawn(move(rx), (rx) => {
      rx.recvSync().unwrap();
      throw new Error("stops");
    });
    tx.sendSync(1).unwrap();
    tx.sendSync(2).unwrap();
    assert.equal(tx.sendSync(3).ok, false);
    assert.equal((await one.join()).ok, true);
    assert.equal((await two.join()).ok, false);
    thread.setPanicHook(undefined);
  });

  it("brings handles and buffers to whoever takes them, in their place among the rest", async () => {
    type Job =
      | number
      | { readonly n: number; readonly lock: Arc<Mutex<number>> & Mutex<number>; readonly bytes: Uint8Array };
    const [tx, rx] = mpsc.channel<Job>();
    const sum = Arc.new(new Mutex(0));
    const work = async (rx: mpsc.Receiver<Job>): Promise<number[]> => {
      const order: number[] = [];
      for await (const job of rx) {
        if (typeof job === "number") {
          order.push(job);
          continue;
        }
        order.push(job.n);
        using guard = (await job.lock.lock()).unwrap();
        guard.value += job.bytes[0] ?? 0;
      }
      return order;
    };
    const consumers = [thread.spawn(move(rx.clone()), work), thread.spawn(move(rx), work)];
    for (let n = 0; n < 60; n += 2) {
      const bytes = new Uint8Array([n, 1, 2]);
      tx.send({ n, lock: sum.clone(), bytes }).unwrap();
      assert.equal(bytes.length, 0);
      tx.send(n + 1).unwrap();
    }
    drop(tx);
    const got: Got[] = [];
    for (const consumer of consumers) got.push((await consumer.join()).unwrap());
    assertOnce(got, 60);
    using guard = sum.lockSync().unwrap();
    assert.equal(guard.value, 870);
  });

  it("shares what was sent before it was cloned", async () => {
    const [tx, rx] = mpsc.channel<{ n: number; reply: mpsc.Sender<number> }>();
    const answers: mpsc.Receiver<number>[] = [];
    for (let n = 0; n < 8; n++) {
      const [reply, answer] = mpsc.channel<number>();
      answers.push(answer);
      tx.send({ n, reply }).unwrap();
    }
    const serve = async (rx: mpsc.Receiver<{ n: number; reply: mpsc.Sender<number> }>): Promise<void> => {
      for await (const { n, reply } of rx) {
        reply.send(n * n).unwrap();
        reply[Symbol.dispose]();
      }
    };
    const servers = [thread.spawn(move(rx.clone()), serve), thread.spawn(move(rx), serve)];
    for (let n = 8; n < 40; n++) {
      const [reply, answer] = mpsc.channel<number>();
      answers.push(answer);
      tx.send({ n, reply }).unwrap();
    }
    for (const [n, answer] of answers.entries()) {
      assert.equal((await answer.recv()).unwrap(), n * n);
      assert.equal((await answer.recv()).ok, false);
    }
    drop(tx);
    for (const server of servers) (await server.join()).unwrap();
  });

  it("lets senders and receivers come and go while others send handles", async () => {
    const [tx, rx] = mpsc.channel<{ n: number; lock: Mutex<number> }>();
    const consume = (rx: mpsc.Receiver<{ n: number; lock: Mutex<number> }>, most: number) =>
      thread.spawn(move(rx, most), async (rx, most) => {
        const got: number[] = [];
        for await (const { n, lock } of rx) {
          if (lock.lockSync().unwrap().value !== n) throw new Error("another message's lock");
          if (got.push(n) === most) break;
        }
        return got;
      });
    const consumers = [consume(rx.clone(), Number.POSITIVE_INFINITY)];
    const producers = [];
    for (let round = 0; round < 6; round++) {
      producers.push(
        thread.spawn(move(tx.clone(), round), async (tx, round) => {
          const { Mutex } = await import("fearless-threads");
          for (let i = 0; i < 10; i++) tx.send({ n: round * 10 + i, lock: new Mutex(round * 10 + i) }).unwrap();
        }),
      );
      consumers.push(consume(rx.clone(), 3));
      await thread.sleep(2);
    }
    drop(rx);
    drop(tx);
    const got: number[] = [];
    for (const producer of producers) (await producer.join()).unwrap();
    for (const consumer of consumers) got.push(...(await consumer.join()).unwrap());
    assert.deepEqual(
      got.sort((a, b) => a - b),
      ascending(0, 60),
    );
  });

  it("refuses a port where several receive, and says why; the channel goes on", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    const [sender] = mpsc.channel<number>();
    const other = thread.spawn(move(rx.clone()), async (rx) => (await rx.recv()).ok);
    const { port1 } = new MessageChannel();
    assert.throws(() => tx.send({ port: port1 }), { name: "NotSendError", message: /several receivers/ });
    tx.send({ sender }).unwrap();
    tx.send({ sender: "none" }).unwrap();
    assert.equal((await other.join()).unwrap(), true);
    assert.equal(rx.recvSync().ok, true);
  });

  it("is over for a receiver that was dropped or moved while it waits, and the others go on", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const [dropped, moved] = [rx.clone(), rx.clone()];
    const waiting = dropped.recv();
    const also = moved.recv();
    drop(dropped);
    const there = thread.spawn(move(moved), async (rx) => (await rx.recv()).unwrap());
    await assert.rejects(waiting, { name: "UseAfterMoveError" });
    await assert.rejects(also, { name: "UseAfterMoveError" });
    tx.send(1).unwrap();
    assert.equal((await there.join()).unwrap(), 1);
    tx.send(2).unwrap();
    assert.equal(rx.recvSync().unwrap(), 2);
  });
});
