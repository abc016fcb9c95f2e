import { type Held, hold, letGo, type ThreadEnd } from "../worker/ending.js";
import { type Cell, isNumber, read, write } from "./cell.js";
import { type LockKind, noteLock } from "./heldLocks.js";
import { isUnwinding, unwound } from "./unwinding.js";

/** @internal The key of the memory that a lock and its guards guard. */
export const cellOf: unique symbol = Symbol("fearless-threads.cell");

/** What a guard keeps instead of the value while it was neither read nor assigned, or is a number: that is looked at where it is. */
const inCell = Symbol("in the cell");
/** What a guard keeps instead of the value once it was dropped. */
const dropped = Symbol("dropped");

/**
 * The value of a lock that this thread holds alone: what the guards are. They have no classes that extend this one, which
 * would cost as much as taking the lock does.
 *
 * What a lock around a number needs is kept so small that V8 inlines all of it, from taking the lock to dropping the guard,
 * into the loop that does so. It has a budget for that, in bytes of bytecode (`node --v8-options`, inlined-bytecode-size).
 */
export class HeldValue<T, C extends Cell = Cell> implements Disposable, Held {
  /** What errors and `console.log` call it. */
  static readonly name = "Guard";
  readonly [cellOf]: C;
  readonly #kind: LockKind<C>;
  /** What was read or assigned. */
  #value: T | typeof inCell | typeof dropped = inCell;

  constructor(cell: C, kind: LockKind<C>) {
    this[cellOf] = cell;
    this.#kind = kind;
    if (!cell.noted) noteLock(cell, kind);
  }

  get value(): T {
    const cell = this[cellOf];
    return this.#value === inCell && isNumber(cell) ? (cell.number[0] as T) : this.#look();
  }

  set value(value: T) {
    const cell = this[cellOf];
    if (typeof value === "number" && this.#value === inCell && isNumber(cell)) cell.number[0] = value;
    else this.#assign(value);
  }

  #look(): T {
    this.assertOpen();
    if (this.#value === inCell) this.#keep(read(this[cellOf]) as T);
    return this.#value as T;
  }

  #assign(value: T): void {
    this.assertOpen();
    const atOnce = typeof value === "number" || this[cellOf].memory !== undefined;
    if (!atOnce) {
      this.#keep(value);
      return;
    }
    write(this[cellOf], value);
    this.#value = inCell;
  }

  /** From now on the guard has what is to be stored when it is dropped, or the thread ends. */
  #keep(value: T): void {
    this.#value = value;
    hold(this);
  }

  [Symbol.dispose](): void {
    HeldValue.drop(this);
  }

  [unwound](): void {
    HeldValue.release(this, "panicked");
  }

  release(end: ThreadEnd): void {
    HeldValue.release(this, end);
  }

  /** What `drop` does with a guard. It is given the guard and is not its method, since V8 need not make an object then. */
  static drop<C extends Cell>(guard: HeldValue<unknown, C>): void {
    HeldValue.release(guard, isUnwinding() ? "panicked" : "returned");
  }

  static release<C extends Cell>(guard: HeldValue<unknown, C>, end: ThreadEnd): void {
    const value = guard.#value;
    guard.#value = dropped;
    if (value === inCell) guard.#kind.unlock(guard[cellOf], end);
    else if (value !== dropped) guard.#storeAndUnlock(value, end);
  }

  /** Stores the value and drops the guard, but not the lock, which somebody else has now. */
  handOver(): C {
    this.assertOpen();
    if (this.#value !== inCell) write(this[cellOf], this.#value);
    letGo(this);
    this.#value = dropped;
    return this[cellOf];
  }

  /** An object may have been changed inside. */
  #storeAndUnlock(value: T, end: ThreadEnd): void {
    letGo(this);
    try {
      write(this[cellOf], value);
    } finally {
      this.#kind.unlock(this[cellOf], end);
    }
  }

  assertOpen(): void {
    if (this.#value === dropped) refuse();
  }
}

function refuse(): never {
  throw new Error("this guard was dropped, so its value is not this thread's any more; lock again");
}
