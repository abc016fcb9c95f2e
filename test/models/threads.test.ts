/** What the model of threads.js says, asserted on the library. */
import assert from "node:assert/strict";
import { runProgram } from "./run.js";

const facts: readonly (readonly [string, string, string])[] = [
  ["unheard", "of a call that fails nobody is told who does not wait", "main goes on\n"],
  ["idle", "a thread that nobody ends keeps the process alive", "3\nalive\n"],
  ["ended", "a thread that was ended does not", "3\n"],
  ["function", "a function cannot be sent", "() => 1 could not be cloned.\n"],
  ["transfer", "what is marked is gone here, alone or in a list", "8 left 0\nleft 0\n"],
  [
    "not exposed",
    "who starts a file that exposes nothing is told late, and the worker runs on",
    "Timeout: Did not receive an init message from worker after 500ms. Make sure the worker calls expose().\nalive\n",
  ],
  ["pool unheard", "of a queued task that fails nobody is told who does not wait", "main goes on\n"],
  ["pool watched", "who waits for the pool is told", "completed: the task failed\n"],
  ["pool idle", "a pool with nothing to do keeps the process alive", "3\nalive\n"],
];

describe("threads.js, as it runs", function () {
  this.timeout(60_000);

  for (const [what, title, printed] of facts) {
    it(title, async () => {
      assert.deepEqual(await runProgram("threads.mjs", [what]), { code: 0, stdout: printed, stderr: "" });
    });
  }
});
