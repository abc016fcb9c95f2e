import assert from "node:assert/strict";
import { Arc, drop, Mutex, move, mpsc, NotSendError, ThreadPanic, ThreadPool, thread } from "fearless-threads";

// A worker's stack is some four times as large as that of the main thread: it can write what this thread cannot read.
const depth = 6000;
const nest = (depth: number): object => {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = { value };
  return value;
};
const nestedResult = (depth: number): object => {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = { value };
  return value;
};

function assertUnread(result: { readonly ok: boolean; readonly error?: unknown }, kind: string): void {
  assert.ok(!result.ok && result.error instanceof ThreadPanic);
  assert.equal(result.error.kind, kind);
  assert.ok(result.error.cause instanceof NotSendError);
  assert.match(result.error.message, /could not (be )?read .*RangeError/);
}

describe("a message that cannot be read where it comes to", () => {
  it("is a panic of the thread whose result it was, joined with or without blocking", async () => {
    assertUnread(await thread.spawn(move(depth), nestedResult).join(), "unsendable-result");
    assertUnread(thread.spawn(move(depth), nestedResult).joinSync(), "unsendable-result");
    assert.equal((await thread.spawn(() => "alive").join()).unwrap(), "alive");
  });

  it("is a panic of the right thread of a pool", async () => {
    await using pool = new ThreadPool({ size: 2 });
    const depths = [1, depth, 2, 3, depth, 4];
    const results = await Promise.all(depths.map((depth) => pool.spawn(move(depth), nestedResult).join()));
    for (const [i, result] of results.entries()) {
      if (depths[i] === depth) assertUnread(result, "unsendable-result");
      else assert.deepEqual(result.unwrap(), nest(depths[i] ?? 0));
    }
  });

  it("lets go of the handles in a result", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const lock = Arc.new(new Mutex(1));
    const handle = thread.spawn(move(tx, lock.clone(), depth), (tx, lock, depth) => {
      let value: object = {};
      for (let i = 0; i < depth; i++) value = { value };
      tx.send(1).unwrap();
      return { tx, lock, value };
    });
    assert.equal(rx.recvSync().unwrap(), 1);
    const end = rx.recv();
    assertUnread(await handle.join(), "unsendable-result");
    assert.equal((await end).ok, false);
    assert.equal(lock.strongCount(), 1);
  });

  it("is a panic of the right one of those that were given it by a thread with a larger stack", async () => {
    const most = 60_000;
    const giver = new thread.Builder().stackSize(64 * 1024 * 1024).spawn(move(most), async (most) => {
      const { Arc, Mutex, ThreadPool, move, thread } = await import("fearless-threads");
      thread.setPanicHook(() => {});
      const lock = Arc.new(new Mutex(0));
      const pool = new ThreadPool({ size: 1 });
      const handles = [0, 1, most, 2, 3, most, most, 4, 5].map((depth) => {
        let value: object = {};
        for (let i = 0; i < depth; i++) value = { value };
        return pool.spawn(move({ value }, lock.clone()), ({ value }) => {
          let depth = -1;
          for (let at: { value?: object } | undefined = value; at !== undefined; at = at.value) depth++;
          return depth;
        });
      });
      const results = await Promise.all(handles.map((handle) => handle.join()));
      return {
        read: results.map((result) => (result.ok ? result.value : result.error.message)),
        owners: lock.strongCount(),
      };
    });
    const { read, owners } = (await giver.unwrap().join()).unwrap();
    assert.deepEqual(
      read.map((depth) => (typeof depth === "number" ? depth : "unread")),
      [0, 1, "unread", 2, 3, "unread", "unread", 4, 5],
      read.join("\n"),
    );
    assert.equal(owners, 1);
  });

  it("is a panic of the thread that was given it, and what it was given is let go of", async () => {
    const [tx, rx] = mpsc.channel<number>();
    const builder = new thread.Builder().stackSize(512 * 1024);
    const handle = builder.spawn(move(nest(1200), tx), (_, tx) => void tx.send(1)).unwrap();
    assertUnread(await handle.join(), "thrown");
    assert.equal((await rx.recv()).ok, false);
  });

  it("is an error of the receiver that took it, and the next message comes", async () => {
    const [tx, rx] = mpsc.channel<object>();
    const sender = thread.spawn(move(tx, depth), (tx, depth) => {
      let value: object = {};
      for (let i = 0; i < depth; i++) value = { value };
      for (const message of [{ n: 1 }, value, { n: 2, buffer: new ArrayBuffer(8) }, value]) tx.send(message).unwrap();
    });
    assert.deepEqual((await rx.recv()).unwrap(), { n: 1 });
    await assert.rejects(rx.recv(), NotSendError);
    assert.deepEqual(rx.recvSync().unwrap(), { n: 2, buffer: new ArrayBuffer(8) });
    assert.throws(() => rx.recvSync(), NotSendError);
    assert.equal((await rx.recv()).ok, false);
    (await sender.join()).unwrap();
  });

  it("holds up none of several receivers", async () => {
    const [tx, rx] = mpsc.channel<object>();
    const other = rx.clone();
    const sender = thread.spawn(move(tx, depth), (tx, depth) => {
      let value: object = {};
      for (let i = 0; i < depth; i++) value = { value };
      for (let i = 0; i < 4; i++) tx.send(i % 2 === 0 ? value : { bytes: new Uint8Array(i) }).unwrap();
    });
    const take = async (rx: mpsc.Receiver<object>) => {
      const taken: string[] = [];
      for (;;) {
        const result = await rx.recv().catch((error: unknown) => error);
        if (result instanceof NotSendError) taken.push("unread");
        else if (result instanceof Object && "ok" in result && result.ok) taken.push("read");
        else return taken;
      }
    };
    const [ours, others] = await Promise.all([take(rx), take(other)]);
    assert.deepEqual([...ours, ...others].sort(), ["read", "read", "unread", "unread"]);
    (await sender.join()).unwrap();
    drop(other);
  });
});
