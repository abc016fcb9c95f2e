import { PoisonError, WouldBlockError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { currentSelf } from "../thread/self.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo, type ThreadEnd } from "../worker/ending.js";
import { type Cell, type CellImage, imageOf, newCell, openCell, read, write } from "./cell.js";
import { acquire, acquireSync, isTaken, release, tryAcquire, word } from "./futex.js";
import { isUnwinding, unwound } from "./unwinding.js";

const cellOf: unique symbol = Symbol("fearless-threads.cell");

/**
 * A value that one thread at a time may use. It lives in shared memory: all threads see one value, not copies.
 *
 * The value is a number, a boolean, a string, plain data (up to 256 MiB), or a typed array over shared memory. To give
 * several threads the lock, put it in an `Arc` and move a clone to each.
 *
 * In a thread's closure, an error that leaves the scope of a guard poisons the lock, also where it is caught further
 * out: the value may be half changed.
 *
 * Source: Rust's `std::sync::Mutex`; the waiting is `Atomics.wait` and `Atomics.waitAsync`.
 *
 * @example
 * const counter = Arc.new(new Mutex(0));
 * const handle = thread.spawn(move(counter.clone()), async (counter) => {
 *   using n = (await counter.lock()).unwrap();
 *   n.value += 1;
 * });
 */
export class Mutex<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Mutex", { shareable: true });
  /** @internal */
  readonly [cellOf]: Cell;

  /** @throws NotSendError where the value holds something that threads cannot share. */
  constructor(value: T) {
    this[cellOf] = value instanceof RevivedCell ? value.cell : newCell(value);
  }

  /**
   * Waits for the lock without blocking the thread, and takes it.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it held the lock.
   * @throws (rejects with) UseAfterMoveError where the Mutex was moved away.
   */
  async lock(): Promise<Result<MutexGuard<T>, PoisonError>> {
    this[life].assert();
    await acquire(this[cellOf].words);
    return guardOf(this[cellOf]);
  }

  /**
   * Blocks the thread until the lock is free, and takes it.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it held the lock.
   * @throws Error where this thread holds the lock itself, since it would block for ever; UseAfterMoveError.
   */
  lockSync(): Result<MutexGuard<T>, PoisonError> {
    this[life].assert();
    const { words } = this[cellOf];
    if (!tryAcquire(words)) {
      if (words[word.owner] === currentSelf().id && isTaken(words)) {
        throw new Error("deadlock: lockSync on a Mutex whose lock this thread holds already; drop that guard first");
      }
      acquireSync(words);
    }
    return guardOf(this[cellOf]);
  }

  /**
   * Takes the lock if it is free at once.
   *
   * @returns `Err(WouldBlockError)` where somebody holds it, `Err(PoisonError)` as `lock` does.
   */
  tryLock(): Result<MutexGuard<T>, PoisonError | WouldBlockError> {
    this[life].assert();
    return tryAcquire(this[cellOf].words) ? guardOf(this[cellOf]) : new Err(new WouldBlockError());
  }

  /** Whether a thread has panicked while it held the lock. */
  isPoisoned(): boolean {
    this[life].assert();
    return Atomics.load(this[cellOf].words, word.poisoned) === 1;
  }

  /** Declares the value good again after a panic. */
  clearPoison(): void {
    this[life].assert();
    Atomics.store(this[cellOf].words, word.poisoned, 0);
  }

  /**
   * Takes the value out; the Mutex cannot be used afterwards.
   *
   * @returns `Err(WouldBlockError)` where somebody holds the lock, `Err(PoisonError)` as `lock` does.
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
    const words = this[cellOf].words;
    return {
      kind: "Mutex",
      data: imageOf(this[cellOf]),
      transfer: [],
      abandon: (id) => {
        if (isTaken(words) && words[word.owner] === id) unlock(words, "panicked");
      },
    };
  }
}

/** The lock, held: gives the value, and gives the lock back when it is dropped. */
export class MutexGuard<T> implements Disposable {
  readonly #cell: Cell;
  #value: T | undefined;
  #read = false;
  #open = true;
  #unwound = false;

  /** @internal */
  constructor(cell: Cell) {
    this.#cell = cell;
    hold(this);
  }

  /**
   * The value. Changes to it, inside it too, are what the next one to lock sees.
   *
   * @throws Error after the guard was dropped.
   */
  get value(): T {
    this.#assertOpen();
    if (!this.#read) {
      this.#value = read(this.#cell) as T;
      this.#read = true;
    }
    return this.#value as T;
  }

  set value(value: T) {
    this.#assertOpen();
    if (typeof value === "number" || typeof value === "boolean" || this.#cell.memory !== undefined) {
      write(this.#cell, value);
    }
    this.#value = value;
    this.#read = true;
  }

  /** Stores the value and gives the lock back. What `using` calls at the end of the block; `drop(guard)` does it early. */
  [Symbol.dispose](): void {
    if (this.#open) this.release(this.#unwound || isUnwinding() ? "panicked" : "returned");
  }

  /** @internal */
  [unwound](): void {
    this.#unwound = true;
  }

  /** @internal */
  release(end: ThreadEnd): void {
    if (!this.#open) return;
    this.#open = false;
    letGo(this);
    try {
      if (this.#read && mayHaveChanged(this.#value)) write(this.#cell, this.#value);
    } finally {
      this.#value = undefined;
      unlock(this.#cell.words, end);
    }
  }

  #assertOpen(): void {
    if (!this.#open) throw new Error("this guard was dropped, so its value is not this thread's any more; lock again");
  }
}

/** A number is written when it is assigned; an object may have been changed inside. */
function mayHaveChanged(value: unknown): boolean {
  return typeof value !== "number" && typeof value !== "boolean";
}

function unlock(words: Int32Array, end: ThreadEnd): void {
  if (end === "panicked") Atomics.store(words, word.poisoned, 1);
  words[word.owner] = -1;
  release(words);
}

/** The lock was just taken. */
function guardOf<T>(cell: Cell): Result<MutexGuard<T>, PoisonError> {
  if (Atomics.load(cell.words, word.poisoned) === 1) {
    release(cell.words);
    return new Err(new PoisonError("Mutex"));
  }
  cell.words[word.owner] = currentSelf().id;
  return new Ok(new MutexGuard<T>(cell));
}

class RevivedCell {
  readonly cell: Cell;

  constructor(image: CellImage) {
    this.cell = openCell(image);
  }
}

registerHandle("Mutex", (data) => new Mutex<unknown>(new RevivedCell(data as CellImage)));
