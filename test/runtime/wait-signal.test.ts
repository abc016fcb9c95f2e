import assert from "node:assert/strict";
import {
  Arc,
  Barrier,
  Condvar,
  drop,
  Mutex,
  type MutexGuard,
  move,
  mpsc,
  Once,
  OnceLock,
  RwLock,
  Semaphore,
  thread,
} from "fearless-threads";

type Options = { readonly signal?: AbortSignal };

/** Something that is taken already, so that whoever asks waits. */
interface Taken {
  wait(options?: Options): Promise<unknown>;
  /** Lets one of those who wait go on. */
  free(): void;
}

const waits: Readonly<Record<string, () => Promise<Taken>>> = {
  "Mutex.lock": async () => {
    const lock = new Mutex(0);
    const guard = (await lock.lock()).unwrap();
    return { wait: async (options) => drop((await lock.lock(options)).unwrap()), free: () => drop(guard) };
  },
  "RwLock.read": async () => {
    const lock = new RwLock(0);
    const guard = (await lock.write()).unwrap();
    return { wait: async (options) => drop((await lock.read(options)).unwrap()), free: () => drop(guard) };
  },
  "RwLock.write": async () => {
    const lock = new RwLock(0);
    const guard = (await lock.read()).unwrap();
    return { wait: async (options) => drop((await lock.write(options)).unwrap()), free: () => drop(guard) };
  },
  "Semaphore.acquire": async () => {
    const permits = new Semaphore(1);
    const permit = await permits.acquire();
    return { wait: async (options) => drop(await permits.acquire(options)), free: () => drop(permit) };
  },
  "Receiver.recv": async () => {
    const [tx, rx] = mpsc.channel<number>();
    return { wait: async (options) => (await rx.recv(options)).unwrap(), free: () => void tx.send(1).unwrap() };
  },
  "Receiver.recvTimeout": async () => {
    const [tx, rx] = mpsc.channel<number>();
    return {
      wait: async (options) => (await rx.recvTimeout(60_000, options)).unwrap(),
      free: () => void tx.send(1).unwrap(),
    };
  },
  "SyncSender.send": async () => {
    const [tx, rx] = mpsc.syncChannel<number>(1);
    tx.trySend(0).unwrap();
    return { wait: async (options) => (await tx.send(1, options)).unwrap(), free: () => void rx.recv() };
  },
  "SyncSender.send, handing over": async () => {
    const [tx, rx] = mpsc.syncChannel<number>(0);
    return { wait: async (options) => (await tx.send(1, options)).unwrap(), free: () => void rx.recv() };
  },
  "Once.wait": async () => {
    const once = new Once();
    return { wait: (options) => once.wait(options), free: () => once.callOnceSync(() => {}) };
  },
  "Once.callOnce": async () => {
    const once = new Once();
    let free = (): void => {};
    void once.callOnce(() => new Promise<void>((done) => (free = done)));
    await thread.sleep(1);
    return { wait: (options) => once.callOnce(() => assert.fail("it is done once"), options), free: () => free() };
  },
  "OnceLock.wait": async () => {
    const value = new OnceLock<number>();
    return { wait: (options) => value.wait(options), free: () => void value.setSync(1) };
  },
  "OnceLock.getOrInit": async () => {
    const value = new OnceLock<number>();
    let free = (_: number): void => {};
    void value.getOrInit(() => new Promise<number>((done) => (free = done)));
    await thread.sleep(1);
    return { wait: (options) => value.getOrInit(() => assert.fail("it is made once"), options), free: () => free(1) };
  },
  "OnceLock.set": async () => {
    const value = new OnceLock<number>();
    let free = (_: number): void => {};
    void value.getOrInit(() => new Promise<number>((done) => (free = done)));
    await thread.sleep(1);
    return { wait: (options) => value.set(2, options), free: () => free(1) };
  },
  "Condvar.wait": async () => {
    const lock = new Mutex(0);
    const changed = new Condvar();
    const wait = async (options?: Options) => {
      drop((await changed.wait((await lock.lock()).unwrap(), options)).unwrap());
    };
    return { wait, free: () => changed.notifyOne() };
  },
  "Condvar.waitTimeout": async () => {
    const lock = new Mutex(0);
    const changed = new Condvar();
    const wait = async (options?: Options) => {
      const { guard, timedOut } = (await changed.waitTimeout((await lock.lock()).unwrap(), 60_000, options)).unwrap();
      drop(guard);
      assert.equal(timedOut, false);
    };
    return { wait, free: () => changed.notifyOne() };
  },
  "Condvar.waitWhile": () =>
    taking(async (changed, guard, options) => (await changed.waitWhile(guard, isNone, options)).unwrap()),
  "Condvar.waitTimeoutWhile": () =>
    taking(
      async (changed, guard, options) =>
        (await changed.waitTimeoutWhile(guard, 60_000, isNone, options)).unwrap().guard,
    ),
  "thread.park": async () => ({
    wait: (options) => thread.park(options),
    free: () => thread.current().unpark(),
  }),
  "thread.parkTimeout": async () => ({
    wait: (options) => thread.parkTimeout(60_000, options),
    free: () => thread.current().unpark(),
  }),
};

const isNone = (count: number): boolean => count === 0;

/** A count that each one who waits takes one of, once there is one. */
async function taking(
  wait: (changed: Condvar, guard: MutexGuard<number>, options?: Options) => Promise<MutexGuard<number>>,
): Promise<Taken> {
  const count = new Mutex(0);
  const changed = new Condvar();
  const put = async () => {
    using guard = (await count.lock()).unwrap();
    guard.value += 1;
    changed.notifyOne();
  };
  return {
    wait: async (options) => {
      using guard = await wait(changed, (await count.lock()).unwrap(), options);
      guard.value -= 1;
    },
    free: () => void put(),
  };
}

describe("waiting with a signal", () => {
  for (const [what, taken] of Object.entries(waits)) {
    it(`ends for ${what} when the signal is aborted, with its reason; whoever waits behind is not held up`, async () => {
      const { wait, free } = await taken();
      const controller = new AbortController();
      const reason = new RangeError("not needed any more");
      const first = wait({ signal: controller.signal });
      const second = wait();
      await thread.sleep(5);
      controller.abort(reason);
      await assert.rejects(first, (error) => error === reason);
      free();
      await second;
    });

    it(`ends for ${what} at once where the signal was aborted before`, async () => {
      const { wait, free } = await taken();
      await assert.rejects(wait({ signal: AbortSignal.abort(new TypeError("before")) }), TypeError);
      const waiting = wait({ signal: new AbortController().signal });
      await thread.sleep(5);
      free();
      await waiting;
    });

    it(`ends for ${what} where both happen at once, one way or the other, and a wake-up is not lost`, async () => {
      const { wait, free } = await taken();
      const controller = new AbortController();
      const first = wait({ signal: controller.signal }).then(
        () => "woken",
        () => "aborted",
      );
      const second = wait();
      await thread.sleep(5);
      free();
      controller.abort();
      if ((await first) === "woken" && !what.startsWith("thread.park")) free();
      await second;
    });
  }

  it("takes a thread back from a Barrier: another one has to come in its place", async () => {
    const barrier = Arc.new(new Barrier(4));
    const controller = new AbortController();
    const aborted = barrier.wait({ signal: controller.signal });
    const waiting = barrier.wait();
    await thread.sleep(5);
    controller.abort(new RangeError("left"));
    await assert.rejects(aborted, RangeError);
    await assert.rejects(barrier.wait({ signal: controller.signal }), RangeError);
    const others = [waiting, thread.spawn(move(barrier.clone()), (barrier) => barrier.waitSync()).join()];
    let isOver = false;
    void Promise.race(others).then(() => (isOver = true));
    await thread.sleep(20);
    assert.equal(isOver, false);
    await Promise.all([barrier.wait(), barrier.wait(), ...others]);
  });

  it("keeps a Barrier's rounds apart, whoever leaves when", async () => {
    const barrier = new Barrier(2);
    let left = 0;
    for (let i = 0; i < 300; i++) {
      const controller = new AbortController();
      const one = barrier.wait({ signal: controller.signal }).catch(() => "left");
      if (i % 3 !== 0) controller.abort();
      if (i % 3 === 1) await thread.sleep(0);
      const other = barrier.wait();
      if ((await one) === "left") {
        left++;
        assert.equal((await barrier.wait()).isLeader, true);
      }
      assert.equal((await other).isLeader, (await one) !== "left");
    }
    assert.equal(left, 100);
  });

  it("gives a value that was not sent to nobody, and the sends behind it go on in their order", async () => {
    for (const bound of [0, 1]) {
      const [tx, rx] = mpsc.syncChannel<{ readonly n: number; readonly bytes?: Uint8Array }>(bound);
      if (bound === 1) tx.trySend({ n: 0 }).unwrap();
      const controller = new AbortController();
      const { signal } = controller;
      const bytes = new Uint8Array([1, 2, 3]);
      const sends = [
        tx.send({ n: 1, ...(bound === 0 ? {} : { bytes }) }, { signal }),
        tx.send({ n: 2 }),
        tx.send({ n: 3 }, { signal }),
        tx.send({ n: 4 }),
      ];
      await thread.sleep(5);
      controller.abort(new RangeError("late"));
      await assert.rejects(sends[0] ?? assert.fail(), RangeError);
      await assert.rejects(sends[2] ?? assert.fail(), RangeError);
      assert.equal(bytes.length, 3, "it was not moved");
      const got: number[] = [];
      const receiving = (async () => {
        for await (const { n } of rx) got.push(n);
      })();
      await sends[1];
      await sends[3];
      drop(tx);
      await receiving;
      assert.deepEqual(got, bound === 0 ? [2, 4] : [0, 2, 4]);
    }
  });

  it("lets go of a sender in what was to be handed over", async () => {
    const [tx, rx] = mpsc.syncChannel<mpsc.Sender<number>>(0);
    const [inner, answer] = mpsc.channel<number>();
    const controller = new AbortController();
    const sending = tx.send(inner, { signal: controller.signal });
    await thread.sleep(5);
    controller.abort();
    await assert.rejects(sending, { name: "AbortError" });
    assert.equal((await answer.recv()).ok, false);
    assert.equal(rx.tryRecv().isErr(), true);
  });

  it("hands each value over or leaves it, while senders give up again and again", async () => {
    const [tx, rx] = mpsc.syncChannel<number>(0);
    const receiver = thread.spawn(move(rx), async (rx) => {
      const got: number[] = [];
      for await (const n of rx) got.push(n);
      return got;
    });
    const sent: number[] = [];
    for (let n = 0; n < 300; n++) {
      const controller = new AbortController();
      const sending = tx.send(n, { signal: controller.signal });
      if (n % 2 === 0) setImmediate(() => controller.abort());
      await sending.then(
        (result) => result.ok && sent.push(n),
        () => {},
      );
    }
    drop(tx);
    assert.deepEqual((await receiver.join()).unwrap(), sent);
  });

  it("does not take what it has given up: no lock, permit or message is lost among threads that do", async () => {
    const lock = Arc.new(new Mutex(0));
    const permits = Arc.new(new Semaphore(1));
    const [tx, rx] = mpsc.channel<number>();
    const work = async (lock: Arc<Mutex<number>>, permits: Arc<Semaphore>, rx: mpsc.Receiver<number>) => {
      let taken = 0;
      let received = 0;
      for (let i = 0; i < 200; i++) {
        const controller = new AbortController();
        const { signal } = controller;
        const timer = setTimeout(() => controller.abort(), i % 3);
        try {
          const guard = (await lock.lock({ signal })).unwrap();
          guard.value += 1;
          taken++;
          const permit = await permits.acquire({ signal }).finally(() => guard[Symbol.dispose]());
          permit[Symbol.dispose]();
          if ((await rx.recv({ signal })).ok) received++;
        } catch {}
        clearTimeout(timer);
      }
      for await (const _ of rx) received++;
      return [taken, received] as const;
    };
    const handles = [1, 2].map(() => thread.spawn(move(lock.clone(), permits.clone(), rx.clone()), work));
    drop(rx);
    for (let i = 0; i < 1000; i++) {
      tx.send(i).unwrap();
      if (i % 10 === 0) await thread.sleep(1);
    }
    drop(tx);
    const counts: (readonly [number, number])[] = [];
    for (const handle of handles) counts.push((await handle.join()).unwrap());
    const sum = (at: 0 | 1) => counts.reduce((sum, count) => sum + count[at], 0);
    assert.equal(lock.lockSync().unwrap().value, sum(0));
    assert.equal(sum(1), 1000);
    assert.equal(permits.availablePermits(), 1);
  });
});
