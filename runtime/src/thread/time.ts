import * as node from "../worker/node.js";

/**
 * Waits at least `ms` milliseconds without blocking the thread.
 *
 * Source: Rust's `std::thread::sleep`; the timer is Node's `setTimeout`.
 *
 * @throws (rejects with) RangeError unless `ms` is a number from 0 to 2147483647.
 */
export async function sleep(ms: number): Promise<void> {
  assertDuration(ms);
  await new Promise<void>((done) => setTimeout(done, ms));
}

/** What nobody ever changes; made when it is first waited on. */
let nothing: Int32Array | undefined;

/**
 * Blocks the thread for `ms` milliseconds: nothing else of it runs meanwhile.
 *
 * @throws RangeError unless `ms` is a number from 0 to 2147483647.
 */
export function sleepSync(ms: number): void {
  assertDuration(ms);
  nothing ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(nothing, 0, 0, ms);
}

/**
 * Lets other work of this thread run (timers, messages, promises), then goes on.
 *
 * Source: Rust's `std::thread::yield_now`, for an event loop.
 */
export async function yieldNow(): Promise<void> {
  await new Promise<void>((done) => setImmediate(done));
}

/**
 * How many threads can run at the same time on this machine, at least 1.
 *
 * Source: Rust's `std::thread::available_parallelism`; Node's `os.availableParallelism`.
 */
export function availableParallelism(): number {
  return node.availableParallelism();
}

function assertDuration(ms: number): void {
  if (!(ms >= 0 && ms <= 0x7fffffff)) {
    throw new RangeError(`a sleep lasts 0 to 2147483647 milliseconds, not ${ms}`);
  }
}
