// Real threads that contend for each kind of lock, with delays put in; what must hold is counted on the way.
import assert from "node:assert/strict";
import {
  Arc,
  atomic,
  Barrier,
  Condvar,
  drop,
  Mutex,
  move,
  Once,
  OnceLock,
  RwLock,
  Semaphore,
  thread,
} from "fearless-threads";
import { thorough } from "../long.js";

/** How much more is done where there is time. */
const scale = thorough ? 100 : 1;
const patience = thorough ? 600_000 : 60_000;

/** Numbers in shared memory that threads change without any care: only a lock makes that right. */
const plain = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

describe("under contention", () => {
  it("a Mutex lets one in at a time: blocking, waiting and trying threads, some of them slow", async () => {
    const lock = Arc.new(new Mutex(0));
    const inside = plain(2);
    const turns = 1500 * scale;
    const handles = (["sync", "async", "try", "sync"] as const).map((way, i) =>
      thread.spawn(move(lock.clone(), inside, turns, way, i), async (lock, inside, turns, way, i) => {
        const never = new Int32Array(new SharedArrayBuffer(4));
        for (let turn = 0; turn < turns; ) {
          const taken = way === "sync" ? lock.lockSync() : way === "async" ? await lock.lock() : lock.tryLock();
          if (!taken.ok) continue;
          using guard = taken.value;
          turn++;
          if (inside[0] !== 0) throw new Error("somebody else is inside");
          inside[0] = i + 1;
          if ((turn * 7 + i) % 97 === 0) Atomics.wait(never, 0, 0, 0.2);
          inside[1] = (inside[1] ?? 0) + 1;
          guard.value += 1;
          if (inside[0] !== i + 1) throw new Error("somebody came in");
          inside[0] = 0;
        }
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    assert.deepEqual([lock.lockSync().unwrap().value, inside[1]], [4 * turns, 4 * turns]);
  }).timeout(patience);

  it("a Mutex starves nobody beside two threads that never pause", async () => {
    const lock = Arc.new(new Mutex(0));
    const stop = Arc.new(new atomic.AtomicBool(false));
    const begun = Arc.new(new Barrier(3));
    const greedy = [0, 1].map(() =>
      thread.spawn(move(lock.clone(), stop.clone(), begun.clone()), (lock, stop, begun) => {
        begun.waitSync();
        let turns = 0;
        do {
          lock.lockSync().unwrap()[Symbol.dispose]();
          turns++;
        } while (!stop.load());
        return turns;
      }),
    );
    await begun.wait();
    const patient = thread.spawn(move(lock.clone(), 30 * scale), (lock, turns) => {
      for (let turn = 0; turn < turns; turn++) lock.lockSync().unwrap()[Symbol.dispose]();
    });
    for (let turn = 0; turn < 30 * scale; turn++) drop((await lock.lock()).unwrap());
    (await patient.join()).unwrap();
    stop.store(true);
    for (const handle of greedy) assert.ok((await handle.join()).unwrap() > 0);
  }).timeout(patience);

  it("a thread may wait for a Mutex and block for it at the same time", async () => {
    const lock = Arc.new(new Mutex(0));
    const turns = 20 * scale;
    const other = thread.spawn(move(lock.clone(), turns), (lock, turns) => {
      for (let turn = 0; turn < 50 * turns; turn++) {
        using guard = lock.lockSync().unwrap();
        guard.value += 1;
      }
    });
    const mixed = thread.spawn(move(lock.clone(), turns), async (lock, turns) => {
      for (let turn = 0; turn < turns; turn++) {
        const waiting = lock.lock();
        try {
          lock.lockSync().unwrap()[Symbol.dispose]();
        } catch (error) {
          if (!String(error).includes("deadlock")) throw error; // The one that waits has it already.
        }
        (await waiting).unwrap()[Symbol.dispose]();
      }
    });
    (await mixed.join()).unwrap();
    (await other.join()).unwrap();
  }).timeout(patience);

  it("an RwLock shows no reader half a change, and lets writers through", async () => {
    const lock = Arc.new(new RwLock(0));
    const pair = plain(2);
    const stop = Arc.new(new atomic.AtomicBool(false));
    const turns = 300 * scale;
    const readers = (["sync", "async"] as const).map((way) =>
      thread.spawn(move(lock.clone(), pair, stop.clone(), way), async (lock, pair, stop, way) => {
        while (!stop.load()) {
          using _guard = way === "sync" ? lock.readSync().unwrap() : (await lock.read()).unwrap();
          if (pair[0] !== pair[1]) throw new Error("saw half a change");
        }
      }),
    );
    const writers = [0, 1].map(() =>
      thread.spawn(move(lock.clone(), pair, turns), (lock, pair, turns) => {
        for (let turn = 0; turn < turns; turn++) {
          using guard = lock.writeSync().unwrap();
          guard.value += 1;
          pair[0] = (pair[0] ?? 0) + 1;
          pair[1] = (pair[1] ?? 0) + 1;
        }
      }),
    );
    for (const writer of writers) (await writer.join()).unwrap();
    stop.store(true);
    for (const reader of readers) (await reader.join()).unwrap();
    assert.deepEqual([lock.intoInner().unwrap(), pair[0], pair[1]], [2 * turns, 2 * turns, 2 * turns]);
  }).timeout(patience);

  it("a Semaphore lets no more in than it has permits", async () => {
    const permits = Arc.new(new Semaphore(2));
    const inside = Arc.new(new atomic.AtomicI32(0));
    const handles = (["sync", "async", "try", "sync"] as const).map((way) =>
      thread.spawn(move(permits.clone(), inside.clone(), way, 800 * scale), async (permits, inside, way, turns) => {
        for (let turn = 0; turn < turns; ) {
          const taken = way === "try" ? permits.tryAcquire() : undefined;
          if (taken?.ok === false) continue;
          using _permit = taken?.unwrap() ?? (way === "sync" ? permits.acquireSync() : await permits.acquire());
          turn++;
          if (inside.fetchAdd(1) >= 2) throw new Error("too many are inside");
          inside.fetchSub(1);
        }
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    assert.equal(permits.availablePermits(), 2);
  }).timeout(patience);

  it("a Condvar loses no notification: a small buffer between two producers and two consumers", async () => {
    const buffer = Arc.new(new Mutex<number[]>([]));
    const changed = Arc.new(new Condvar());
    const each = 300 * scale;
    const producers = [0, 1].map((i) =>
      thread.spawn(move(buffer.clone(), changed.clone(), each, i), async (buffer, changed, each, i) => {
        for (let n = 0; n < each; n++) {
          const held = n % 2 === 0 ? buffer.lockSync().unwrap() : (await buffer.lock()).unwrap();
          using guard = changed.waitWhileSync(held, (list) => list.length >= 2).unwrap();
          guard.value.push(n * 2 + i);
          changed.notifyAll();
        }
      }),
    );
    const consumers = (["sync", "async"] as const).map((way) =>
      thread.spawn(move(buffer.clone(), changed.clone(), each, way), async (buffer, changed, each, way) => {
        let sum = 0;
        for (let n = 0; n < each; n++) {
          const held = buffer.lockSync().unwrap();
          const empty = (list: number[]) => list.length === 0;
          using guard =
            way === "sync"
              ? changed.waitWhileSync(held, empty).unwrap()
              : (await changed.waitWhile(held, empty)).unwrap();
          sum += guard.value.shift() ?? Number.NaN;
          changed.notifyAll();
        }
        return sum;
      }),
    );
    for (const handle of producers) (await handle.join()).unwrap();
    let sum = 0;
    for (const handle of consumers) sum += (await handle.join()).unwrap();
    assert.equal(sum, (2 * each * (2 * each - 1)) / 2);
  }).timeout(patience);

  it("a Barrier keeps its rounds apart, with one leader each", async () => {
    const barrier = Arc.new(new Barrier(3));
    const rounds = 200 * scale;
    const arrived = plain(rounds);
    const handles = [0, 1, 2].map((i) =>
      thread.spawn(move(barrier.clone(), arrived, i), async (barrier, arrived, i) => {
        const never = new Int32Array(new SharedArrayBuffer(4));
        let leading = 0;
        for (let round = 0; round < arrived.length; round++) {
          if ((round + i) % 31 === 0) Atomics.wait(never, 0, 0, 0.3);
          Atomics.add(arrived, round, 1);
          const { isLeader } = (round + i) % 2 === 0 ? barrier.waitSync() : await barrier.wait();
          if (arrived[round] !== 3) throw new Error("went on before all had come");
          if (round + 1 < arrived.length && (arrived[round + 1] ?? 0) > 2) throw new Error("a round was left out");
          if (isLeader) leading++;
        }
        return leading;
      }),
    );
    let leaders = 0;
    for (const handle of handles) leaders += (await handle.join()).unwrap();
    assert.equal(leaders, rounds);
  }).timeout(patience);

  it("a Once is done once, and a OnceLock is the same for all, again and again", async () => {
    const count = 60 * scale;
    for (let batch = 0; batch < count; batch += 20) {
      const onces = Array.from({ length: 20 }, () => Arc.new(new Once()));
      const cells = Array.from({ length: 20 }, () => Arc.new(new OnceLock<number>()));
      const done = plain(20);
      const start = Arc.new(new Barrier(3));
      const handles = [0, 1, 2].map((i) => {
        const mine = onces.map((once) => once.clone());
        const theirs = cells.map((cell) => cell.clone());
        return thread.spawn(move(mine, theirs, done, start.clone(), i), async (onces, cells, done, start, i) => {
          start.waitSync();
          const seen: number[] = [];
          for (const [k, once] of onces.entries()) {
            if (i === 0) once.callOnceSync(() => Atomics.add(done, k, 1));
            else await once.callOnce(() => Atomics.add(done, k, 1));
            if (done[k] !== 1) throw new Error("not done, or done twice");
            const cell = cells[k];
            if (cell !== undefined) seen.push(i === 1 ? await cell.getOrInit(() => i) : cell.getOrInitSync(() => i));
          }
          return seen;
        });
      });
      const seen: number[][] = [];
      for (const handle of handles) seen.push((await handle.join()).unwrap());
      assert.deepEqual([seen[1], seen[2]], [seen[0], seen[0]]);
      assert.ok(done.every((times) => times === 1));
    }
  }).timeout(patience);

  it("an Arc counts its owners right, whoever clones and drops it", async () => {
    const shared = Arc.new(new Mutex(0));
    const handles = [0, 1, 2].map(() =>
      thread.spawn(move(shared.clone(), 500 * scale), (shared, times) => {
        for (let time = 0; time < times; time++) {
          const one = shared.clone();
          if (one.strongCount() < 2) throw new Error("an owner was not counted");
          one[Symbol.dispose]();
        }
        for (let kept = 0; kept < 3; kept++) shared.clone();
      }),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    assert.equal(shared.strongCount(), 1);
  }).timeout(patience);

  it("atomics lose no update", async () => {
    const sum = Arc.new(new atomic.AtomicI32(0));
    const wide = Arc.new(new atomic.AtomicI64(0n));
    const most = Arc.new(new atomic.AtomicU32(0));
    const flips = Arc.new(new atomic.AtomicBool(false));
    const times = 3000 * scale;
    const handles = [1, 2, 3].map((i) =>
      thread.spawn(
        move(sum.clone(), wide.clone(), most.clone(), flips.clone(), times, i),
        (sum, wide, most, flips, times, i) => {
          for (let time = 0; time < times; time++) {
            sum.fetchUpdate((n) => (n + 3) | 0);
            wide.fetchAdd(2n ** 33n);
            most.fetchMax(time * i);
            flips.fetchXor(true);
            for (let is = sum.load(); ; ) {
              const tried = sum.compareExchange(is, (is - 2) | 0);
              if (tried.ok) break;
              is = tried.error;
            }
          }
        },
      ),
    );
    for (const handle of handles) (await handle.join()).unwrap();
    assert.deepEqual(
      [sum.load(), wide.load(), most.load(), flips.load()],
      [3 * times, BigInt(3 * times) * 2n ** 33n, 3 * (times - 1), (3 * times) % 2 === 1],
    );
  }).timeout(patience);
});

describe("where holders are killed at any moment", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  it("a Mutex is poisoned or free, and never stuck", async () => {
    const lock = Arc.new(new Mutex(0));
    const stop = Arc.new(new atomic.AtomicBool(false));
    const survivor = thread.spawn(move(lock.clone(), stop.clone()), async (lock, stop) => {
      let [clean, poisoned] = [0, 0];
      for (let turn = 0; !stop.load(); turn++) {
        const taken = turn % 8 === 0 ? await lock.lock() : lock.lockSync();
        if (taken.ok) {
          clean++;
          taken.value[Symbol.dispose]();
        } else {
          poisoned++;
          lock.clearPoison();
        }
      }
      return { clean, poisoned };
    });
    for (let round = 0; round < 6 * scale; round++) {
      const victim = thread.spawn(move(lock.clone()), (lock) => {
        for (;;) {
          const taken = lock.lockSync();
          if (taken.ok) taken.value[Symbol.dispose]();
          else lock.clearPoison();
        }
      });
      await thread.sleep(1 + (round % 7));
      victim.terminate();
      await victim.join();
      const taken = await lock.lock();
      if (taken.ok) drop(taken.value);
      else lock.clearPoison();
    }
    stop.store(true);
    assert.ok((await survivor.join()).unwrap().clean > 0);
  }).timeout(patience);

  it("an RwLock, a Semaphore and a Once are given back", async () => {
    const lock = Arc.new(new RwLock(0));
    const permits = Arc.new(new Semaphore(1));
    for (let round = 0; round < 6 * scale; round++) {
      const once = Arc.new(new Once());
      const victim = thread.spawn(move(lock.clone(), permits.clone(), once.clone()), (lock, permits, once) => {
        const write = () => {
          const taken = lock.writeSync();
          if (taken.ok) taken.value[Symbol.dispose]();
          else lock.clearPoison();
        };
        once.callOnceSync(() => {
          for (;;) {
            using _permit = permits.acquireSync();
            const read = lock.readSync();
            if (read.ok) read.value[Symbol.dispose]();
            write();
          }
        });
      });
      await thread.sleep(1 + (round % 5));
      victim.terminate();
      await victim.join();
      drop(await permits.acquire());
      lock.clearPoison();
      drop((await lock.write()).unwrap());
      await once.callOnce(() => {}).catch((error: Error) => assert.equal(error.name, "PoisonError"));
    }
    assert.equal(permits.availablePermits(), 1);
  }).timeout(patience);
});
