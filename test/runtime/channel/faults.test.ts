import assert from "node:assert/strict";
import { drop, move, mpsc, SendError, thread } from "fearless-threads";
import { Workspace } from "../process.js";

/** Ways for a thread to end that holds one end of a channel; `held` is that end, so that it is not let go of before. */
const endings: Readonly<Record<string, (held: unknown) => unknown>> = {
  returns: () => 0,
  panics: () => {
    throw new Error("stops");
  },
  "panics in a timer": () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error("stops");
      });
    }),
  "calls process.exit": () => process.exit(3),
  "runs out of memory": (held) => {
    const kept: unknown[] = [held];
    for (;;) kept.push(Array.from({ length: 1000 }, (_, i) => ({ i })));
  },
};

const builder = () => new thread.Builder().maxHeap(16 * 1024 * 1024);

describe("a channel whose other end's thread ends", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  for (const [how, ending] of Object.entries(endings)) {
    it(`ends for one who waits to receive, and for one who blocks, where the sender's thread ${how}`, async () => {
      for (const receive of [
        (rx: mpsc.Receiver<number>) => rx.recv(),
        (rx: mpsc.Receiver<number>) => rx.recvSync(),
        (rx: mpsc.Receiver<number>) => rx.recvTimeout(60_000),
      ]) {
        const [tx, rx] = mpsc.channel<number>();
        const handle = builder().spawn(move(tx, 1), ending).unwrap();
        assert.equal((await receive(rx)).ok, false);
        await handle.join();
      }
    });

    it(`gives the value back to one who waits for room, where the receiver's thread ${how}`, async () => {
      for (const bound of [0, 1]) {
        for (const send of [
          (tx: mpsc.SyncSender<number>) => tx.send(7),
          (tx: mpsc.SyncSender<number>) => tx.sendSync(7),
        ]) {
          const [tx, rx] = mpsc.syncChannel<number>(bound);
          if (bound === 1) tx.sendSync(1).unwrap();
          const handle = builder().spawn(move(rx, 1), ending).unwrap();
          const refused = await send(tx);
          assert.ok(!refused.ok && refused.error instanceof SendError && refused.error.value === 7);
          await handle.join();
        }
      }
    });
  }

  it("ends where the sender's thread is terminated in the middle of sending", async () => {
    for (let round = 0; round < 10; round++) {
      const [tx, rx] = mpsc.channel<number>();
      const other = tx.clone();
      const handle = thread.spawn(move(tx), (tx) => {
        for (let n = 0; ; n++) tx.send(n);
      });
      for (let n = 0; n < 100 * round + 1; n++) assert.equal(rx.recvSync().unwrap(), n);
      handle.terminate();
      let last = 100 * round;
      other.send(-1).unwrap();
      for (let got = await rx.recv(); got.unwrap() !== -1; got = await rx.recv()) {
        assert.equal(got.unwrap(), last + 1);
        last++;
      }
      drop(other);
      assert.equal((await handle.join()).ok, false);
      let rest = await rx.recv();
      while (rest.ok) rest = await rx.recv();
    }
  });

  it("goes to the other receivers where one is terminated in the middle of receiving", async () => {
    for (let round = 0; round < 10; round++) {
      const [tx, rx] = mpsc.channel<number>();
      const handle = thread.spawn(move(rx.clone()), (rx) => {
        while (rx.recvSync().ok);
      });
      for (let n = 0; n < 2000; n++) tx.send(n).unwrap();
      handle.terminate();
      for (let n = 2000; n < 3000; n++) tx.send(n).unwrap();
      drop(tx);
      await handle.join();
      let last = -1;
      for await (const n of rx) {
        assert.ok(n > last);
        last = n;
      }
    }
  });

  it("lets go of what nobody will receive: a sender in a message", async () => {
    const [tx, rx] = mpsc.channel<{ reply: mpsc.Sender<number> }>();
    const [reply, answer] = mpsc.channel<number>();
    tx.send({ reply }).unwrap();
    drop(rx);
    assert.equal((await answer.recv()).ok, false);
    const [other, second] = mpsc.channel<number>();
    assert.equal(tx.send({ reply: other }).ok, false);
    drop(other);
    assert.equal((await second.recv()).ok, false);
  });
});

describe("a question in a message", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  type Question = { readonly reply: mpsc.Sender<number> };
  const ask = (tx: mpsc.Sender<Question>): mpsc.Receiver<number> => {
    const [reply, answer] = mpsc.channel<number>();
    tx.send({ reply }).unwrap();
    return answer;
  };

  for (const how of ["waits", "blocks"]) {
    it(`is answered by an end for one who ${how}, where the thread that has it, or would have had it, is killed`, async () => {
      const [tx, rx] = mpsc.channel<Question>();
      const [ready, isReady] = mpsc.channel<number>();
      const server = thread.spawn(move(rx, ready), (rx, ready) => {
        const kept = [rx.recvSync().unwrap()];
        ready.send(kept.length).unwrap();
        for (;;);
      });
      const [taken, waiting] = [ask(tx), ask(tx)];
      isReady.recvSync().unwrap();
      server.terminate();
      for (const answer of [taken, waiting]) {
        assert.equal((how === "waits" ? await answer.recv() : answer.recvSync()).ok, false);
      }
      assert.equal((await server.join()).ok, false);
    });
  }

  it("is still answered by a thread that receives no more", async () => {
    const [tx, rx] = mpsc.channel<Question>();
    const server = thread.spawn(move(rx), async (rx) => {
      const { reply } = rx.recvSync().unwrap();
      rx[Symbol.dispose]();
      await new Promise((done) => setTimeout(done, 20));
      reply.send(42).unwrap();
    });
    const answer = ask(tx);
    assert.equal((await answer.recv()).unwrap(), 42);
    (await server.join()).unwrap();
  });
});

describe("a channel that is used wrongly", () => {
  it("names the part that cannot be sent, and is as it was", async () => {
    const [tx, rx] = mpsc.syncChannel<unknown>(1);
    const [other, answer] = mpsc.channel<number>();
    const bad = { ok: 1, list: [{ deep: { onDone: () => 1 } }], other };
    assert.throws(() => tx.sendSync(bad), { name: "NotSendError", path: "message.list[0].deep.onDone" });
    await assert.rejects(tx.send(bad), { name: "NotSendError", path: "message.list[0].deep.onDone" });
    other.send(1).unwrap();
    assert.equal(answer.recvSync().unwrap(), 1);
    tx.trySend("fits").unwrap();
    assert.equal(rx.recvSync().unwrap(), "fits");
  });

  it("says where an end went that was moved", () => {
    const [tx, rx] = mpsc.channel<number>();
    const [carrier, carried] = mpsc.channel<unknown>();
    carrier.send({ tx, rx }).unwrap();
    assert.throws(() => tx.send(1), { name: "UseAfterMoveError", message: /moved through a channel/ });
    assert.throws(() => rx.recvSync(), { name: "UseAfterMoveError", message: /moved through a channel/ });
    drop(carried);
  });
});

describe("a program with a channel", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("ends by itself, whatever is still in the channel", async () => {
    const file = workspace.write(
      "idle.js",
      `import { mpsc, thread, move } from "fearless-threads";
       const [tx, rx] = mpsc.channel();
       for (let i = 0; i < 300_000; i++) tx.send(i);
       tx.send(new Uint8Array(10));
       const [a, b] = mpsc.syncChannel(1);
       a.trySend(1);
       thread.spawn(move(rx.clone()), async (rx) => { for await (const n of rx); }).detach();
       console.log("done");`,
    );
    const ended = await workspace.node(file);
    assert.deepEqual([ended.code, ended.stdout, ended.stderr], [0, "done\n", ""]);
  });
});
