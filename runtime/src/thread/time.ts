import { beginWait } from "../trace/activity.js";
import { abortWord } from "../transport/abortSignal.js";
import * as node from "../worker/node.js";
import { assertMayBlock } from "../worker/vigil.js";

/** What ends a sleep early. */
export interface SleepOptions {
  /** The sleep ends when this is aborted, by throwing its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Waits at least `ms` milliseconds without blocking the thread.
 *
 * Source: Rust's `std::thread::sleep`; the timer is Node's `setTimeout`.
 *
 * @throws (rejects with) RangeError unless `ms` is a number from 0 to 2147483647; the signal's reason, as soon as it is
 * aborted.
 * @example
 * await thread.sleep(1, { signal: thread.signal() });
 */
export async function sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
  assertDuration(ms);
  signal?.throwIfAborted();
  const resume = beginWait("sleep");
  if (signal === undefined) {
    await new Promise<void>((done) => setTimeout(done, ms));
    resume?.();
    return;
  }
  let wake = (): void => {};
  const timer = await new Promise<NodeJS.Timeout>((done) => {
    const timer = setTimeout(() => done(timer), ms);
    wake = () => done(timer);
    signal.addEventListener("abort", wake, { once: true });
  });
  resume?.();
  clearTimeout(timer);
  signal.removeEventListener("abort", wake);
  signal.throwIfAborted();
}

/** What nobody ever changes; made when it is first waited on. */
let nothing: Int32Array | undefined;

/**
 * Blocks the thread for `ms` milliseconds: nothing else of it runs meanwhile. A signal that another thread can abort ends
 * it early.
 *
 * @throws RangeError unless `ms` is a number from 0 to 2147483647; the signal's reason, as soon as it is aborted.
 * @example
 * thread.sleepSync(1);
 */
export function sleepSync(ms: number, { signal }: SleepOptions = {}): void {
  assertMayBlock("sleep");
  assertDuration(ms);
  signal?.throwIfAborted();
  nothing ??= new Int32Array(new SharedArrayBuffer(4));
  const resume = beginWait("sleep");
  Atomics.wait((signal === undefined ? undefined : abortWord(signal)) ?? nothing, 0, 0, ms);
  resume?.();
  signal?.throwIfAborted();
}

/**
 * Lets other work of this thread run (timers, messages, promises), then goes on.
 *
 * Source: Rust's `std::thread::yield_now`, for an event loop.
 *
 * @example
 * let rang = false;
 * setTimeout(() => { rang = true; }, 0);
 * while (!rang) await thread.yieldNow();
 * console.log(rang); // true
 */
export async function yieldNow(): Promise<void> {
  await new Promise<void>((done) => setImmediate(done));
}

/**
 * How many threads can run at the same time on this machine, at least 1.
 *
 * Source: Rust's `std::thread::available_parallelism`; Node's `os.availableParallelism`.
 *
 * @example
 * const parts = Math.max(2, thread.availableParallelism());
 * console.log(parts >= 2); // true
 */
export function availableParallelism(): number {
  return node.availableParallelism();
}

function assertDuration(ms: number): void {
  if (!(ms >= 0 && ms <= 0x7fffffff)) {
    throw new RangeError(`a sleep lasts 0 to 2147483647 milliseconds, not ${ms}`);
  }
}
