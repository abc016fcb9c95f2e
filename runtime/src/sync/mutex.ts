import { PoisonError, WouldBlockError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import type { Sendable } from "../transport/types.js";
import type { ThreadEnd } from "../worker/ending.js";
import { assertMayBlock } from "../worker/vigil.js";
import { type Cell, type CellImage, imageOf, newCell, openCell } from "./cell.js";
import {
  abandon,
  acquire,
  acquireSync,
  clearPoison,
  giveBackForDead,
  isMine,
  isPoisoned,
  release,
  releasePoisoned,
  tryAcquire,
  tryAcquireGood,
} from "./futex.js";
import type { guardKind } from "./guardKind.js";
import type { LockKind } from "./heldLocks.js";
import { cellOf, HeldValue } from "./heldValue.js";
import type { WaitOptions } from "./waiting.js";

/**
 * A value that one thread at a time may use. It lives in shared memory: all threads see one value, not copies.
 *
 * The value is a number, a boolean, a string, plain data (up to 256 MiB), or a typed array over shared memory. To give
 * several threads the lock, put it in an `Arc` and move a clone to each.
 *
 * In a thread's closure, an error that leaves the scope of a guard poisons the lock, also where it is caught further
 * out: the value may be half changed.
 *
 * All its methods throw `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::Mutex`; the waiting is `Atomics.wait` and `Atomics.waitAsync`.
 *
 * @example
 * const counter = Arc.new(new Mutex(0));
 * const handle = thread.spawn(move(counter.clone()), async (counter) => {
 *   using n = (await counter.lock()).unwrap();
 *   n.value += 1;
 * });
 * (await handle.join()).unwrap();
 * using n = (await counter.lock()).unwrap();
 * console.log(n.value); // 1
 */
export class Mutex<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Mutex", { shareable: true });
  /** @internal */
  readonly [cellOf]: Cell;

  /**
   * Makes a lock around a value, which is copied into shared memory unless it is there.
   *
   * @throws NotSendError where the value holds something that threads cannot share; UseAfterMoveError where it holds a
   * dead handle.
   * @example
   * const menu = new Mutex({ soup: 4, bread: 2 });
   * using m = menu.lockSync().unwrap();
   * console.log(m.value.soup); // 4
   */
  constructor(value: Sendable<T>) {
    this[cellOf] = value instanceof RevivedCell ? value.cell : newCell(value);
  }

  /**
   * Waits for the lock without blocking the thread, and takes it. A signal ends the wait: then the lock was not taken, and
   * whoever waits behind is not held up.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it held the lock.
   * @throws (rejects with) UseAfterMoveError where the Mutex was moved away; the signal's reason, as soon as it is aborted.
   * @example
   * const visits = new Mutex(0);
   * {
   *   using n = (await visits.lock()).unwrap();
   *   n.value += 1;
   * }
   * console.log(visits.intoInner().unwrap()); // 1
   */
  async lock(options?: WaitOptions): Promise<Result<MutexGuard<T>, PoisonError>> {
    this[life].assert();
    options?.signal?.throwIfAborted();
    const cell = this[cellOf];
    return tryAcquireGood(cell.words) ? new Ok(new HeldValue<T>(cell, kind)) : await lockCell<T>(cell, options?.signal);
  }

  /**
   * Blocks the thread until the lock is free, and takes it.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it held the lock.
   * @throws Error where this thread holds the lock itself, since it would block for ever; UseAfterMoveError.
   * @example
   * const visits = new Mutex(0);
   * const guard = visits.lockSync().unwrap();
   * guard.value += 1;
   * drop(guard);
   */
  lockSync(): Result<MutexGuard<T>, PoisonError> {
    assertMayBlock("lock");
    this[life].assert();
    const cell = this[cellOf];
    // Made before, so that the lock is held for less long. What is rare is called, or V8 would have to make the objects.
    const held = new Ok<MutexGuard<T>, PoisonError>(new HeldValue<T>(cell, kind));
    if (tryAcquireGood(cell.words)) return held;
    const error = lockHeld(cell);
    return error === undefined ? held : refused(error);
  }

  /**
   * Takes the lock if it is free at once.
   *
   * @returns `Err(WouldBlockError)` where somebody holds it, `Err(PoisonError)` as `lock` does.
   * @example
   * const visits = new Mutex(0);
   * using held = visits.lockSync().unwrap();
   * console.log(visits.tryLock().isErr()); // true
   */
  tryLock(): Result<MutexGuard<T>, PoisonError | WouldBlockError> {
    this[life].assert();
    const { words } = this[cellOf];
    if (tryAcquire(words)) return guardOf(this[cellOf]);
    giveBackForDead(words);
    return tryAcquire(words) ? guardOf(this[cellOf]) : new Err(new WouldBlockError());
  }

  /**
   * Whether a thread has panicked while it held the lock.
   *
   * @example
   * const stock = Arc.new(new Mutex(3));
   * const handle = thread.spawn(move(stock.clone()), (stock) => {
   *   using n = stock.lockSync().unwrap();
   *   throw new Error(`stuck at ${n.value}`);
   * });
   * await handle.join();
   * console.log(stock.isPoisoned()); // true
   */
  isPoisoned(): boolean {
    this[life].assert();
    const { words } = this[cellOf];
    giveBackForDead(words);
    return isPoisoned(words);
  }

  /**
   * Declares the value good again after a panic.
   *
   * @example
   * const stock = Arc.new(new Mutex(3));
   * const handle = thread.spawn(move(stock.clone()), (stock) => {
   *   using n = stock.lockSync().unwrap();
   *   throw new Error(`stuck at ${n.value}`);
   * });
   * await handle.join();
   * stock.clearPoison();
   * using n = stock.lockSync().unwrap();
   * console.log(n.value); // 3
   */
  clearPoison(): void {
    this[life].assert();
    clearPoison(this[cellOf].words);
  }

  /**
   * Takes the value out; the Mutex cannot be used afterwards.
   *
   * @returns `Err(WouldBlockError)` where somebody holds the lock, `Err(PoisonError)` as `lock` does.
   * @example
   * const result = new Mutex(["soup"]);
   * console.log(result.intoInner().unwrap().join()); // soup
   */
  intoInner(): Result<T, PoisonError | WouldBlockError> {
    const taken = this.tryLock();
    if (!taken.ok) return new Err(taken.error);
    const value = taken.value.value;
    taken.value[Symbol.dispose]();
    this[life].finish("gave its value away with intoInner() and cannot be used any more");
    return new Ok(value);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const cell = this[cellOf];
    return { kind: "Mutex", data: imageOf(cell), transfer: [], abandon: (thread) => abandon(cell.words, thread) };
  }
}

/** The lock, held: gives the value, and gives the lock back when it is dropped. */
export interface MutexGuard<T> extends Disposable {
  /** @hidden Only a type: which lock it is of. */
  readonly [guardKind]?: "Mutex";
  /** @internal The lock it holds, for a Condvar. */
  readonly [cellOf]: Cell;

  /**
   * The value. Changes to it, inside it too, are what the next one to lock sees.
   *
   * @throws Error after the guard was dropped.
   */
  get value(): T;
  set value(value: T);

  /** Stores the value and gives the lock back. What `using` calls at the end of the block; `drop(guard)` does it early. */
  [Symbol.dispose](): void;

  /** @internal @throws Error after the guard was dropped. */
  assertOpen(): void;
}

const kind: LockKind<Cell> = { unlock, holds: ({ words }) => isMine(words), giveUp: unlock };

function unlock({ words }: Cell, end: ThreadEnd): void {
  if (end === "panicked") releasePoisoned(words);
  else release(words);
}

/** Waits for the lock of a cell. @throws (rejects with) the signal's reason. */
export async function lockCell<T>(cell: Cell, signal?: AbortSignal): Promise<Result<MutexGuard<T>, PoisonError>> {
  await acquire(cell.words, signal);
  return guardOf(cell);
}

function lockHeld(cell: Cell): PoisonError | undefined {
  if (isMine(cell.words))
    throw new Error("deadlock: lockSync on a Mutex whose lock this thread holds already; drop that guard first");
  acquireSync(cell.words);
  return refusal(cell);
}

function refused<T>(error: PoisonError): Result<T, PoisonError> {
  return new Err(error);
}

/** Blocks until the lock of a cell is free. */
export function lockCellSync<T>(cell: Cell): Result<MutexGuard<T>, PoisonError> {
  acquireSync(cell.words);
  return guardOf(cell);
}

/** The lock was just taken. */
function guardOf<T>(cell: Cell): Result<MutexGuard<T>, PoisonError> {
  const error = refusal(cell);
  return error === undefined ? new Ok(new HeldValue<T>(cell, kind)) : refused(error);
}

/** Gives a lock back that was just taken, where it is poisoned. */
function refusal({ words }: Cell): PoisonError | undefined {
  if (!isPoisoned(words)) return undefined;
  release(words);
  return new PoisonError("Mutex");
}

class RevivedCell {
  readonly cell: Cell;

  constructor(image: CellImage) {
    this.cell = openCell(image);
  }
}

registerHandle("Mutex", (data) => new Mutex<unknown>(new RevivedCell(data as CellImage)));
