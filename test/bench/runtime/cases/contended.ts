import { Worker } from "node:worker_threads";
import { Arc, Mutex, move, thread } from "fearless-threads";
import { assertResult, type Case, type Contender, type Opened, type Scale } from "../harness.js";
import { type Library, library } from "../pools/multithreadingLibrary.js";
import { rust } from "../rust.js";
import { timesRaw } from "./bars.js";

const times = (scale: Scale) => (scale === "full" ? 500_000 : 100);

/** @param both lets two threads add so often each, and gives the sum. */
function opened(count: number, both: () => Promise<number>, close: () => Promise<void>): Opened {
  return {
    round: async () => {
      const start = performance.now();
      const sum = await both();
      const took = performance.now() - start;
      assertResult("sum", sum, 2 * count);
      return (took / (2 * count)) * 1e6;
    },
    close,
  };
}

const ours: Contender = {
  name: "fearless-threads",
  side: "ours",
  open: (scale) => {
    const count = times(scale);
    const both = async () => {
      const mutex = Arc.new(new Mutex(0));
      const handles = [1, 2].map(() =>
        thread.spawn(move(mutex.clone(), count), async (mutex, count) => {
          const { drop } = await import("fearless-threads");
          for (let i = 0; i < count; i++) {
            const guard = mutex.lockSync().unwrap();
            guard.value += 1;
            drop(guard);
          }
        }),
      );
      for (const handle of handles) (await handle.join()).unwrap();
      using guard = mutex.lockSync().unwrap();
      return guard.value;
    };
    return opened(count, both, async () => {});
  },
};

const futex: Contender = {
  name: "a bare futex in two workers",
  side: "raw",
  open: (scale) => {
    const count = times(scale);
    const workers = [1, 2].map(() => new Worker(new URL("futexWorker.js", import.meta.url)));
    const both = async () => {
      const cells = new Int32Array(new SharedArrayBuffer(8));
      const done = workers.map((worker) => new Promise((resolve) => worker.once("message", resolve)));
      for (const worker of workers) worker.postMessage({ cells, count });
      await Promise.all(done);
      return cells[1] ?? 0;
    };
    return opened(count, both, async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    });
  },
};

const theirs = ({ initRuntime, Mutex, move, shutdown, spawn }: Library): Contender => ({
  name: "multithreading",
  side: "other",
  open: (scale) => {
    // A lock of its costs so much more that fewer say enough.
    const count = Math.ceil(times(scale) / 100);
    initRuntime({ maxWorkers: 2 });
    const both = async () => {
      const cells = new Int32Array(new SharedArrayBuffer(4));
      const mutex = new Mutex(cells);
      const handles = [1, 2].map(() =>
        spawn(move(mutex, count), (mutex, count) => {
          for (let i = 0; i < count; i++) {
            const guard = mutex.blockingLock();
            guard.value[0] = (guard.value[0] ?? 0) + 1;
            guard.dispose();
          }
        }),
      );
      for (const handle of handles) assertResult("join", (await handle.join()).ok, true);
      return cells[0] ?? 0;
    };
    return opened(count, both, async () => shutdown());
  },
});

export const mutexContended: Case = {
  id: "mutex-contended",
  title: "Mutex: lock, add, unlock, in two threads at once",
  unit: "ns",
  better: "less",
  rounds: 21,
  // Each thread compiles what it runs, and V8 is done with that after some rounds.
  warmUp: 5,
  bar: timesRaw("≤", 2, "a bare futex"),
  contenders: [
    ours,
    futex,
    ...(library === undefined ? [] : [theirs(library)]),
    ...rust("Rust, std::sync::Mutex", "contended", (scale) => times(scale) * 2),
  ],
};
