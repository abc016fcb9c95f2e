/** What the models of pools and of comlink say, asserted on the libraries. */
import assert from "node:assert/strict";
import { runProgram } from "./run.js";

describe("pools of workers, as they run", function () {
  this.timeout(60_000);
  const run = (library: string, what: string) => runProgram("pools.mjs", [library, what]);

  for (const library of ["piscina", "tinypool", "poolifier"]) {
    it(`${library}: a task that fails with nobody to hear of it ends the process`, async () => {
      const { code, stdout, stderr } = await run(library, "unheard");
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /the task failed/);
    });
  }
  for (const library of ["piscina", "tinypool"]) {
    it(`${library}: a pool with nothing to do lets the process end`, async () => {
      assert.equal((await run(library, "idle")).stdout, "string\n");
    });
  }

  it("workerpool: of a task that fails nobody is told who does not wait", async () => {
    const { code, stdout, stderr } = await run("workerpool", "unheard");
    assert.deepEqual([code, stdout, stderr], [0, "main goes on\n", ""]);
  });

  for (const library of ["workerpool", "poolifier"]) {
    it(`${library}: a pool with nothing to do keeps the process alive`, async () => {
      assert.equal((await run(library, "idle")).stdout, "string\nalive\n");
    });
  }

  it("poolifier: a pool that was destroyed does not", async () => {
    assert.equal((await run("poolifier", "ended")).stdout, "string\nended\n");
  });

  it("poolifier: the list of several tasks goes with the first, and what is not in it is copied", async () => {
    assert.equal((await run("poolifier", "each")).stdout, "8 8 left 0 8\n");
  });

  it("workerpool: a function has nothing of what is around it", async () => {
    assert.equal((await run("workerpool", "capture")).stdout, "filename is not defined\n");
  });

  for (const library of ["piscina", "tinypool", "workerpool", "poolifier"]) {
    it(`${library}: what is in the list of a task is gone here`, async () => {
      assert.equal((await run(library, "transfer")).stdout, "8 left 0\n");
    });
    it(`${library}: a function cannot be sent`, async () => {
      assert.equal((await run(library, "function")).stdout, "() => 1 could not be cloned.\n");
    });
  }

  for (const library of ["piscina", "tinypool"]) {
    it(`${library}: what is marked as moved is gone here`, async () => {
      assert.equal((await run(library, "move")).stdout, "8 left 0\n");
    });
  }

  it("comlink: a function cannot be sent, and what is transferred is gone here", async () => {
    assert.equal((await run("comlink", "")).stdout, "function () => 1 could not be cloned.\nsize 8 left 0\n");
  });
});
