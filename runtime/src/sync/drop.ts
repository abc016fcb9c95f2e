/**
 * Lets go of a guard, a sender, a receiver or anything else that can be disposed of, before its scope ends.
 *
 * Source: Rust's `std::mem::drop`.
 *
 * @example
 * const guard = (await mutex.lock()).unwrap();
 * guard.value += 1;
 * drop(guard);
 */
export function drop(value: Disposable): void {
  value[Symbol.dispose]();
}
