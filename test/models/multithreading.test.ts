/** What the model of `multithreading` says, asserted against the package itself. */
import assert from "node:assert/strict";
import { runProgram } from "./run.js";

describe("multithreading, as it runs", () => {
  let facts: Readonly<Record<string, unknown>>;
  before(async () => {
    const { stdout, stderr } = await runProgram("multithreading.mjs");
    const last = stdout.trimEnd().split("\n").at(-1) ?? "";
    assert.ok(last.startsWith("{"), `It printed no facts: ${stdout}${stderr}`);
    facts = JSON.parse(last) as Readonly<Record<string, unknown>>;
  });

  const same = (name: string, keys: Readonly<Record<string, unknown>>): void => {
    it(name, () => {
      for (const [key, value] of Object.entries(keys)) assert.deepEqual(facts[key], value, key);
    });
  };

  same("move transfers what it is given directly, and clones what is inside of it", {
    arrived: { ok: true, value: 32 },
    left: [0, 0, 8, 8],
  });
  same("move alone transfers nothing: spawn does", { onlyMarked: 8 });
  same("locks and semaphores stay usable for who moved them", { locked: [{ ok: true }, { ok: true }], counted: 2 });
  same("a lock is not reentrant, and a guard can be disposed of twice and not be read then", {
    lockedTwice: "pending",
    readAfterDispose: "Cannot access released mutex data",
    noPermit: true,
  });
  same("a handle is no promise, and can be joined again", {
    awaitedHandle: true,
    members: ["join", "abort"],
    joined: [
      { ok: true, value: 1 },
      { ok: true, value: 1 },
    ],
  });
  same("what fails in the thread comes as a Result, a capture too", {
    capture: "outside is not defined",
    threw: "boom",
  });
  same("functions and handles cannot be moved, and functions not be returned", {
    functionMoved: "() => 1 could not be cloned.",
    functionReturned: "() => 1 could not be cloned.",
    handleMoved: "() => promise could not be cloned.",
  });
  same("an instance arrives without its methods", { instance: { ok: true, value: [1, "undefined"] } });
  same("what is sent through a channel is copied as JSON", {
    sent: ["ok", 4, "ok"],
    functionSent: "rejects: Unsupported type: function",
  });
  same("an end of a channel is moved, and then closed here", {
    sentByThread: { ok: true, value: true },
    senderMoved: ["Sender is disposed", "Cannot clone disposed Sender"],
    receiverMoved: "Receiver disposed",
    senderDropped: "Sender is disposed",
  });
  same("a send that nobody can receive gives a Result", { nobodyReceives: "Channel closed (No Receivers)" });
  same("a loop over a channel ends with its last sender, and not before", {
    loopWithSender: "pending",
    received: "hello",
    loopWithoutSender: "ended",
  });

  it("a dropped thread runs on, since the pool keeps the process alive", async () => {
    const { stdout } = await runProgram("multithreading-dropped.mjs", ["plain"]);
    assert.equal(stdout, "main is done\nthe thread is done\n");
  });

  it("what a dropped thread throws reaches nobody", async () => {
    const { code, stdout } = await runProgram("multithreading-dropped.mjs", ["throw"]);
    assert.match(stdout, /main goes on\n$/);
    assert.equal(code, 0);
  });

  it("shutdown ends a thread in the middle, and its join never settles", async () => {
    const { stdout } = await runProgram("multithreading-dropped.mjs", ["shutdown"]);
    assert.equal(stdout, "");
  });

  it("abort without a join ends the process", async () => {
    const { code, stdout, stderr } = await runProgram("multithreading-dropped.mjs", ["abort"]);
    assert.equal(stdout, "");
    assert.match(stderr, /Task aborted/);
    assert.equal(code, 1);
  });
});

describe("waiting with multithreading, as it runs", () => {
  let facts: Readonly<Record<string, unknown>>;
  before(async () => {
    const { stdout, stderr } = await runProgram("multithreading-waits.mjs");
    assert.ok(stdout.startsWith("{"), `It printed no facts: ${stdout}${stderr}`);
    facts = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
  });

  const same = (name: string, keys: Readonly<Record<string, unknown>>): void => {
    it(name, () => {
      for (const [key, value] of Object.entries(keys)) assert.deepEqual(facts[key], value, key);
    });
  };

  same("a Condvar gives the lock back while it waits, and the guard is the same one behind it", {
    waitReturns: true,
    setter: true,
    guardBehind: 7,
    lockedBehind: "pending",
    blocked: { ok: true, value: [true, 9] },
  });
  same("a notification that comes first is lost, and one wakes who waits, whatever it waits for", {
    early: "pending",
    unchanged: 9,
  });
  same("one of those who meet at a Barrier is the leader", { leaders: 1 });
  same("readers share a lock, and a writer waits for them", { writerBesideReaders: "pending" });
  same("an end of a channel that is closed is dropped", { closed: [true, false, false] });
  same("a SharedJsonBuffer is shared", { json: 5 });
});
