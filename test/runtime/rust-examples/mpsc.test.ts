// What the documentation of Rust's std::sync::mpsc shows, as tests in this library's API and our own words.
import assert from "node:assert/strict";
import { drop, move, mpsc, thread } from "fearless-threads";

describe("std::sync::mpsc", () => {
  it("module: one thread sends, another one receives", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const sender = thread.spawn(move(tx), (tx) => tx.send(10).unwrap());
    assert.equal((await rx.recv()).unwrap(), 10);
    (await sender.join()).unwrap();
  });

  it("module: ten senders, one receiver", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const handles = Array.from({ length: 10 }, (_, i) =>
      thread.spawn(move(tx.clone(), i), (tx, i) => tx.send(i).unwrap()),
    );
    let sum = 0;
    for (let i = 0; i < 10; i++) sum += (await rx.recv()).unwrap();
    assert.equal(sum, 45);
    for (const handle of handles) (await handle.join()).unwrap();
  });

  it("module: receiving where nobody sends any more is an error", async () => {
    const [tx, rx] = mpsc.channel<number>();
    drop(tx);
    assert.equal((await rx.recv()).ok, false);
  });

  it("module: a rendezvous channel waits for the other side", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(0);
    const sender = thread.spawn(move(tx), (tx) => tx.sendSync(53).unwrap());
    assert.equal((await rx.recv()).unwrap(), 53);
    (await sender.join()).unwrap();
  });

  it("sync_channel: the second message waits until the first one was taken", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(1);
    (await tx.send(1)).unwrap();
    const sender = thread.spawn(move(tx), (tx) => tx.sendSync(2).unwrap());
    assert.equal((await rx.recv()).unwrap(), 1);
    assert.equal((await rx.recv()).unwrap(), 2);
    (await sender.join()).unwrap();
  });

  it("SyncSender::try_send: full, and disconnected", async () => {
    const [tx, rx] = mpsc.syncChannel<string>(1);
    tx.trySend("first").unwrap();
    const full = tx.trySend("second");
    assert.ok(!full.ok && full.error.reason === "full" && full.error.value === "second");
    assert.equal((await rx.recv()).unwrap(), "first");
    drop(rx);
    const gone = tx.trySend("third");
    assert.ok(!gone.ok && gone.error.reason === "disconnected");
  });

  it("Sender::send: gives the value back where the receiver is gone", () => {
    const [tx, rx] = mpsc.channel<number>();
    tx.send(1).unwrap();
    drop(rx);
    const failed = tx.send(2);
    assert.ok(!failed.ok && failed.error.value === 2);
  });

  it("Receiver::try_recv: empty, then a message, then disconnected", () => {
    const [tx, rx] = mpsc.channel<number>();
    const empty = rx.tryRecv();
    assert.ok(!empty.ok && empty.error.reason === "empty");
    tx.send(5).unwrap();
    drop(tx);
    assert.equal(rx.tryRecv().unwrap(), 5);
    const gone = rx.tryRecv();
    assert.ok(!gone.ok && gone.error.reason === "disconnected");
  });

  it("Receiver::recv_timeout: a message in time, and a time that passes", async () => {
    const [tx, rx] = mpsc.channel<string>();
    const sender = thread.spawn(move(tx), async (tx) => {
      tx.send("a").unwrap();
      await new Promise((done) => setTimeout(done, 50));
      return tx.send("late").ok;
    });
    assert.equal((await rx.recvTimeout(10_000)).unwrap(), "a");
    const late = await rx.recvTimeout(1);
    assert.ok(!late.ok && late.error.reason === "timeout");
    (await sender.join()).unwrap();
  });

  it("Receiver::iter: ends with the last sender, even where its thread panics", async () => {
    const [tx, rx] = mpsc.channel<number>();
    thread.setPanicHook(() => {});
    const sender = thread.spawn(move(tx), (tx) => {
      for (let i = 1; i <= 3; i++) tx.send(i).unwrap();
      throw new Error("no more");
    });
    const got = [];
    for await (const n of rx) got.push(n);
    assert.deepEqual(got, [1, 2, 3]);
    assert.equal((await sender.join()).ok, false);
    thread.setPanicHook(undefined);
  });
});
