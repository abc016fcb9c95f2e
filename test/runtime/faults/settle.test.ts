import assert from "node:assert/strict";
import { type Result, ThreadPanic, ThreadPool, thread } from "fearless-threads";
import { type Fault, faults } from "./faults.js";

type Outcome = Result<unknown, ThreadPanic>;

/** Every way to wait for a thread. */
const ways: Readonly<Record<string, (closure: () => unknown) => Promise<Outcome> | Outcome>> = {
  join: (closure) => thread.spawn(closure).join(),
  joinSync: (closure) => thread.spawn(closure).joinSync(),
  scope: (closure) => thread.scope((s) => s.spawn(closure).join()),
  "a pool's task": async (closure) => {
    await using pool = new ThreadPool({ size: 1 });
    return await pool.spawn(closure).join();
  },
};

function check({ kind, message }: Fault, outcome: Outcome): void {
  assert.ok(!outcome.ok, "the thread should have panicked");
  assert.ok(outcome.error instanceof ThreadPanic);
  assert.equal(outcome.error.kind, kind, outcome.error.message);
  assert.match(outcome.error.message, message);
}

describe("a thread that", () => {
  before(() => thread.setPanicHook(() => {}));
  after(() => thread.setPanicHook(undefined));

  for (const fault of faults) {
    for (const [way, wait] of Object.entries(ways)) {
      it(`${fault.what}: ${way} settles`, async () => check(fault, await wait(fault.closure)));
    }
  }
});
