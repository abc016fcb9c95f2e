import type { PoisonError } from "../errors.js";
import { Ok, type Result } from "../result.js";
import { beginWait } from "../trace/activity.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { keepAlive } from "../worker/keepAlive.js";
import { assertMayBlock, block } from "../worker/vigil.js";
import { cellOf } from "./heldValue.js";
import { lockCell, lockCellSync, type MutexGuard } from "./mutex.js";
import { assertTimeout } from "./signal.js";
import { type WaitOptions, waitOn } from "./waiting.js";

const wordsOf: unique symbol = Symbol("fearless-threads.condvar");

/** What `Condvar.waitTimeout` gives. */
export interface TimedWait<T> {
  /** The lock, held again. */
  readonly guard: MutexGuard<T>;
  /** Whether the time had passed before anybody notified. */
  readonly timedOut: boolean;
}

/**
 * Where threads wait until another one says that what a `Mutex` guards has changed.
 *
 * Waiting gives the lock back, and takes it again before it returns. A thread may also wake up without having been
 * notified, so look at the value again, or use `waitWhile`, which does.
 *
 * All its methods throw `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::Condvar`.
 *
 * @example
 * const ready = Arc.new(new Mutex(false));
 * const changed = Arc.new(new Condvar());
 * const handle = thread.spawn(move(ready.clone(), changed.clone()), (ready, changed) => {
 *   using flag = ready.lockSync().unwrap();
 *   flag.value = true;
 *   changed.notifyOne();
 * });
 * using flag = (await changed.waitWhile((await ready.lock()).unwrap(), (is) => !is)).unwrap();
 * console.log(flag.value); // true
 * await handle.join();
 */
export class Condvar {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Condvar", { shareable: true });
  /** @internal Word 0 is another after each notification. */
  readonly [wordsOf]: Int32Array;

  constructor();
  /** @internal */
  constructor(revived: Int32Array);
  constructor(revived?: Int32Array) {
    this[wordsOf] = revived ?? new Int32Array(new SharedArrayBuffer(4));
  }

  /**
   * Gives the lock back, waits to be notified without blocking the thread, and takes the lock again.
   *
   * @returns the new guard, or `Err(PoisonError)` where a thread panicked while it held the lock.
   * @throws (rejects with) Error where the guard was dropped before; UseAfterMoveError; the signal's reason, as soon as it is
   * aborted: the lock is not held then.
   * @example
   * const ready = Arc.new(new Mutex(false));
   * const changed = Arc.new(new Condvar());
   * const handle = thread.spawn(move(ready.clone(), changed.clone()), (ready, changed) => {
   *   using flag = ready.lockSync().unwrap();
   *   flag.value = true;
   *   changed.notifyOne();
   * });
   * let flag = (await ready.lock()).unwrap();
   * while (!flag.value) flag = (await changed.wait(flag)).unwrap();
   * console.log(flag.value); // true
   * drop(flag);
   * await handle.join();
   */
  async wait<T>(guard: MutexGuard<T>, options?: WaitOptions): Promise<Result<MutexGuard<T>, PoisonError>> {
    return (await this.waitTimeout(guard, Number.POSITIVE_INFINITY, options)).map((waited) => waited.guard);
  }

  /**
   * As `wait`, but blocks the thread.
   *
   * @returns as `wait`: the new guard, or `Err(PoisonError)`.
   * @throws Error where the guard was dropped before; UseAfterMoveError.
   * @example
   * const ready = Arc.new(new Mutex(false));
   * const changed = Arc.new(new Condvar());
   * const handle = thread.spawn(move(ready.clone(), changed.clone()), (ready, changed) => {
   *   using flag = ready.lockSync().unwrap();
   *   flag.value = true;
   *   changed.notifyOne();
   * });
   * let flag = ready.lockSync().unwrap();
   * while (!flag.value) flag = changed.waitSync(flag).unwrap();
   * console.log(flag.value); // true
   * drop(flag);
   * await handle.join();
   */
  waitSync<T>(guard: MutexGuard<T>): Result<MutexGuard<T>, PoisonError> {
    assertMayBlock("wait");
    return this.waitTimeoutSync(guard, Number.POSITIVE_INFINITY).map((waited) => waited.guard);
  }

  /**
   * Waits as long as `condition` holds of the value: it is asked first, and again after each notification.
   *
   * @returns the guard, which is the same one where nothing had to be waited for; `Err(PoisonError)` as `wait` does.
   * @throws (rejects with) as `wait` does.
   * @example
   * const count = new Mutex(3);
   * const changed = new Condvar();
   * using enough = (await changed.waitWhile(count.lockSync().unwrap(), (n) => n < 3)).unwrap();
   * console.log(enough.value); // 3
   */
  async waitWhile<T>(
    guard: MutexGuard<T>,
    condition: (value: T) => boolean,
    options?: WaitOptions,
  ): Promise<Result<MutexGuard<T>, PoisonError>> {
    let held: Result<MutexGuard<T>, PoisonError> = new Ok(guard);
    while (held.ok && condition(held.value.value)) held = await this.wait(held.value, options);
    return held;
  }

  /**
   * As `waitWhile`, but blocks the thread.
   *
   * @returns as `waitWhile`: the guard, or `Err(PoisonError)`.
   * @throws Error where the guard was dropped before; UseAfterMoveError.
   * @example
   * const count = new Mutex(3);
   * const changed = new Condvar();
   * using enough = changed.waitWhileSync(count.lockSync().unwrap(), (n) => n < 3).unwrap();
   * console.log(enough.value); // 3
   */
  waitWhileSync<T>(guard: MutexGuard<T>, condition: (value: T) => boolean): Result<MutexGuard<T>, PoisonError> {
    assertMayBlock("waitWhile");
    let held: Result<MutexGuard<T>, PoisonError> = new Ok(guard);
    while (held.ok && condition(held.value.value)) held = this.waitSync(held.value);
    return held;
  }

  /**
   * As `wait`, for at most `ms` milliseconds; taking the lock again may take longer.
   *
   * @returns the guard and whether the time was up, or `Err(PoisonError)` as `wait` does.
   * @throws (rejects with) RangeError unless `ms` is 0 or more; as `wait` does.
   * @example
   * const ready = new Mutex(false);
   * const changed = new Condvar();
   * const { guard, timedOut } = (await changed.waitTimeout(ready.lockSync().unwrap(), 1)).unwrap();
   * console.log(timedOut, guard.value); // true false
   * drop(guard);
   */
  async waitTimeout<T>(
    guard: MutexGuard<T>,
    ms: number,
    options?: WaitOptions,
  ): Promise<Result<TimedWait<T>, PoisonError>> {
    const { words, cell, before } = giveBack(this, guard, ms);
    const signal = options?.signal;
    const release = keepAlive();
    const resume = beginWait("Condvar");
    let isWoken = false;
    try {
      const end = performance.now() + ms;
      for (let left = ms; left > 0 && Atomics.load(words, 0) === before; left = end - performance.now()) {
        await waitOn(words, 0, before, left, signal, () => Atomics.notify(words, 0, 1));
      }
      isWoken = Atomics.load(words, 0) !== before;
      resume?.();
      return (await lockCell<T>(cell, signal)).map((guard) => ({ guard, timedOut: !isWoken }));
    } catch (error) {
      resume?.();
      if (isWoken) Atomics.notify(words, 0, 1); // It was notified, and goes without having looked.
      throw error;
    } finally {
      release();
    }
  }

  /**
   * As `waitTimeout`, but blocks the thread.
   *
   * @returns as `waitTimeout`; `Err(PoisonError)` as `wait` does.
   * @throws RangeError unless `ms` is 0 or more; Error where the guard was dropped before; UseAfterMoveError.
   * @example
   * const ready = new Mutex(false);
   * const changed = new Condvar();
   * const { guard, timedOut } = changed.waitTimeoutSync(ready.lockSync().unwrap(), 1).unwrap();
   * console.log(timedOut, guard.value); // true false
   * drop(guard);
   */
  waitTimeoutSync<T>(guard: MutexGuard<T>, ms: number): Result<TimedWait<T>, PoisonError> {
    assertMayBlock("waitTimeout");
    const { words, cell, before } = giveBack(this, guard, ms);
    const resume = beginWait("Condvar");
    block(words, 0, before, ms);
    resume?.();
    const timedOut = Atomics.load(words, 0) === before;
    return lockCellSync<T>(cell).map((guard) => ({ guard, timedOut }));
  }

  /**
   * Waits as long as `condition` holds of the value, for at most `ms` milliseconds.
   *
   * @returns the guard, and whether the condition still held when the time had passed; `Err(PoisonError)` as `wait` does.
   * @throws (rejects with) RangeError unless `ms` is 0 or more; as `wait` does.
   * @example
   * const ready = new Mutex(false);
   * const changed = new Condvar();
   * const { guard, timedOut } = (await changed.waitTimeoutWhile(ready.lockSync().unwrap(), 1, (is) => !is)).unwrap();
   * console.log(timedOut, guard.value); // true false
   * drop(guard);
   */
  async waitTimeoutWhile<T>(
    guard: MutexGuard<T>,
    ms: number,
    condition: (value: T) => boolean,
    options?: WaitOptions,
  ): Promise<Result<TimedWait<T>, PoisonError>> {
    assertTimeout(ms);
    const end = performance.now() + ms;
    for (let held = guard; ; ) {
      if (!condition(held.value)) return new Ok({ guard: held, timedOut: false });
      const left = end - performance.now();
      if (left <= 0) return new Ok({ guard: held, timedOut: true });
      const waited = await this.waitTimeout(held, left, options);
      if (!waited.ok) return waited;
      held = waited.value.guard;
    }
  }

  /**
   * As `waitTimeoutWhile`, but blocks the thread.
   *
   * @returns as `waitTimeoutWhile`; `Err(PoisonError)` as `wait` does.
   * @throws RangeError unless `ms` is 0 or more; Error where the guard was dropped before; UseAfterMoveError.
   * @example
   * const ready = new Mutex(true);
   * const changed = new Condvar();
   * const waited = changed.waitTimeoutWhileSync(ready.lockSync().unwrap(), 1, (is) => !is).unwrap();
   * console.log(waited.timedOut); // false
   * drop(waited.guard);
   */
  waitTimeoutWhileSync<T>(
    guard: MutexGuard<T>,
    ms: number,
    condition: (value: T) => boolean,
  ): Result<TimedWait<T>, PoisonError> {
    assertMayBlock("waitTimeoutWhile");
    assertTimeout(ms);
    const end = performance.now() + ms;
    for (let held = guard; ; ) {
      if (!condition(held.value)) return new Ok({ guard: held, timedOut: false });
      const left = end - performance.now();
      if (left <= 0) return new Ok({ guard: held, timedOut: true });
      const waited = this.waitTimeoutSync(held, left);
      if (!waited.ok) return waited;
      held = waited.value.guard;
    }
  }

  /**
   * Wakes one thread that waits, if any does.
   *
   * @throws UseAfterMoveError
   * @example
   * const changed = new Condvar();
   * changed.notifyOne(); // nobody waits: nothing happens
   */
  notifyOne(): void {
    notify(this, 1);
  }

  /**
   * Wakes all threads that wait.
   *
   * @throws UseAfterMoveError
   * @example
   * const open = Arc.new(new Mutex(false));
   * const changed = Arc.new(new Condvar());
   * const handles = [1, 2].map((n) =>
   *   thread.spawn(move(open.clone(), changed.clone(), n), async (open, changed, n) => {
   *     using _ = (await changed.waitWhile((await open.lock()).unwrap(), (is) => !is)).unwrap();
   *     return n;
   *   }),
   * );
   * {
   *   using flag = open.lockSync().unwrap();
   *   flag.value = true;
   * }
   * changed.notifyAll();
   * const ended = await Promise.all(handles.map((handle) => handle.join()));
   * console.log(ended.map((result) => result.unwrap()).join()); // 1,2
   */
  notifyAll(): void {
    notify(this, Number.POSITIVE_INFINITY);
  }

  /** @internal */
  [moveOut](): HandleImage {
    return { kind: "Condvar", data: this[wordsOf], transfer: [] };
  }
}

registerHandle("Condvar", (data) => new Condvar(data as Int32Array));

function notify(condvar: Condvar, count: number): void {
  condvar[life].assert();
  Atomics.add(condvar[wordsOf], 0, 1);
  Atomics.notify(condvar[wordsOf], 0, count);
}

/** What is notified from now on counts, since it is noted what came before while the lock is still held. */
function giveBack<T>(condvar: Condvar, guard: MutexGuard<T>, ms: number) {
  condvar[life].assert();
  assertTimeout(ms);
  const words = condvar[wordsOf];
  guard.assertOpen();
  const cell = guard[cellOf];
  const before = Atomics.load(words, 0);
  guard[Symbol.dispose]();
  return { words, cell, before };
}
