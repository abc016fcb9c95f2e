// Every interleaving of a few threads at a Condvar, a Barrier, a Once and a parked thread, with the library's own code.
import assert from "node:assert/strict";
import { thorough } from "../long.js";
import { give, holds, type Maker, Notes, threads } from "./scenario.js";

const most = thorough ? 4 : 2;

const condvar = "sync/condvar.ts";
const barrier = "sync/barrier.ts";
const initializing = "sync/initializing.ts";

/** Some threads wait until another one has said that they may go on. */
const notified =
  (
    waiters: number,
    options: { readonly all: boolean; readonly holding: boolean; readonly preemptions?: number },
  ): Maker =>
  (library) => {
    const mutexes = give(library, new library.Mutex(0), waiters + 1).handles;
    const changes = give(library, new library.Condvar(), waiters + 1).handles;
    const notes = new Notes();
    const bodies = mutexes.map((mutex, i) => () => {
      const changed = changes[i] as (typeof changes)[number];
      let guard = mutex.lockSync().unwrap();
      if (i < waiters) {
        while (notes.at(0) === 0) guard = changed.waitSync(guard).unwrap();
        guard[Symbol.dispose]();
        return;
      }
      notes.put(0, 1);
      if (!options.holding) guard[Symbol.dispose]();
      if (options.all) changed.notifyAll();
      else changed.notifyOne();
      guard[Symbol.dispose]();
    });
    return { threads: threads(...bodies), preemptions: options.preemptions };
  };

/** Waits for a time that may pass at any moment, or be notified first. */
const timed: Maker = (library) => {
  const mutexes = give(library, new library.Mutex(0), 2).handles as [InstanceType<typeof library.Mutex<number>>, never];
  const changes = give(library, new library.Condvar(), 2).handles;
  const notes = new Notes();
  const waits = () => {
    const waited = changes[0]?.waitTimeoutSync(mutexes[0].lockSync().unwrap(), 5).unwrap();
    notes.put(1, waited?.timedOut === true ? 1 : 2);
    waited?.guard[Symbol.dispose]();
  };
  const notifies = () => changes[1]?.notifyOne();
  const atEnd = () => assert.ok(notes.at(1) !== 0);
  return { threads: threads(waits, notifies), clock: "leaps", timeouts: "any", atEnd };
};

describe("Condvar, in every interleaving", () => {
  holds("loses no notification: one waits", notified(1, { all: false, holding: false }), {
    "what counts as new is noted after the lock was given back": {
      file: condvar,
      from: "  const before = Atomics.load(words, 0);\n  guard[Symbol.dispose]();",
      to: "  guard[Symbol.dispose]();\n  const before = Atomics.load(words, 0);",
    },
    "who is about to wait is not told": { file: condvar, from: "Atomics.add(condvar[wordsOf], 0, 1);", to: "" },
  });
  holds("loses no notification that is given with the lock held", notified(1, { all: false, holding: true }));
  const bounded = `(up to ${most} preemptions)`;
  holds(`wakes all: two wait ${bounded}`, notified(2, { all: true, holding: true, preemptions: most }), {
    "one is woken for all": {
      file: condvar,
      from: "Atomics.notify(condvar[wordsOf], 0, count);",
      to: "Atomics.notify(condvar[wordsOf], 0, 1);",
    },
  });
  holds("ends a wait, one way or the other", timed);
});

const meeting =
  (size: number, rounds: number, preemptions?: number): Maker =>
  (library) => {
    const { handles } = give(library, new library.Barrier(size), size);
    const notes = new Notes();
    const bodies = handles.map((barrier) => () => {
      for (let round = 0; round < rounds; round++) {
        notes.count(0);
        const { isLeader } = barrier.waitSync();
        assert.ok(notes.at(0) >= size * (round + 1), "went on before all had come");
        if (isLeader) notes.count(1);
      }
    });
    return { threads: threads(...bodies), atEnd: () => assert.equal(notes.at(1), rounds), preemptions };
  };

describe("Barrier, in every interleaving", () => {
  holds("lets two go on together, round after round, with one leader each", meeting(2, 2), {
    "who waits takes those who come for the next round for those of its own": {
      file: barrier,
      from: "seen <= start || seen >= start + size",
      to: "seen % size === 0",
    },
    "of two who come at once, one is forgotten": {
      file: barrier,
      from: "while (Atomics.compareExchange(words, at.arrived, before, arrived) !== before)",
      to: "while (Atomics.store(words, at.arrived, arrived) !== arrived)",
    },
  });
  holds(`lets three go on together (up to ${most} preemptions)`, meeting(3, 1, most));
});

/** All call; the first one does it. With a victim, one of them may be killed. */
const calling =
  (count: number, kills: boolean): Maker =>
  (library) => {
    const { handles, abandon } = give(library, new library.Once(), count);
    const notes = new Notes();
    const bodies = handles.map((once) => () => {
      try {
        once.callOnceSync(() => notes.bump(0));
      } catch (error) {
        assert.ok(kills && error instanceof Error && error.name === "PoisonError", String(error));
        return;
      }
      assert.equal(notes.at(0), 1, "went on before it was done, or it was done twice");
    });
    const kill = { victim: 0, abandon: () => abandon(0) };
    return { threads: threads(...bodies), ...(kills ? { kill } : {}) };
  };

describe("Once, in every interleaving", () => {
  holds("is done once, and the others wait for it: three threads", calling(3, false), {
    "taking the turn is two steps": {
      file: initializing,
      from: "const state = Atomics.compareExchange(words, at.state, stage.fresh, doneBy(currentSelf().id));",
      to: "const state = Atomics.load(words, at.state); if (state === stage.fresh) Atomics.store(words, at.state, -9);",
    },
    "it is said to be done before it is": {
      file: initializing,
      from: 'if (state === stage.done) return "done";',
      to: 'if (state === stage.done || state < 0) return "done";',
    },
    "who does it tells nobody": {
      file: initializing,
      from: "  Atomics.store(once.words, at.state, next);\n  announce(once);",
      to: "  Atomics.store(once.words, at.state, next);",
    },
  });
  holds("is poisoned, not stuck, where the thread that does it is killed", calling(2, true), {
    "nobody takes its place": {
      file: initializing,
      from: "Atomics.compareExchange(once.words, at.state, doneBy(thread), once.onFailure);",
      to: "",
    },
    "nobody tells in its place that it is done": {
      file: initializing,
      from: "doneBy(thread), once.onFailure);\n  announce(once);",
      to: "doneBy(thread), once.onFailure);",
    },
  });
});
