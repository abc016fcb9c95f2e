import type { ThreadPanic } from "../errors.js";
import type { Result } from "../result.js";
import { assertMayJoinSync } from "../worker/vigil.js";
import type { Running } from "./running.js";
import { Thread } from "./thread.js";

/** How a handle is let go of. */
export interface DetachOptions {
  /** The process stays alive until the thread has ended; without it the thread is killed when the main thread ends. */
  readonly keepAlive?: boolean;
}

/**
 * The owner's end of a thread that was started: waits for it and takes what it returned.
 *
 * It is not a promise: `await handle` gives the handle, `await handle.join()` joins. A thread that nobody joins is
 * killed when the main thread ends.
 *
 * Source: Rust's `std::thread::JoinHandle`.
 *
 * @example
 * const handle = thread.spawn(() => 6 * 7);
 * const answer = (await handle.join()).unwrap();
 * console.log(answer); // 42
 */
export class JoinHandle<T> {
  readonly #running: Running;
  #lookedAt = false;
  #noted = false;

  /** @internal */
  constructor(running: Running) {
    this.#running = running;
  }

  /**
   * Waits for the thread to end, and keeps the process alive until then.
   *
   * @returns `Ok` with what the closure returned, or `Err` with the panic. It never rejects. Joining again gives the
   * same result again. A closure that awaits a promise which nothing can settle any more has panicked, which is seen a few
   * seconds later, though not in a browser, nor where somebody still has the promise's `resolve`.
   *
   * @example
   * const handle = thread.spawn(() => {
   *   throw new Error("no such table");
   * });
   * const result = await handle.join();
   * if (!result.ok) console.log(result.error.message); // no such table
   */
  join(): Promise<Result<T, ThreadPanic>> {
    this.#take();
    return this.#running.wait() as Promise<Result<T, ThreadPanic>>;
  }

  /**
   * Blocks this thread until the other one has ended. Nothing else runs meanwhile. What the other thread prints appears
   * once this one goes back to its event loop: `process.exit()` right after it is too early.
   *
   * @returns as `join`: `Ok` with what the closure returned, or `Err` with the panic. Of a thread that ran out of memory
   * one that blocks only learns that its worker ended: the panic is of the kind `terminated`, and says so.
   * @throws Error in a browser, which tells a thread that blocks nothing of another one.
   * @example
   * const handle = thread.spawn(() => 6 * 7);
   * console.log(handle.joinSync().unwrap()); // 42
   */
  joinSync(): Result<T, ThreadPanic> {
    assertMayJoinSync();
    this.#take();
    return this.#running.waitSync() as Result<T, ThreadPanic>;
  }

  /**
   * Whether the thread has ended, by returning or by a panic. Does not wait.
   *
   * @example
   * const handle = thread.spawn(() => 6 * 7);
   * await handle.join();
   * console.log(handle.isFinished()); // true
   */
  isFinished(): boolean {
    return this.#running.isFinished();
  }

  /**
   * The thread's id and name.
   *
   * @example
   * const handle = new thread.Builder().name("parser").spawn(() => 1).unwrap();
   * console.log(handle.thread().name); // parser
   * await handle.join();
   */
  thread(): Thread {
    return new Thread(this.#running);
  }

  /**
   * Lets the thread run on its own: nobody will join it.
   *
   * @example
   * thread.spawn(() => 6 * 7).detach(); // ends with the program, if it has not before
   * thread.spawn(() => 6 * 7).detach({ keepAlive: true }); // the program waits for it
   */
  detach(options: DetachOptions = {}): void {
    this.#lookedAt = true;
    this.#running.note("detached");
    if (options.keepAlive === true) this.#running.keepAlive();
  }

  /**
   * Asks the thread to stop: the signal that `thread.signal()` gives inside it is aborted, with this reason. The thread
   * goes on until it looks at its signal; throwing the reason then makes it what `join` gives. A thread of a pool that
   * waits for its turn does not start. The first reason counts, and a thread that has ended stays as it is.
   *
   * Source: C++'s `std::jthread::request_stop`; `AbortController.abort` of the DOM specification.
   *
   * @example
   * const handle = thread.spawn(async () => {
   *   const { thread } = await import("fearless-threads");
   *   for (;;) await thread.sleep(10, { signal: thread.signal() });
   * });
   * handle.abort(new Error("not needed any more"));
   */
  abort(reason?: unknown): void {
    this.#running.abort(reason);
  }

  /**
   * Ends the thread now, wherever it is, and is the last resort: `using` and `finally` in it do not run. What it held is
   * given back, and locks that it held to write are poisoned. `join` gives a panic of the kind `terminated`. A thread
   * that has ended stays as it is.
   *
   * `abort` asks a thread to stop, and lets it put things in order.
   *
   * Source: `worker.terminate` of `node:worker_threads`. Rust has nothing like it.
   *
   * @example
   * const handle = thread.spawn(() => { for (;;); });
   * handle.terminate();
   * const result = await handle.join();
   * if (!result.ok) console.log(result.error.kind); // terminated
   */
  terminate(): void {
    this.#running.terminate();
  }

  /**
   * At the end of an `await using`: joins.
   *
   * @throws ThreadPanic where the thread panicked and nobody has joined it.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const lookedAt = this.#lookedAt;
    const result = await this.join();
    if (!lookedAt && !result.ok) throw result.error;
  }

  /** @internal Whether somebody has asked for the result. */
  isLookedAt(): boolean {
    return this.#lookedAt;
  }

  #take(): void {
    this.#lookedAt = true;
    if (this.#noted) return;
    this.#noted = true;
    this.#running.note("joined");
  }
}
