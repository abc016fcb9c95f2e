import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { currentSelf, type Self } from "./self.js";

const tokenOf: unique symbol = Symbol("fearless-threads.token");

/**
 * What is known of a thread: its id and its name. It may be moved to another thread, which can then unpark it.
 *
 * @example
 * const main = thread.current();
 * const handle = thread.spawn(move(main), (main) => `${main.name} is thread ${main.id}`);
 * console.log((await handle.join()).unwrap()); // main is thread 0
 */
export class Thread {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  declare readonly [life]: Life;
  /** @internal */
  declare readonly [tokenOf]: Int32Array;
  /** Unique in the process; 0 is the main thread. */
  readonly id: number;
  /** The name given with `Builder.name`; `main` for the main thread. */
  readonly name: string | undefined;

  /** @internal */
  constructor(self: Self) {
    // Not among what a copy of its fields takes along: that is its id and its name.
    Object.defineProperties(this, {
      [life]: { value: new Life("Thread", { shareable: true }) },
      [tokenOf]: { get: () => self.token },
    });
    this.id = self.id;
    this.name = self.name;
  }

  /**
   * Lets the thread go on from `thread.park`; one that is not parked does not stop at its next one.
   *
   * Source: Rust's `std::thread::Thread::unpark`.
   *
   * @throws UseAfterMoveError
   * @example
   * const handle = thread.spawn(move(thread.current()), (parent) => parent.unpark());
   * await thread.park();
   * (await handle.join()).unwrap();
   */
  unpark(): void {
    this[life].assert();
    Atomics.store(this[tokenOf], 0, 1);
    Atomics.notify(this[tokenOf], 0);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const data: Self = { id: this.id, name: this.name, token: this[tokenOf] };
    return { kind: "Thread", data, transfer: [] };
  }
}

registerHandle("Thread", (data) => new Thread(data as Self));

/**
 * The thread that calls it.
 *
 * Source: Rust's `std::thread::current`.
 *
 * @example
 * const handle = thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   return thread.current().id;
 * });
 * console.log((await handle.join()).unwrap() === handle.thread().id); // true
 * console.log(thread.current().name); // main
 */
export function current(): Thread {
  return new Thread(currentSelf());
}
