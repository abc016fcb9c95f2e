import { drop, Mutex } from "fearless-threads";
import { addLocked } from "../futex.js";
import { assertResult, type Case, type Contender, type Scale } from "../harness.js";
import { type Library, library } from "../pools/multithreadingLibrary.js";
import { rust } from "../rust.js";
import { absolute } from "./bars.js";

const times = (scale: Scale) => (scale === "full" ? 200_000 : 100);

/** For a lock that costs so much more that fewer say enough. */
const fewer = (scale: Scale) => Math.ceil(times(scale) / 20);

/** @param start makes a lock around 0; gives what adds to it so often and then says what the sum is. */
function alone(
  name: string,
  side: Contender["side"],
  start: () => (count: number) => number,
  countOf: (scale: Scale) => number = times,
): Contender {
  return {
    name,
    side,
    open: (scale) => {
      const count = countOf(scale);
      const add = start();
      let expected = 0;
      return {
        round: () => {
          const begin = performance.now();
          const sum = add(count);
          const took = performance.now() - begin;
          expected += count;
          assertResult("sum", sum, expected);
          return (took / count) * 1e6;
        },
        close: () => {},
      };
    },
  };
}

function ours(): (count: number) => number {
  const mutex = new Mutex(0);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const guard = mutex.lockSync().unwrap();
      guard.value += 1;
      drop(guard);
    }
    using guard = mutex.lockSync().unwrap();
    return guard.value;
  };
}

/** The guard is a resource of the block: compiled down, as for Node 20. */
function oursUsing(): (count: number) => number {
  const mutex = new Mutex(0);
  return (count) => {
    for (let i = 0; i < count; i++) {
      using guard = mutex.lockSync().unwrap();
      guard.value += 1;
    }
    using guard = mutex.lockSync().unwrap();
    return guard.value;
  };
}

/** What compilers make of `using`, of a resource that does nothing. */
function usingNothing(): (count: number) => number {
  const resource = { value: 0, [Symbol.dispose]: () => {} };
  return (count) => {
    for (let i = 0; i < count; i++) {
      using it = resource;
      it.value += 1;
    }
    return resource.value;
  };
}

function futex(): (count: number) => number {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  return (count) => {
    addLocked(cells, count);
    return cells[1] ?? 0;
  };
}

const theirs = (multithreading: Library) => (): ((count: number) => number) => {
  const cells = new Int32Array(new SharedArrayBuffer(4));
  const mutex = new multithreading.Mutex(cells);
  return (count) => {
    for (let i = 0; i < count; i++) {
      const guard = mutex.blockingLock();
      guard.value[0] = (guard.value[0] ?? 0) + 1;
      guard.dispose();
    }
    return cells[0] ?? 0;
  };
};

export const mutexAlone: Case = {
  id: "mutex-uncontended",
  title: "Mutex: lock, add, unlock, with nobody else",
  unit: "ns",
  better: "less",
  rounds: 31,
  bar: absolute("≤ 40 ns", 40),
  contenders: [
    alone("fearless-threads, lockSync and drop", "ours", ours),
    {
      ...alone("fearless-threads, lockSync and using", "ours", oursUsing),
      beyondBar: "– (`using` alone takes more)",
    },
    alone("a bare futex", "raw", futex),
    alone("`using` of a resource that does nothing", "floor", usingNothing),
    ...(library === undefined ? [] : [alone("multithreading", "other", theirs(library), fewer)]),
    ...rust("Rust, std::sync::Mutex", "mutex", (scale) => times(scale) * 10),
  ],
};
