import type { ThreadPanic } from "../errors.js";
import { Moved } from "../transport/move.js";
import type { Sendable } from "../transport/types.js";
import { spawnArguments } from "./arguments.js";
import { JoinHandle } from "./joinHandle.js";
import { prepare } from "./launch.js";
import { Queued } from "./queued.js";
import { availableParallelism } from "./time.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** How a `ThreadPool` is made. */
export interface ThreadPoolOptions {
  /** How many of its threads run at the same time, at least 1; `availableParallelism()` where this is absent. */
  readonly size?: number;
  /** The name of its threads, shown in panics, traces and debuggers. */
  readonly name?: string;
  /** When it is aborted, threads that wait for their turn do not start, and those that run are asked to stop. */
  readonly signal?: AbortSignal;
}

/**
 * Runs any number of closures, so many at a time: the others wait for their turn, in order. Workers are used again.
 *
 * Source: Rust's `threadpool` and `rayon`; the standard library has none.
 *
 * @example
 * await using pool = new ThreadPool({ size: 4, name: "cook" });
 * const handle = pool.spawn(move(["soup", "bread"]), (order) => order.length);
 * const squares = await pool.map([1, 2, 3], (n) => n * n);
 * console.log((await handle.join()).unwrap(), squares.join()); // 2 1,4,9
 */
export class ThreadPool {
  /** How many of its threads run at the same time. */
  readonly size: number;
  /** The name of its threads. */
  readonly name: string | undefined;
  readonly #waiting: Queued[] = [];
  readonly #running = new Set<Queued>();
  /** Those that have not ended, and those whose panic nobody may have looked at. */
  readonly #handles = new Set<JoinHandle<unknown>>();
  readonly #signal: AbortSignal | undefined;
  /** Listens to the signal while there are threads. */
  readonly #abort = (): void => {
    for (const task of [...this.#waiting, ...this.#running]) task.abort(this.#signal?.reason);
  };
  #open = true;

  /** @throws RangeError unless the size is a whole number of at least 1. */
  constructor({ size = availableParallelism(), name, signal }: ThreadPoolOptions = {}) {
    if (!(Number.isInteger(size) && size >= 1)) throw new RangeError(`a pool has 1 or more threads, not ${size}`);
    this.size = size;
    this.name = name;
    this.#signal = signal;
  }

  /**
   * Runs a closure on a thread of the pool when it is its turn. What is moved is moved now. The pool joins it: nobody has
   * to join the handle.
   *
   * @throws SpawnError, NotSendError, UseAfterMoveError as `thread.spawn` does; Error where the pool was disposed of.
   * @example
   * await using pool = new ThreadPool({ size: 2 });
   * const handle = pool.spawn(move(6, 7), (a, b) => a * b);
   * console.log((await handle.join()).unwrap()); // 42
   */
  spawn<R>(f: () => R): JoinHandle<Awaited<R>>;
  spawn<M extends Moved, R>(moved: M, f: (...parameters: M["values"]) => R): JoinHandle<Awaited<R>>;
  spawn(first: unknown, second?: unknown): JoinHandle<unknown> {
    const { moved, f } = spawnArguments(first, second);
    return this.#submit(moved, f, this.spawn);
  }

  /** @param caller the method whose caller wrote the closure. */
  #submit(moved: Moved | undefined, f: AnyFunction, caller: AnyFunction): JoinHandle<unknown> {
    if (!this.#open) throw new Error("this pool was disposed of; spawn before that");
    const options = { name: this.name, stackSize: undefined, maxHeap: undefined };
    const task = new Queued(prepare(options, moved, f, caller), () => this.#waitForTurn());
    const handle = new JoinHandle<unknown>(task);
    this.#handles.add(handle);
    if (this.#signal?.aborted === true) task.abort(this.#signal.reason);
    this.#signal?.addEventListener("abort", this.#abort, { once: true });
    void task.ended.then((result) => {
      this.#running.delete(task);
      if (result.ok || handle.isLookedAt()) this.#handles.delete(handle);
      this.#next();
      if (this.#running.size === 0) this.#signal?.removeEventListener("abort", this.#abort);
    });
    this.#waiting.push(task);
    this.#next();
    return handle;
  }

  /**
   * Runs `f` for each value on a thread of the pool.
   *
   * @returns what `f` returned, in the order of the values.
   * @throws (rejects with) the first ThreadPanic, when all have ended; SpawnError; NotSendError; UseAfterMoveError.
   * @example
   * await using pool = new ThreadPool();
   * console.log((await pool.map(["a", "bb"], (word) => word.length)).join()); // 1,2
   */
  async map<T, R>(values: Iterable<T & Sendable<T>>, f: (value: T) => R): Promise<Awaited<R>[]> {
    const handles = Array.from(values, (value) => this.#submit(new Moved([value]), f, this.map));
    const results = await Promise.all(handles.map((handle) => handle.join()));
    return results.map((result) => result.unwrap() as Awaited<R>);
  }

  /**
   * Waits until all that was spawned has ended, and keeps the process alive until then.
   *
   * @throws (rejects with) the first ThreadPanic of a thread that nobody joined.
   * @example
   * const pool = new ThreadPool({ size: 2 });
   * for (const word of ["a", "b"]) pool.spawn(move(word), (word) => word.length);
   * await pool.join();
   */
  async join(): Promise<void> {
    let first: ThreadPanic | undefined;
    for (const handle of this.#handles) {
      const lookedAt = handle.isLookedAt();
      const result = await handle.join();
      this.#handles.delete(handle);
      if (!result.ok && !lookedAt) first ??= result.error;
    }
    if (first !== undefined) throw first;
  }

  /** At the end of an `await using`: takes nothing more and joins. @throws ThreadPanic as `join` rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    await this.join();
  }

  #next(): void {
    while (this.#running.size < this.size) {
      const task = this.#waiting.shift();
      if (task === undefined) return;
      if (task.isFinished()) continue;
      this.#running.add(task);
      task.start();
    }
  }

  /** For one who blocks: nobody else starts what waits meanwhile. */
  #waitForTurn(): void {
    const [oldest] = this.#running;
    if (oldest === undefined) return;
    oldest.waitSync();
    this.#running.delete(oldest);
    this.#next();
  }
}
