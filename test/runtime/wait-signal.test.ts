import assert from "node:assert/strict";
import { Arc, Condvar, drop, Mutex, move, mpsc, RwLock, Semaphore, thread } from "fearless-threads";

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
  "Condvar.wait": async () => {
    const lock = new Mutex(0);
    const changed = new Condvar();
    const wait = async (options?: Options) => {
      drop((await changed.wait((await lock.lock()).unwrap(), options)).unwrap());
    };
    return { wait, free: () => changed.notifyOne() };
  },
  "thread.park": async () => ({
    wait: (options) => thread.park(options),
    free: () => thread.current().unpark(),
  }),
};

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
      if ((await first) === "woken" && what !== "thread.park") free();
      await second;
    });
  }

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
