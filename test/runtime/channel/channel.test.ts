import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Arc,
  atomic,
  drop,
  Mutex,
  move,
  mpsc,
  RecvTimeoutError,
  SendError,
  TrySendError,
  thread,
} from "fearless-threads";

describe("mpsc.channel", () => {
  it("brings the messages of each sender in the order it sent them, and ends after the last", async () => {
    const [tx, rx] = mpsc.channel<{ from: number; n: number }>();
    const handles = [0, 1, 2].map((from) =>
      thread.spawn(move(tx.clone(), from), (tx, from) => {
        for (let n = 0; n < 1000; n++) tx.send({ from, n }).unwrap();
      }),
    );
    drop(tx);
    const next = [0, 0, 0];
    for await (const { from, n } of rx) {
      assert.equal(n, next[from]);
      next[from] = n + 1;
    }
    assert.deepEqual(next, [1000, 1000, 1000]);
    for (const handle of handles) (await handle.join()).unwrap();
  });

  it("ends when the thread that owns the sender ends, by a panic too", async () => {
    thread.setPanicHook(() => {});
    const [tx, rx] = mpsc.channel<number>();
    const handle = thread.spawn(move(tx), (tx) => {
      tx.send(1).unwrap();
      throw new Error("stops");
    });
    const got = [];
    for await (const n of rx) got.push(n);
    assert.deepEqual(got, [1]);
    assert.equal((await handle.join()).ok, false);
    thread.setPanicHook(undefined);
  });

  it("ends when the thread that owns the sender is killed", async () => {
    thread.setPanicHook(() => {});
    const [tx, rx] = mpsc.channel<number>();
    const handle = new thread.Builder().maxHeap(16 * 1024 * 1024).spawn(move(tx), (tx) => {
      tx.send(1).unwrap();
      const kept: object[] = [];
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    const got = [];
    for await (const n of rx) got.push(n);
    assert.deepEqual(got, [1]);
    assert.equal((await handle.unwrap().join()).ok, false);
    thread.setPanicHook(undefined);
  });

  it("gives a value back when the receiver is gone", async () => {
    const [tx, rx] = mpsc.channel<{ n: number }>();
    drop(rx);
    const value = { n: 1 };
    const result = tx.send(value);
    assert.ok(!result.ok && result.error instanceof SendError);
    assert.equal(result.error.value, value);
  });

  it("tells a sender in another thread that the receiver is gone", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const handle = thread.spawn(move(tx), (tx) => {
      let sent = 0;
      while (tx.send(sent).ok) sent++;
      return sent;
    });
    (await rx.recv()).unwrap();
    drop(rx);
    assert.ok((await handle.join()).unwrap() > 0);
  });

  it("receives blocking, not blocking and at once", async () => {
    const [tx, rx] = mpsc.channel<string>();
    assert.deepEqual(rx.tryRecv().match({ ok: () => "", err: (error) => error.reason }), "empty");
    const later = thread.spawn(move(tx), async (tx) => {
      for (const text of ["a", "b", "c"]) {
        await new Promise((done) => setTimeout(done, 5));
        tx.send(text).unwrap();
      }
    });
    assert.equal(rx.recvSync().unwrap(), "a");
    assert.equal((await rx.recv()).unwrap(), "b");
    let third = rx.tryRecv();
    while (!third.ok && third.error.reason === "empty") {
      await thread.sleep(1);
      third = rx.tryRecv();
    }
    assert.equal(third.unwrap(), "c");
    assert.equal((await rx.recv()).ok, false);
    assert.equal(rx.recvSync().ok, false);
    assert.deepEqual(rx.tryRecv().match({ ok: () => "", err: (error) => error.reason }), "disconnected");
    (await later.join()).unwrap();
  });

  it("moves its receiver with what is still in it", async () => {
    const [tx, rx] = mpsc.channel<number>();
    for (let n = 0; n < 3; n++) tx.send(n).unwrap();
    const handle = thread.spawn(move(rx), async (rx) => {
      const got: number[] = [];
      for await (const n of rx) got.push(n);
      return got;
    });
    tx.send(3).unwrap();
    drop(tx);
    assert.deepEqual((await handle.join()).unwrap(), [0, 1, 2, 3]);
  });

  it("moves what is sent: buffers are transferred, handles given away", async () => {
    const [tx, rx] = mpsc.channel<{ bytes: Uint8Array; lock: Mutex<number> }>();
    const bytes = new Uint8Array([5]);
    const lock = new Mutex(7);
    tx.send({ bytes, lock }).unwrap();
    assert.equal(bytes.byteLength, 0);
    assert.throws(() => lock.lockSync(), /moved through a channel/);
    const got = (await rx.recv()).unwrap();
    assert.deepEqual([got.bytes[0], got.lock.lockSync().unwrap().value], [5, 7]);
  });

  it("carries senders: a reply channel", async () => {
    const [tx, rx] = mpsc.channel<{ n: number; reply: mpsc.Sender<number> }>();
    const server = thread.spawn(move(rx), async (rx) => {
      for await (const { n, reply } of rx) reply.send(n * n).unwrap();
    });
    for (let n = 1; n <= 3; n++) {
      const [reply, answer] = mpsc.channel<number>();
      tx.send({ n, reply }).unwrap();
      assert.equal((await answer.recv()).unwrap(), n * n);
    }
    drop(tx);
    (await server.join()).unwrap();
  });

  it("refuses what cannot be sent, and the sender lives on", async () => {
    const [tx, rx] = mpsc.channel<unknown>();
    assert.throws(() => tx.send({ f: () => 1 }), { name: "NotSendError", message: /^message\.f: function/ });
    tx.send("fine").unwrap();
    assert.equal((await rx.recv()).unwrap(), "fine");
  });

  it("is over after drop: the handle throws", () => {
    const [tx, rx] = mpsc.channel<number>();
    drop(tx);
    drop(tx);
    assert.throws(() => tx.send(1), { name: "UseAfterMoveError", message: /was dropped/ });
    assert.throws(() => tx.clone(), { name: "UseAfterMoveError" });
    drop(rx);
    assert.throws(() => rx.tryRecv(), { name: "UseAfterMoveError" });
  });

  it("loses nothing and adds nothing, whatever is sent by however many", async () => {
    // As JSON would bring them: -0 is 0 there, and is sent as it is.
    const lists = fc
      .array(fc.array(fc.jsonValue(), { maxLength: 20 }), { minLength: 1, maxLength: 4 })
      .map((sent) => JSON.parse(JSON.stringify(sent)) as unknown[][]);
    await fc.assert(
      fc.asyncProperty(lists, async (sent) => {
        const [tx, rx] = mpsc.channel<{ from: number; value: unknown }>();
        const handles = sent.map((values, from) =>
          thread.spawn(move(tx.clone(), values, from), (tx, values, from) => {
            for (const value of values) tx.send({ from, value }).unwrap();
          }),
        );
        drop(tx);
        const got: unknown[][] = sent.map(() => []);
        for await (const { from, value } of rx) got[from]?.push(value);
        for (const handle of handles) (await handle.join()).unwrap();
        assert.deepEqual(got, sent);
      }),
      { numRuns: 30 },
    );
  });
});

describe("mpsc.syncChannel", () => {
  it("never has more on its way than its bound, from senders that wait and senders that block", async () => {
    const [tx, rx] = mpsc.syncChannel<{ from: number; n: number }>(3);
    const sent = Arc.new(new atomic.AtomicI32(0));
    const handles = [0, 1].map((from) =>
      thread.spawn(move(tx.clone(), sent.clone(), from), async (tx, sent, from) => {
        for (let n = 0; n < 300; n++) {
          const result = from === 0 ? tx.sendSync({ from, n }) : await tx.send({ from, n });
          result.unwrap();
          sent.fetchAdd(1);
        }
      }),
    );
    drop(tx);
    const next = [0, 0];
    let taken = 0;
    for await (const { from, n } of rx) {
      taken++;
      assert.ok(sent.load() <= taken + 3, `${sent.load()} sent, ${taken} taken`);
      assert.equal(n, next[from]);
      next[from] = n + 1;
    }
    assert.deepEqual(next, [300, 300]);
    for (const handle of handles) (await handle.join()).unwrap();
  });

  it("hands values over where its bound is 0: sending waits until the value was taken", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(0);
    const sent = Arc.new(new atomic.AtomicI32(0));
    const handle = thread.spawn(move(tx, sent.clone()), (tx, sent) => {
      for (let i = 0; i < 100; i++) {
        tx.sendSync(i).unwrap();
        sent.fetchAdd(1);
      }
    });
    for (let i = 0; i < 100; i++) {
      assert.ok(sent.load() <= i);
      assert.equal((await rx.recv()).unwrap(), i);
    }
    assert.equal(rx.recvSync().ok, false);
    assert.equal(sent.load(), 100);
    (await handle.join()).unwrap();
  });

  it("says at once where there is no room or nobody receives", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(1);
    assert.equal(tx.trySend(1).ok, true);
    const full = tx.trySend(2);
    assert.ok(!full.ok && full.error instanceof TrySendError);
    assert.deepEqual([full.error.reason, full.error.value], ["full", 2]);
    const [handing] = mpsc.syncChannel<number>(0);
    assert.equal(handing.trySend(1).ok, false);
    const waiting = tx.send(3);
    drop(rx);
    const gone = await waiting;
    assert.ok(!gone.ok && gone.error instanceof SendError && gone.error.value === 3);
    const none = tx.trySend(4);
    assert.ok(!none.ok && none.error.reason === "disconnected");
    assert.throws(() => mpsc.syncChannel(-1), RangeError);
  });

  it("gives the room back of a value that cannot be sent", async () => {
    const [tx, rx] = mpsc.syncChannel<unknown>(1);
    assert.throws(() => tx.sendSync(() => {}), /function cannot be sent/);
    (await tx.send("fits")).unwrap();
    assert.equal(rx.recvSync().unwrap(), "fits");
  });

  it("lets a blocked sender go where the receiver's thread ends or is killed", async () => {
    thread.setPanicHook(() => {});
    const [tx, rx] = mpsc.syncChannel<number>(0);
    const ends = thread.spawn(move(rx), async (rx) => (await rx.recv()).unwrap());
    tx.sendSync(1).unwrap();
    assert.equal(tx.sendSync(2).ok, false);
    assert.equal((await ends.join()).unwrap(), 1);
    const [tx2, rx2] = mpsc.syncChannel<number>(0);
    const killed = new thread.Builder().maxHeap(16 * 1024 * 1024).spawn(move(rx2), (rx) => {
      const kept: object[] = [rx, [rx.recvSync()]];
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    tx2.sendSync(1).unwrap();
    assert.equal(tx2.sendSync(2).ok, false);
    assert.equal((await killed.unwrap().join()).ok, false);
    thread.setPanicHook(undefined);
  });
});

describe("receiving with a timeout", () => {
  it("stops waiting after a time, and says why", async () => {
    const [tx, rx] = mpsc.channel<number>();
    for (const late of [await rx.recvTimeout(5), rx.recvTimeoutSync(5)]) {
      assert.ok(!late.ok && late.error instanceof RecvTimeoutError && late.error.reason === "timeout");
    }
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    assert.deepEqual([(await rx.recvTimeout(10_000)).unwrap(), rx.recvTimeoutSync(0).unwrap()], [1, 2]);
    drop(tx);
    const over = await rx.recvTimeout(10_000);
    assert.ok(!over.ok && over.error.reason === "disconnected");
    await assert.rejects(rx.recvTimeout(-1), RangeError);
  });

  it("ends while this thread blocks where the sender's thread is killed", async () => {
    thread.setPanicHook(() => {});
    const [tx, rx] = mpsc.channel<number>();
    const handle = new thread.Builder().maxHeap(16 * 1024 * 1024).spawn(move(tx), (tx) => {
      tx.send(1).unwrap();
      const kept: object[] = [tx];
      for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
    });
    assert.equal(rx.recvSync().unwrap(), 1);
    assert.equal(rx.recvSync().ok, false);
    assert.equal((await handle.unwrap().join()).ok, false);
    thread.setPanicHook(undefined);
  });
});
