import type { ThreadPanic } from "../errors.js";
import type { Result } from "../result.js";
import type { Moved } from "../transport/move.js";
import type { SendableResult } from "../transport/types.js";
import { spawnArguments } from "./arguments.js";
import { JoinHandle } from "./joinHandle.js";
import { launch } from "./launch.js";
import type { Running } from "./running.js";

/**
 * Spawns threads that end before their scope does; what {@link scope} gives its function.
 *
 * @example
 * const lengths = await thread.scope(async (s) => {
 *   const handles = ["one", "three"].map((word) => s.spawn(move(word), (word) => word.length));
 *   return Promise.all(handles.map(async (handle) => (await handle.join()).unwrap()));
 * });
 * console.log(lengths.join()); // 3,5
 */
export class Scope {
  readonly #threads: { readonly running: Running; readonly handle: JoinHandle<unknown> }[] = [];
  #open = true;

  /**
   * Starts a thread of this scope, as `thread.spawn` does.
   *
   * @throws SpawnError, also where the scope has ended; NotSendError; UseAfterMoveError.
   * @example
   * await thread.scope((s) => {
   *   s.spawn(move([3, 1, 2]), (part) => console.log(part.toSorted().join())); // 1,2,3
   * });
   */
  spawn<R>(f: () => SendableResult<R>): JoinHandle<Awaited<R>>;
  spawn<M extends Moved, R>(moved: M, f: (...parameters: M["values"]) => SendableResult<R>): JoinHandle<Awaited<R>>;
  spawn(first: unknown, second?: unknown): JoinHandle<unknown> {
    const { moved, f } = spawnArguments(first, second);
    if (!this.#open) throw new Error("this scope has ended; spawn its threads before its function returns");
    const running = launch({ name: undefined, stackSize: undefined, maxHeap: undefined }, moved, f, this.spawn);
    const handle = new JoinHandle<unknown>(running);
    this.#threads.push({ running, handle });
    return handle;
  }

  /** @internal */
  async end(): Promise<readonly ThreadPanic[]> {
    const panics: ThreadPanic[] = [];
    for (let i = 0; i < this.#threads.length; i++) {
      const thread = this.#threads[i];
      if (thread === undefined) continue;
      const lookedAt = thread.handle.isLookedAt();
      const result: Result<unknown, ThreadPanic> = await thread.handle.join();
      if (!result.ok && !lookedAt) panics.push(result.error);
    }
    this.#open = false;
    return panics;
  }
}

/**
 * Runs `f` and joins every thread that it spawned in the scope before the promise resolves.
 *
 * Source: Rust's `std::thread::scope`.
 *
 * @returns what `f` returns.
 * @throws (rejects with) what `f` threw, otherwise the first `ThreadPanic` of a thread that nobody joined.
 * @example
 * const sums = Arc.new(new Mutex(0));
 * await thread.scope((s) => {
 *   for (const part of [[1, 2], [3, 4]]) {
 *     s.spawn(move(part, sums.clone()), (part, sums) => {
 *       using sum = sums.lockSync().unwrap();
 *       for (const n of part) sum.value += n;
 *     });
 *   }
 * });
 * using sum = sums.lockSync().unwrap();
 * console.log(sum.value); // 10
 */
export async function scope<R>(f: (s: Scope) => R): Promise<Awaited<R>> {
  const s = new Scope();
  let value: Awaited<R>;
  try {
    value = await f(s);
  } catch (error) {
    await s.end();
    throw error;
  }
  const [panic] = await s.end();
  if (panic !== undefined) throw panic;
  return value;
}
