import { NotSendError, SpawnError, UseAfterMoveError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import type { Moved } from "../transport/move.js";
import type { SendableResult } from "../transport/types.js";
import { spawnArguments } from "./arguments.js";
import { JoinHandle } from "./joinHandle.js";
import { type Launch, launch } from "./launch.js";
import { abortWith } from "./signal.js";

const KiB = 1024;
const MiB = 1024 * KiB;

/** The stack sizes a thread can be given, in bytes. Node itself needs 192 KiB of it. */
const stackSizeRange = { min: 512 * KiB, max: 1024 * MiB } as const;
/** The heap sizes a thread can be given, in bytes. */
const maxHeapRange = { min: 8 * MiB, max: 64 * 1024 * MiB } as const;

/**
 * Starts threads with a name, a stack size or a heap limit of their own.
 *
 * Source: Rust's `std::thread::Builder`.
 *
 * @example
 * const handle = new thread.Builder()
 *   .name("parser")
 *   .stackSize(16 * 1024 * 1024)
 *   .spawn(() => "parsed")
 *   .unwrap();
 * console.log(handle.thread().name); // parser
 * (await handle.join()).unwrap();
 */
export class Builder {
  #name: string | undefined;
  #stackSize: number | undefined;
  #maxHeap: number | undefined;
  #signal: AbortSignal | undefined;

  /**
   * The thread's name, shown in panics, traces and debuggers.
   *
   * @example
   * const handle = new thread.Builder().name("parser").spawn(() => 6 * 7).unwrap();
   * console.log(handle.thread().name); // parser
   * (await handle.join()).unwrap();
   */
  name(name: string): this {
    this.#name = name;
    return this;
  }

  /**
   * The size of the thread's stack in bytes: how deep its calls can go. Node's default is 4 MiB. Between 512 KiB and
   * 1 GiB; any other size makes `spawn` an `Err`, as every size does in a browser, which sets none.
   *
   * Source: `resourceLimits.stackSizeMb` of `node:worker_threads`.
   *
   * @example
   * const refused = new thread.Builder().stackSize(1024).spawn(() => 1);
   * console.log(refused.isErr()); // true
   * const deep = new thread.Builder().stackSize(16 * 1024 * 1024).spawn(() => {
   *   const count = (n: number): number => (n === 0 ? 0 : 1 + count(n - 1));
   *   return count(50_000);
   * });
   * console.log((await deep.unwrap().join()).unwrap()); // 50000
   */
  stackSize(bytes: number): this {
    this.#stackSize = bytes;
    return this;
  }

  /**
   * The most the thread's heap may grow to, in bytes; a thread that needs more panics with `out-of-memory`. Between
   * 8 MiB and 64 GiB; any other size makes `spawn` an `Err`, as every size does in a browser, which sets none.
   *
   * Source: `resourceLimits.maxOldGenerationSizeMb` of `node:worker_threads`.
   *
   * @example
   * const handle = new thread.Builder().maxHeap(64 * 1024 * 1024).spawn(() => [1, 2, 3].length).unwrap();
   * console.log((await handle.join()).unwrap()); // 3
   */
  maxHeap(bytes: number): this {
    this.#maxHeap = bytes;
    return this;
  }

  /**
   * Asks the thread to stop when this signal is aborted, as `JoinHandle.abort` does; one that is aborted already makes
   * `spawn` an `Err`. Nothing listens to the signal any more once the thread has ended.
   *
   * @example
   * const handle = new thread.Builder()
   *   .signal(AbortSignal.timeout(1))
   *   .spawn(async () => {
   *     const { thread } = await import("fearless-threads");
   *     while (!thread.signal().aborted);
   *     return "stopped";
   *   })
   *   .unwrap();
   * console.log((await handle.join()).unwrap()); // stopped
   */
  signal(signal: AbortSignal): this {
    this.#signal = signal;
    return this;
  }

  /**
   * Starts the thread, as `thread.spawn` does.
   *
   * @returns `Err(SpawnError)` where it cannot start.
   * @throws NotSendError where a moved value cannot be sent; UseAfterMoveError where one was moved before.
   * @example
   * const words = ["a", "b"];
   * const started = new thread.Builder().name("counter").spawn(move(words), (words) => words.length);
   * if (started.ok) console.log((await started.value.join()).unwrap()); // 2
   */
  spawn<R>(f: () => SendableResult<R>): Result<JoinHandle<Awaited<R>>, SpawnError>;
  spawn<M extends Moved, R>(
    moved: M,
    f: (...parameters: M["values"]) => SendableResult<R>,
  ): Result<JoinHandle<Awaited<R>>, SpawnError>;
  spawn(first: unknown, second?: unknown): Result<JoinHandle<unknown>, SpawnError> {
    try {
      const { moved, f } = spawnArguments(first, second);
      const signal = this.#signal;
      if (signal?.aborted) throw new SpawnError("the signal is aborted already", { cause: signal.reason });
      const running = launch(this.#options(), moved, f, this.spawn);
      if (signal !== undefined) abortWith(signal, running);
      return new Ok(new JoinHandle(running));
    } catch (error) {
      if (error instanceof NotSendError || error instanceof UseAfterMoveError) throw error;
      return new Err(error instanceof SpawnError ? error : new SpawnError(String(error), { cause: error }));
    }
  }

  #options(): Launch {
    assertRange("stack size", this.#stackSize, stackSizeRange);
    assertRange("heap size", this.#maxHeap, maxHeapRange);
    return { name: this.#name, stackSize: this.#stackSize, maxHeap: this.#maxHeap };
  }
}

function assertRange(what: string, bytes: number | undefined, range: { min: number; max: number }): void {
  if (bytes === undefined || (bytes >= range.min && bytes <= range.max)) return;
  throw new SpawnError(`a ${what} of ${bytes} bytes is out of range; it must be from ${range.min} to ${range.max}`);
}
