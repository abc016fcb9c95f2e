import { isUnwinding } from "../sync/unwinding.js";
import { currentSelf } from "./self.js";

/**
 * A value that each thread has its own of; what `thread.local` gives.
 *
 * @example
 * const visits = thread.local(() => 0);
 * visits.set(visits.get() + 1);
 * console.log(visits.get()); // 1
 */
export class ThreadLocal<T> {
  readonly #init: () => T;
  #mine: { readonly thread: number; value: T } | undefined;

  /** @internal */
  constructor(init: () => T) {
    this.#init = init;
  }

  /**
   * This thread's value, made when it is first asked for.
   *
   * @throws what making it throws.
   * @example
   * const scratch = thread.local(() => new Float64Array(4));
   * console.log(scratch.get().length, scratch.get() === scratch.get()); // 4 true
   */
  get(): T {
    return this.#own().value;
  }

  /**
   * Replaces this thread's value.
   *
   * @example
   * const user = thread.local(() => "nobody");
   * user.set("ada");
   * console.log(user.get()); // ada
   */
  set(value: T): void {
    this.#mine = { thread: currentSelf().id, value };
  }

  /**
   * Gives this thread's value to `f`, which may change what is inside it.
   *
   * @returns what `f` returns.
   * @throws what making the value throws, or `f`.
   * @example
   * const seen = thread.local(() => new Set<string>());
   * seen.with((words) => words.add("soup"));
   * console.log(seen.with((words) => words.size)); // 1
   */
  with<R>(f: (value: T) => R): R {
    return f(this.get());
  }

  /** A worker takes on one thread after the other: the next one starts afresh. */
  #own(): { value: T } {
    const thread = currentSelf().id;
    if (this.#mine?.thread !== thread) this.#mine = { thread, value: this.#init() };
    return this.#mine;
  }
}

/**
 * A value that each thread has its own of, made by `init` when the thread first asks for it. Variables of a module belong
 * to one worker anyway; this one is also new for each thread that the worker takes on.
 *
 * Source: Rust's `std::thread_local!`.
 *
 * @example
 * const scratch = thread.local(() => new Float64Array(1024));
 * console.log(scratch.get().length); // 1024
 */
export function local<T>(init: () => T): ThreadLocal<T> {
  return new ThreadLocal(init);
}

/**
 * Whether an error is on its way out of the scope that is being left: what a `[Symbol.dispose]` in a thread's closure
 * can ask. Outside of closures that were spawned it is `false`.
 *
 * Source: Rust's `std::thread::panicking`.
 *
 * @example
 * const handle = thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   using transaction = {
 *     [Symbol.dispose]: () => console.log(thread.panicking() ? "rolled back" : "committed"), // committed
 *   };
 * });
 * (await handle.join()).unwrap();
 */
export function panicking(): boolean {
  return isUnwinding();
}
