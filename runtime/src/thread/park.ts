import { assertTimeout } from "../sync/signal.js";
import { type WaitOptions, waitOn } from "../sync/waiting.js";
import { beginWait } from "../trace/activity.js";
import { keepAlive } from "../worker/keepAlive.js";
import { assertMayBlock, block } from "../worker/vigil.js";
import { currentSelf } from "./self.js";

/**
 * Waits until `unpark` of this thread's `Thread` is called, without blocking the thread; where that has happened since
 * the last time, it goes on at once. It may also go on without a reason, so look at what is waited for again.
 *
 * Source: Rust's `std::thread::park`.
 *
 * @throws (rejects with) the signal's reason, as soon as it is aborted.
 * @example
 * const handle = thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   await thread.park();
 * });
 * handle.thread().unpark();
 * (await handle.join()).unwrap();
 */
export async function park(options?: WaitOptions): Promise<void> {
  await parkTimeout(Number.POSITIVE_INFINITY, options);
}

/**
 * As `park`, but blocks the thread.
 *
 * @example
 * const handle = thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   thread.parkSync();
 *   return "unparked";
 * });
 * handle.thread().unpark();
 * console.log((await handle.join()).unwrap()); // unparked
 */
export function parkSync(): void {
  parkTimeoutSync(Number.POSITIVE_INFINITY);
}

/**
 * As `park`, for at most `ms` milliseconds.
 *
 * Source: Rust's `std::thread::park_timeout`.
 *
 * @throws (rejects with) RangeError unless `ms` is 0 or more; the signal's reason, as soon as it is aborted.
 * @example
 * await thread.parkTimeout(1); // nobody unparks the main thread here
 */
export async function parkTimeout(ms: number, options?: WaitOptions): Promise<void> {
  assertTimeout(ms);
  const { token } = currentSelf();
  const release = keepAlive();
  const resume = beginWait("park");
  try {
    const end = performance.now() + ms;
    for (let left = ms; left > 0 && Atomics.load(token, 0) === 0; left = end - performance.now()) {
      await waitOn(token, 0, 0, left, options?.signal, nothing);
    }
  } finally {
    resume?.();
    release();
  }
  Atomics.store(token, 0, 0);
}

function nothing(): void {}

/**
 * As `parkTimeout`, but blocks the thread.
 *
 * @throws RangeError unless `ms` is 0 or more.
 * @example
 * thread.parkTimeoutSync(1);
 */
export function parkTimeoutSync(ms: number): void {
  assertMayBlock("parkTimeout");
  assertTimeout(ms);
  const { token } = currentSelf();
  const resume = beginWait("park");
  block(token, 0, 0, ms);
  resume?.();
  Atomics.store(token, 0, 0);
}
