import type { Moved } from "../transport/move.js";
import type { SendableResult } from "../transport/types.js";
import { spawnArguments } from "./arguments.js";
import { JoinHandle } from "./joinHandle.js";
import { launch } from "./launch.js";

/**
 * Starts a thread that runs the closure, and returns its handle at once.
 *
 * The closure sees only its parameters, which `move` fills, and globals: it runs in a worker of its own, which has none
 * of the variables around it. Import what it needs inside it. What it returns is sent as `move` sends, to whoever joins.
 *
 * Source: Rust's `std::thread::spawn`.
 *
 * @throws SpawnError where the thread cannot start; NotSendError where a moved value cannot be sent; UseAfterMoveError
 * where one was moved before.
 * @example
 * const handle = thread.spawn(() => "hello");
 * const v = [1, 2, 3];
 * const sum = thread.spawn(move(v), (v) => v.reduce((a, b) => a + b, 0));
 * console.log((await handle.join()).unwrap(), (await sum.join()).unwrap()); // hello 6
 */
export function spawn<R>(f: () => SendableResult<R>): JoinHandle<Awaited<R>>;
export function spawn<M extends Moved, R>(
  moved: M,
  f: (...parameters: M["values"]) => SendableResult<R>,
): JoinHandle<Awaited<R>>;
export function spawn(first: unknown, second?: unknown): JoinHandle<unknown> {
  const { moved, f } = spawnArguments(first, second);
  return new JoinHandle(launch({ name: undefined, stackSize: undefined, maxHeap: undefined }, moved, f, spawn));
}
