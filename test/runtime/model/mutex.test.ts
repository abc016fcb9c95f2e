// Every interleaving of 2 or 3 threads that lock a Mutex, with the library's own code.
import assert from "node:assert/strict";
import { thorough } from "../long.js";
import { give, holds, type Maker, Notes, threads } from "./scenario.js";

const file = "sync/futex.ts";

/** Threads that each change a number in two steps while they hold the lock, in one of the ways to take it. */
const counting =
  (ways: readonly ("sync" | "async" | "try")[], clock: "still" | "leaps" | "any"): Maker =>
  (library) => {
    const { handles } = give(library, new library.Mutex(0), ways.length);
    const notes = new Notes();
    const bodies = ways.map((way, i) => async () => {
      const lock = handles[i] as (typeof handles)[number];
      const taken = way === "sync" ? lock.lockSync() : way === "async" ? await lock.lock() : lock.tryLock();
      if (way === "try" && !taken.ok) return notes.count(1);
      const guard = taken.unwrap();
      notes.bump(0);
      guard[Symbol.dispose]();
    });
    return { threads: threads(...bodies), atEnd: () => assert.equal(notes.at(0) + notes.at(1), ways.length), clock };
  };

/** One thread is killed at any moment, while the other one locks and unlocks. */
const killing =
  (times: number, clock: "leaps" | "any"): Maker =>
  (library) => {
    const { handles, abandon } = give(library, new library.Mutex(0), 2);
    const notes = new Notes();
    const body = (i: 0 | 1, times: number) => () => {
      for (let time = 0; time < times; time++) {
        const taken = (handles[i] as (typeof handles)[number]).lockSync();
        if (!taken.ok) break;
        taken.value[Symbol.dispose]();
      }
      notes.put(i, 1);
    };
    return {
      threads: threads(body(0, 1), body(1, times)),
      kill: { victim: 0, abandon: () => abandon(0) },
      atEnd: () => assert.equal(notes.at(1), 1, "the other thread did not end"),
      clock,
    };
  };

describe("Mutex, in every interleaving", () => {
  holds("lets one in at a time and forgets nobody: two threads", counting(["sync", "sync"], "any"), {
    "taking it is two steps": {
      file,
      from: "return Atomics.compareExchange(lock, state, 0, selfAsOwner()) === 0;",
      to: "return Atomics.load(lock, state) === 0 && Atomics.store(lock, state, selfAsOwner()) !== 0;",
    },
    "nobody is woken": { file, from: "Atomics.notify(lock, state, 1) > 0) return;", to: "true) return;" },
    "who waits does not say so": { file, from: "const next = seen | marks;", to: "const next = seen;" },
  });
  holds("lets one in at a time and forgets nobody: blocking and waiting", counting(["sync", "async"], "any"));
  holds("lets one in at a time and forgets nobody: trying", counting(["try", "sync", "try"], "still"));
  holds("lets one in at a time and forgets nobody: three threads", counting(["sync", "sync", "sync"], "still"), {
    "who was woken forgets the others": {
      file,
      from: "this.#self | (seen & poisoned) | this.#marks;",
      to: "this.#self | (seen & poisoned);",
    },
  });
  if (thorough) holds("hands the lock over: three threads", counting(["sync", "sync", "sync"], "leaps"));
  holds("is poisoned or free, never stuck, where a thread is killed", killing(1, "any"), {
    "nobody takes the place of who was killed": {
      file,
      from: "if (isHeldBy(lock, thread)) {",
      to: "if (thread < 0) {",
    },
  });
  holds("is not kept for somebody who was killed", killing(3, "leaps"), {
    "what was reserved stays so": { file, from: "if (seen & handOff) cancelReservation(lock);", to: "" },
  });
});
