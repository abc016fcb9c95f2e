// Every interleaving of a few threads at an RwLock and at a Semaphore, with the library's own code.
import assert from "node:assert/strict";
import { thorough } from "../long.js";
import { give, holds, type Maker, Notes, threads } from "./scenario.js";

const most = thorough ? 4 : 2;
const bounded = `(up to ${most} preemptions)`;

const rwLock = "sync/rwLock.ts";
const semaphore = "sync/semaphore.ts";
const signal = "sync/signal.ts";
const gate = "sync/gate.ts";

/** Writers change a number in two steps; readers see it twice. */
const readingAndWriting =
  (roles: readonly ("read" | "write")[], clock: "still" | "any", preemptions?: number): Maker =>
  (library) => {
    const { handles } = give(library, new library.RwLock(0), roles.length);
    const notes = new Notes();
    const bodies = roles.map((role, i) => () => {
      const lock = handles[i] as (typeof handles)[number];
      const guard = role === "read" ? lock.readSync().unwrap() : lock.writeSync().unwrap();
      if (role === "write") notes.bump(0);
      else assert.equal(notes.at(0), notes.at(0), "a writer came in while somebody read");
      guard[Symbol.dispose]();
    });
    const writers = roles.filter((role) => role === "write").length;
    return { threads: threads(...bodies), atEnd: () => assert.equal(notes.at(0), writers), clock, preemptions };
  };

const killedAt =
  (role: "read" | "write"): Maker =>
  (library) => {
    const { handles, abandon } = give(library, new library.RwLock(0), 2);
    const [victim, other] = handles as [(typeof handles)[number], (typeof handles)[number]];
    const notes = new Notes();
    return {
      threads: threads(
        () => {
          const guard = role === "read" ? victim.readSync().unwrap() : victim.writeSync().unwrap();
          guard[Symbol.dispose]();
        },
        () => {
          for (let time = 0; time < 2; time++) {
            const taken = other.writeSync();
            if (taken.ok) taken.value[Symbol.dispose]();
            else assert.equal(role, "write");
          }
          notes.put(0, 1);
        },
      ),
      kill: { victim: 0, abandon: () => abandon(0) },
      atEnd: () => assert.equal(notes.at(0), 1),
      clock: "any",
      preemptions: most - 1,
    };
  };

describe("RwLock, in every interleaving", () => {
  holds("lets writers in alone: two of them", readingAndWriting(["write", "write"], "any"), {
    "who waits is not counted before it looks again": {
      file: signal,
      from: `        const before = Atomics.load(words, sequence);
        got = attempt();
        left = timeLeft(end);
        if (got === undefined && left > 0) block(`,
      to: `        Atomics.sub(words, waiting, 1);
        const before = Atomics.load(words, sequence);
        got = attempt();
        left = timeLeft(end);
        Atomics.add(words, waiting, 1);
        if (got === undefined && left > 0) block(`,
    },
    "a change is told to nobody": { file: signal, from: "Atomics.notify(words, sequence);", to: "" },
  });
  holds("keeps readers and writers apart", readingAndWriting(["read", "write"], "any"), {
    "a reader goes in while somebody writes": {
      file: rwLock,
      from: "if (readers < 0) return false;",
      to: "if (readers < 0) return true;",
    },
    "a writer goes in while somebody reads": {
      file: rwLock,
      from: "word.state, 0, writtenBy(currentSelf().id)) === 0",
      to: "word.state, 0, writtenBy(currentSelf().id)) >= 0",
    },
    "the last reader tells nobody": { file: rwLock, from: "if (readers === 1) announce(cell);", to: "" },
  });
  holds(`keeps two readers and a writer apart ${bounded}`, readingAndWriting(["read", "read", "write"], "still", most));
  holds(
    `keeps a reader and two writers apart ${bounded}`,
    readingAndWriting(["read", "write", "write"], "still", most),
  );
  holds("is not stuck where a reader is killed", killedAt("read"), {
    "nobody gives back what was read": {
      file: gate,
      from: "  recall(lease, gate);\n",
      to: "",
    },
  });
  holds("is not stuck where a writer is killed", killedAt("write"), {
    "nobody gives back what was written": {
      file: rwLock,
      from: "  endWriteOf(cell, thread);\n  abandonGate",
      to: "  abandonGate",
    },
    "nobody stops waiting in the place of who was killed": {
      file: "worker/accounts.ts",
      from: "Atomics.sub(words, first, one);",
      to: "",
    },
  });
});

const permitted =
  (permits: number, count: number, clock: "still" | "leaps" | "any", preemptions?: number): Maker =>
  (library) => {
    const { handles } = give(library, new library.Semaphore(permits), count);
    const notes = new Notes();
    const bodies = handles.map((semaphore) => () => {
      const permit = semaphore.acquireSync();
      notes.visit(0, permits);
      permit[Symbol.dispose]();
    });
    const atEnd = () => assert.equal((handles[0] as (typeof handles)[number]).availablePermits(), permits);
    return { threads: threads(...bodies), atEnd, clock, preemptions };
  };

describe("Semaphore, in every interleaving", () => {
  holds("lets one of two in at a time", permitted(1, 2, "any"), {
    "taking a permit is two steps": {
      file: semaphore,
      from: "if (Atomics.compareExchange(words, at.permits, free, free - 1) !== free) continue;",
      to: "Atomics.store(words, at.permits, free - 1);",
    },
    "who gives a permit back tells nobody": {
      file: semaphore,
      from: "  lease[leasedPermits]! -= 1;\n  announce(gate);",
      to: "  lease[leasedPermits]! -= 1;",
    },
  });
  holds(`lets two of three in at a time ${bounded}`, permitted(2, 3, "still", most), {
    "one permit too many": {
      file: semaphore,
      from: "if (free === 0) return false;",
      to: "if (free < 0) return false;",
    },
  });
  holds("forgets nobody where all have waited for long", permitted(1, 2, "leaps"));
});
