import { HeldValue } from "./heldValue.js";

/**
 * Lets go of a guard, a sender, a receiver or anything else that can be disposed of, before its scope ends.
 *
 * Source: Rust's `std::mem::drop`.
 *
 * @throws NotSendError, UseAfterMoveError where a guard's value cannot be stored: it was assigned what cannot be shared, or a
 * handle that was moved away. The lock is free then.
 * @example
 * const counter = new Mutex(0);
 * const guard = (await counter.lock()).unwrap();
 * guard.value += 1;
 * drop(guard);
 * console.log(counter.tryLock().isOk()); // true
 */
export function drop(value: Disposable): void {
  if (value instanceof HeldValue) HeldValue.drop(value);
  else value[Symbol.dispose]();
}
