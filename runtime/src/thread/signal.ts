import { openSignal } from "../transport/abortSignal.js";
import type { Running } from "./running.js";
import { currentSelf, type Self } from "./self.js";

const signals = new WeakMap<Self, AbortSignal>();

/**
 * The signal by which this thread is asked to stop, with `JoinHandle.abort`, `Builder.signal` or the `signal` of a
 * `ThreadPool`. It is aborted also for a thread that never awaits: a busy loop sees it in `aborted`. The main thread's
 * signal is never aborted.
 *
 * Source: C++'s `std::jthread::get_stop_token`; the `AbortSignal` of the DOM specification. Rust has nothing like it.
 *
 * @example
 * const handle = thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   const signal = thread.signal();
 *   let turns = 0;
 *   while (!signal.aborted) turns++;
 *   return turns;
 * });
 * handle.abort();
 * const turns = (await handle.join()).unwrap();
 */
export function signal(): AbortSignal {
  const self = currentSelf();
  let known = signals.get(self);
  if (known === undefined) {
    known = self.stopping === undefined ? new AbortController().signal : openSignal(self.stopping);
    signals.set(self, known);
  }
  return known;
}

/** @internal Asks a thread to stop when a signal of its parent is aborted, as long as it runs. */
export function abortWith(signal: AbortSignal, running: Running): void {
  const ask = (): void => running.abort(signal.reason);
  if (signal.aborted) {
    ask();
    return;
  }
  signal.addEventListener("abort", ask, { once: true });
  running.whenEnded(() => signal.removeEventListener("abort", ask));
}
