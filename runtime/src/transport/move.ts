import type { Sendable } from "./types.js";

/**
 * Values on their way into a thread: what `move(…)` gives and `spawn` takes.
 *
 * @example
 * const order: Moved<[string, number]> = move("soup", 2);
 * const handle = thread.spawn(order, (dish, count) => `${count} ${dish}`);
 * console.log((await handle.join()).unwrap()); // 2 soup
 */
export class Moved<A extends readonly unknown[] = readonly unknown[]> {
  /** The values, in the order of the closure's parameters. */
  readonly values: A;

  constructor(values: A) {
    this.values = values;
  }
}

/**
 * Gives values to a thread: they become the parameters of its closure, in order.
 *
 * - What can be transferred (an `ArrayBuffer`, a `MessagePort`, at any depth) is transferred: the caller's own is
 *   detached when the thread is spawned.
 * - Handles of this library (`Mutex`, `Arc`, `Sender`, `Receiver`) are moved: the caller's handle is dead afterwards and
 *   its methods throw `UseAfterMoveError`. `clone()` one before to keep it.
 * - Everything else is copied by structured clone.
 *
 * What cannot be sent is found at the `spawn` (or `send`) that takes the values: it throws `NotSendError` naming the path.
 *
 * Source: the `move` keyword of Rust's closures; the structured clone algorithm of the HTML specification.
 *
 * @example
 * const v = [1, 2, 3];
 * const handle = thread.spawn(move(v), (v) => v.length);
 * console.log((await handle.join()).unwrap()); // 3
 */
export function move<A extends readonly unknown[]>(...values: { [K in keyof A]: Sendable<A[K]> }): Moved<A>;
export function move(...values: readonly unknown[]): Moved {
  return new Moved(values);
}
