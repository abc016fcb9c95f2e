/** What the model of `node:worker_threads` says, asserted on real workers. */
import assert from "node:assert/strict";
import { runProgram } from "./run.js";

/** The exit code of a program that ends while its top-level `await` waits (Node's documentation of `process`). */
const unsettled = 13;

describe("node:worker_threads, as it runs", () => {
  const run = (hears: string, ends: string) => runProgram("worker-threads.mjs", [hears, ends]);

  it("an error of a worker that nobody listens to ends the process", async () => {
    const { code, stdout, stderr } = await run("nothing", "throw");
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /the worker failed/);
  });

  it("of the exit of a worker that nobody listens to nobody hears", async () => {
    const { code, stdout } = await run("nothing", "exit");
    assert.deepEqual([code, stdout], [0, "main goes on\n"]);
  });

  it("a promise that only a message settles stays pending when the worker exits", async () => {
    const { code, stdout } = await run("message", "exit");
    assert.deepEqual([code, stdout], [unsettled, ""]);
  });

  it("it stays pending too when the worker is done without an answer", async () => {
    const { code, stdout } = await run("message", "quiet");
    assert.deepEqual([code, stdout], [unsettled, ""]);
  });

  it("an error and an exit reject it, and come too late behind an answer", async () => {
    assert.equal((await run("error and exit", "throw")).stdout, "rejected: the worker failed\n");
    assert.equal((await run("error and exit", "exit")).stdout, "rejected: the worker ended with code 3\n");
    assert.equal((await run("error and exit", "quiet")).stdout, "rejected: the worker ended with code 0\n");
    assert.equal((await run("error and exit", "answer")).stdout, "settled: an answer\n");
  });

  it("a worker that is ended at once has read no message, and posted none", async () => {
    assert.equal((await run("ends at once", "answer")).stdout, "ended\n");
  });

  it("`once(worker, …)` hears of both", async () => {
    assert.equal((await run("once exit", "exit")).stdout, "exit 3\n");
    assert.equal((await run("once exit", "throw")).stdout, "rejected: the worker failed\n");
  });

  it("a change of the word wakes nobody who waits on it; a notification does", async () => {
    assert.equal((await runProgram("notifies.mjs", ["quietly"])).stdout, "still asleep\n");
    assert.equal((await runProgram("notifies.mjs", ["notify"])).stdout, "ok\n");
  });

  it("moves what is in a transfer list, and copies or shares the rest; some values it throws at", async () => {
    const { stdout } = await runProgram("messages.mjs");
    assert.deepEqual(JSON.parse(stdout), {
      left: [0, 4, 1],
      byOption: 0,
      givenAtStart: 0,
      values: ["DataCloneError", "DataCloneError", "DataCloneError", "DataCloneError", "DataCloneError"],
      workerData: "DataCloneError",
    });
  });
});
