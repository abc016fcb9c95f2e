import { hold, letGo, type ThreadEnd } from "../worker/ending.js";
import { type Cell, read, write } from "./cell.js";
import { isUnwinding } from "./unwinding.js";

/** The value of a cell that this thread may use alone: what guards give, and store when they are dropped. */
export class HeldValue<T, C extends Cell = Cell> {
  readonly cell: C;
  readonly #unlock: (cell: C, end: ThreadEnd) => void;
  #value: T | undefined;
  #read = false;
  #open = true;
  #unwound = false;

  constructor(cell: C, unlock: (cell: C, end: ThreadEnd) => void) {
    this.cell = cell;
    this.#unlock = unlock;
    hold(this);
  }

  /** @throws Error after the guard was dropped. */
  get(): T {
    this.assertOpen();
    if (!this.#read) {
      this.#value = read(this.cell) as T;
      this.#read = true;
    }
    return this.#value as T;
  }

  /** @throws Error after the guard was dropped. */
  set(value: T): void {
    this.assertOpen();
    if (typeof value === "number" || typeof value === "boolean" || this.cell.memory !== undefined) {
      write(this.cell, value);
    }
    this.#value = value;
    this.#read = true;
  }

  dispose(): void {
    if (this.#open) this.release(this.#unwound || isUnwinding() ? "panicked" : "returned");
  }

  unwind(): void {
    this.#unwound = true;
  }

  release(end: ThreadEnd): void {
    if (!this.#open) return;
    this.#open = false;
    letGo(this);
    try {
      if (this.#read && mayHaveChanged(this.#value)) write(this.cell, this.#value);
    } finally {
      this.#value = undefined;
      this.#unlock(this.cell, end);
    }
  }

  assertOpen(): void {
    if (!this.#open) throw new Error("this guard was dropped, so its value is not this thread's any more; lock again");
  }
}

/** A number is written when it is assigned; an object may have been changed inside. */
function mayHaveChanged(value: unknown): boolean {
  return typeof value !== "number" && typeof value !== "boolean";
}
