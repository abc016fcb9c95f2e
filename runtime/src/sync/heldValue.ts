import { type Held, hold, isThread, letGo, type ThreadEnd } from "../worker/ending.js";
import { type Cell, isNumber, read, write } from "./cell.js";
import { type LockKind, noteLock } from "./heldLocks.js";
import { isUnwinding, unwound } from "./unwinding.js";

/** @internal The key of the memory that a lock and its guards guard. */
export const cellOf: unique symbol = Symbol("fearless-threads.cell");

/**
 * The value of a lock that this thread holds alone: what the guards are. They have no classes that extend this one, which
 * would cost as much as taking the lock does.
 */
export class HeldValue<T, C extends Cell = Cell> implements Disposable, Held {
  /** What errors and `console.log` call it. */
  static readonly name = "Guard";
  readonly [cellOf]: C;
  readonly #kind: LockKind<C>;
  /** What was read or assigned, unless it is a number: that is looked at where it is. */
  #value: T | undefined = undefined;
  #read = false;
  #open = true;

  constructor(cell: C, kind: LockKind<C>) {
    this[cellOf] = cell;
    this.#kind = kind;
    if (isThread && !cell.noted) noteLock(cell, kind);
  }

  get value(): T {
    this.assertOpen();
    if (this.#read) return this.#value as T;
    const cell = this[cellOf];
    return isNumber(cell) ? (cell.number[0] as T) : this.#decode();
  }

  set value(value: T) {
    this.assertOpen();
    const cell = this[cellOf];
    if (typeof value === "number" && isNumber(cell) && !this.#read) cell.number[0] = value;
    else this.#assign(value);
  }

  #decode(): T {
    this.#keep(read(this[cellOf]) as T);
    return this.#value as T;
  }

  #assign(value: T): void {
    const atOnce = typeof value === "number" || this[cellOf].memory !== undefined;
    if (!atOnce) {
      this.#keep(value);
      return;
    }
    write(this[cellOf], value);
    this.#value = undefined;
    this.#read = false;
  }

  /** From now on the guard has what is to be stored when it is dropped, or the thread ends. */
  #keep(value: T): void {
    this.#value = value;
    this.#read = true;
    hold(this);
  }

  [Symbol.dispose](): void {
    this.release(isUnwinding() ? "panicked" : "returned");
  }

  [unwound](): void {
    this.release("panicked");
  }

  release(end: ThreadEnd): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#read) this.#storeAndUnlock(end);
    else this.#kind.unlock(this[cellOf], end);
  }

  /** Stores the value and drops the guard, but not the lock, which somebody else has now. */
  handOver(): C {
    this.assertOpen();
    if (this.#read) write(this[cellOf], this.#value);
    this.#open = false;
    letGo(this);
    this.#value = undefined;
    return this[cellOf];
  }

  /** An object may have been changed inside. */
  #storeAndUnlock(end: ThreadEnd): void {
    letGo(this);
    try {
      write(this[cellOf], this.#value);
    } finally {
      this.#value = undefined;
      this.#kind.unlock(this[cellOf], end);
    }
  }

  assertOpen(): void {
    if (!this.#open) refuse();
  }
}

function refuse(): never {
  throw new Error("this guard was dropped, so its value is not this thread's any more; lock again");
}
