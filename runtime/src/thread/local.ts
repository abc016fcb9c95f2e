import { isUnwinding } from "../sync/unwinding.js";
import { currentSelf } from "./self.js";

/** A value that each thread has its own of; what `thread.local` gives. */
export class ThreadLocal<T> {
  readonly #init: () => T;
  #mine: { readonly thread: number; value: T } | undefined;

  /** @internal */
  constructor(init: () => T) {
    this.#init = init;
  }

  /** This thread's value, made when it is first asked for. @throws what making it throws. */
  get(): T {
    return this.#own().value;
  }

  /** Replaces this thread's value. */
  set(value: T): void {
    this.#mine = { thread: currentSelf().id, value };
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
 * export const scratch = thread.local(() => new Float64Array(1024));
 * scratch.get().fill(0);
 */
export function local<T>(init: () => T): ThreadLocal<T> {
  return new ThreadLocal(init);
}

/**
 * Whether an error is on its way out of the scope that is being left: what a `[Symbol.dispose]` in a thread's closure
 * can ask. Outside of closures that were spawned it is `false`.
 *
 * Source: Rust's `std::thread::panicking`.
 */
export function panicking(): boolean {
  return isUnwinding();
}
