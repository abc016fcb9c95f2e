/**
 * What someone who learns threads has to hear, fact by fact, and where we say it. A page that is rewritten and loses one
 * of them fails here.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { root } from "./processes.js";

interface Fact {
  readonly fact: string;
  /** The place, below the root of the repository. */
  readonly where: string;
  /** Words by which the fact is recognised there; line breaks count as spaces. */
  readonly says: RegExp;
}

const concept = (id: string) => `server/src/concepts/${id}.md`;
const rule = (name: string) => `server/src/analysis/rules/${name}/page.md`;

const facts: Readonly<Record<string, readonly Fact[]>> = {
  "what threads are and why": [
    {
      fact: "several paths of execution run at the same time",
      where: concept("thread"),
      says: /second path of execution/,
    },
    { fact: "the work is done sooner", where: concept("thread"), says: /ready sooner than if one cook did it all/ },
    {
      fact: "the program stays responsive",
      where: concept("thread"),
      says: /react to input while something is downloaded/,
    },
    {
      fact: "mistakes are found before the program runs",
      where: concept("thread"),
      says: /looks? at the code before it runs/,
    },
    {
      fact: "what to know before, and what comes after",
      where: concept("alternatives"),
      says: /Before threads it helps .* After them come \[locks\]/,
    },
    {
      fact: "each one works on its own task, independently",
      where: concept("thread"),
      says: /neither waits for the other/,
    },
    {
      fact: "the kitchen: several cooks, one kitchen, a dish each",
      where: concept("thread"),
      says: /puts other cooks to work on other dishes/,
    },
    {
      fact: "a diagram of the main program and its threads",
      where: concept("thread"),
      says: /main program .* thread 1 .* thread 2 .* thread 3/,
    },
  ],
  "the six steps": [
    {
      fact: "1: spawn a function, and wait with join",
      where: "examples/lessons/01-spawn-and-join.ts",
      says: /Hello from a thread!/,
    },
    { fact: "2: spawn returns a handle", where: concept("spawn"), says: /gives you a \[`JoinHandle`\]/ },
    {
      fact: "2: without a join, main may be first and the work is lost",
      where: "examples/lessons/02-handles-and-joining.ts",
      says: /without the join it would reach its end first/,
    },
    {
      fact: "3: data is moved into the thread",
      where: "examples/lessons/03-move-data.ts",
      says: /gets its data by `move`/,
    },
    {
      fact: "3: a borrow is refused, since the parent may be gone or change the value",
      where: concept("move"),
      says: /borrow from a parent that may be gone, or may change the value/,
    },
    {
      fact: "4: spawn in a loop, keep the handles, join all",
      where: "examples/lessons/04-many-threads.ts",
      says: /spawn all, then join all/,
    },
    { fact: "4: in any order", where: "examples/lessons/04-many-threads.ts", says: /end in any order/ },
    {
      fact: "4: too many cost more than they bring",
      where: concept("how-many-threads"),
      says: /switching and memory cost more than they bring/,
    },
    {
      fact: "5: a panic is isolated, and join tells of it",
      where: "examples/lessons/05-panics.ts",
      says: /ends that thread alone and waits for you in the Result/,
    },
    { fact: "5: the program can react and go on", where: concept("panic"), says: /try again, use a default, or stop/ },
    { fact: "6: Builder chooses the stack size", where: "examples/lessons/06-stack-size.ts", says: /stackSize\(/ },
    { fact: "6: Rust's default is usually 2 MiB", where: concept("builder"), says: /default is usually 2 MiB/ },
    {
      fact: "6: too small overflows, too large wastes memory",
      where: concept("builder"),
      says: /overflows in the other, and a hundred threads with generous stacks take the memory/,
    },
  ],
  "under the hood": [
    {
      fact: "Rust's threads are the operating system's",
      where: concept("thread"),
      says: /operating-system thread with its own stack and registers/,
    },
    {
      fact: "spawn asks the operating system for a thread",
      where: concept("spawn"),
      says: /asks the operating system for a new thread/,
    },
    { fact: "ownership is checked at compile time", where: concept("thread"), says: /adds the checks at compile time/ },
    {
      fact: "the handle tracks the thread, waits for it and learns of panics",
      where: concept("join"),
      says: /handle tracks the worker.* how it failed|how it failed.*handle tracks the worker/,
    },
    {
      fact: "why so: the system's scheduling, and safety that costs nothing at run time",
      where: concept("thread"),
      says: /scheduling to the operating system.*safety costs nothing/,
    },
    { fact: "a diagram of spawn, the thread and join", where: concept("join"), says: /── spawn ──┬.* join ┄┄ waits/ },
  ],
  "the four myths": [
    {
      fact: "a panic does not bring the program down",
      where: concept("panic"),
      says: /> When one thread fails, the whole program is gone\..*needless `try`\/`catch`, or never thinks of recovering/,
    },
    {
      fact: "data that changes cannot be shared by reference alone",
      where: concept("data-race"),
      says: /> Sharing data that changes is fine.*hard to find/,
    },
    {
      fact: "more threads are not always faster",
      where: concept("how-many-threads"),
      says: /> More threads make the program faster\..*adds switching and memory/,
    },
    {
      fact: "threads can share data",
      where: concept("arc"),
      says: /> Threads cannot share anything.*copies large data back and forth/,
    },
  ],
  "for experts": [
    {
      fact: "guarantees before the program runs that most languages lack",
      where: concept("thread"),
      says: /that most languages only show when it is too late/,
    },
    {
      fact: "name and stack size for debugging and resources",
      where: concept("builder"),
      says: /keep both the debugging and the memory under control/,
    },
    {
      fact: "threads and the primitives of sync make pools and message passing",
      where: concept("how-many-threads"),
      says: /a thread pool.*\[`Arc`\]/,
    },
  ],
  "when not to use threads": [
    {
      fact: "thousands of small waiting tasks: async",
      where: concept("alternatives"),
      says: /thousands of small tasks that mostly wait \(use `async`; in Rust a runtime such as Tokio/,
    },
    { fact: "simple steps in a row", where: concept("alternatives"), says: /simple steps one after the other/ },
  ],
  "in production": [
    {
      fact: "pools limit what threads cost",
      where: concept("how-many-threads"),
      says: /the way threads are mostly used in production/,
    },
    {
      fact: "workers for what burns the processor",
      where: concept("how-many-threads"),
      says: /workers for what burns the processor/,
    },
    { fact: "channels for talking", where: concept("channel"), says: /queue between threads/ },
    {
      fact: "shared state without deadlocks",
      where: concept("mutex"),
      says: /a deadlock\. Always take them in the same order/,
    },
  ],
  connections: [
    {
      fact: "async: one thread, many tasks",
      where: concept("alternatives"),
      says: /`async` code runs on one thread and switches where it awaits/,
    },
    {
      fact: "processes: memory of their own",
      where: concept("alternatives"),
      says: /Threads of one process can share memory; processes cannot/,
    },
    {
      fact: "planning a project",
      where: concept("alternatives"),
      says: /Planning a project is the same art with people/,
    },
  ],
  "the three pitfalls": [
    {
      fact: "a thread nobody joins is killed",
      where: "examples/pitfalls/1-not-joined.ts",
      says: /killed before it says hello/,
    },
    {
      fact: "why: a thread runs on its own and has to be waited for",
      where: rule("unjoined-handle"),
      says: /A spawned thread runs on its own from the first moment/,
    },
    {
      fact: "a variable that was not moved",
      where: "examples/pitfalls/2-capture-without-move.ts",
      says: /nobody moved it there/,
    },
    {
      fact: "why: data has to be given to the thread",
      where: rule("capture-without-move"),
      says: /a thread \*owns\* what it uses/,
    },
    {
      fact: "a shared value that changes without turns",
      where: "examples/pitfalls/3-shared-counter.ts",
      says: /only seem to share/,
    },
    {
      fact: "why: what is shared and changes has to be synchronised",
      where: rule("shared-mutable-without-mutex"),
      says: /two threads that take them at the same time lose one/,
    },
  ],
  "to take away": [
    { fact: "many things at once: faster and responsive", where: concept("thread"), says: /stays responsive/ },
    {
      fact: "ownership keeps threads safe",
      where: concept("move"),
      says: /Ownership means that every value has one thread that may use it/,
    },
    { fact: "join, or lose the work", where: concept("join"), says: /killed, the work is lost/ },
    { fact: "move gives data to a thread", where: concept("move"), says: /hands values over to the new thread/ },
    {
      fact: "stack size and panics for robust programs",
      where: concept("builder"),
      says: /What happens when the stack overflows: panic/,
    },
  ],
};

describe("what a learner has to hear", () => {
  for (const [topic, list] of Object.entries(facts)) {
    describe(topic, () => {
      for (const { fact, where, says } of list) {
        it(`${fact} (${where})`, async () => {
          const text = (await readFile(root + where, "utf8")).replace(/\n\/\/ ?|\s+/g, " ").replace(/\s+/g, " ");
          assert.match(text, says);
        });
      }
    });
  }
});
