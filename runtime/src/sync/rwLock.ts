import { PoisonError, WouldBlockError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { currentSelf } from "../thread/self.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import type { Sendable } from "../transport/types.js";
import type { ThreadEnd } from "../worker/ending.js";
import { type Holding, type Lease, privateHolding, takeHolding } from "../worker/holdings.js";
import { deaths } from "../worker/ledger.js";
import { isAlive } from "../worker/places.js";
import { assertMayBlock } from "../worker/vigil.js";
import { type Cell, type CellImage, imageOf, isNumber, newCell, openCell, read } from "./cell.js";
import {
  abandonGate,
  enter,
  enterSync,
  forgetWithThread,
  type Gate,
  lend,
  settleGate,
  tryEnter,
  tryEnterOnce,
} from "./gate.js";
import type { guardKind } from "./guardKind.js";
import { type LockKind, noteLock } from "./heldLocks.js";
import { cellOf, HeldValue } from "./heldValue.js";
import { announce } from "./signal.js";
import type { WaitOptions } from "./waiting.js";

/**
 * The words of a lock, among those of its value. The state is how many read, or the id of the thread that writes, plus
 * one and negative.
 */
const word = { state: 0, sequence: 5, waiting: 6, starving: 7, poisoned: 8, object: 9, settled: 10 } as const;
/** The word of a lease that counts the read guards that the thread holds through the handle. */
const leasedReads = 1;

/** The memory of a lock. */
type RwCell = Cell & Gate;

/**
 * A value that many threads may read at the same time, or one may change. It lives in shared memory, as that of a
 * `Mutex` does, and holds the same kinds of values.
 *
 * Whoever has waited for more than a millisecond goes before those who come later: neither readers nor writers starve.
 * A thread that panics while it holds a write guard poisons the lock; a reader does not.
 *
 * All its methods throw `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::RwLock`.
 *
 * @example
 * const menu = Arc.new(new RwLock({ soup: 4 }));
 * const reader = thread.spawn(move(menu.clone()), (menu) => {
 *   using m = menu.readSync().unwrap();
 *   return m.value.soup;
 * });
 * console.log((await reader.join()).unwrap()); // 4
 */
export class RwLock<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("RwLock", { shareable: true });
  /** @internal */
  readonly [cellOf]: RwCell;

  /**
   * Makes a lock around a value, as that of a `Mutex`.
   *
   * @throws NotSendError where the value holds something that threads cannot share; UseAfterMoveError where it holds a
   * dead handle.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * using m = menu.readSync().unwrap();
   * console.log(m.value.soup); // 4
   */
  constructor(value: Sendable<T>) {
    this[cellOf] = value instanceof RevivedRwCell ? value.cell : rwCell(newCell(value), privateHolding());
  }

  /**
   * Waits until nobody writes, without blocking the thread; others may read at the same time.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it wrote.
   * @throws (rejects with) UseAfterMoveError where the RwLock was moved away; the signal's reason, as soon as it is aborted.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * using first = (await menu.read()).unwrap();
   * using second = (await menu.read()).unwrap();
   * console.log(first.value.soup + second.value.soup); // 8
   */
  async read(options?: WaitOptions): Promise<Result<RwLockReadGuard<T>, PoisonError>> {
    const cell = open(this);
    options?.signal?.throwIfAborted();
    if (!tryEnter(cell, takeRead)) await enter(cell, takeRead, options?.signal);
    return readGuard(cell);
  }

  /**
   * Blocks the thread until nobody writes.
   *
   * @returns `Err(PoisonError)` as `read` does.
   * @throws Error where this thread writes itself, since it would block for ever; UseAfterMoveError.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * using m = menu.readSync().unwrap();
   * console.log(m.value.soup); // 4
   */
  readSync(): Result<RwLockReadGuard<T>, PoisonError> {
    assertMayBlock("read");
    const cell = open(this);
    if (!tryEnter(cell, takeRead)) waitSync(cell, takeRead, "readSync");
    return readGuard(cell);
  }

  /**
   * Reads if nobody writes or has waited long to.
   *
   * @returns `Err(WouldBlockError)`, or `Err(PoisonError)` as `read` does.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * using writer = menu.writeSync().unwrap();
   * console.log(menu.tryRead().isErr()); // true
   */
  tryRead(): Result<RwLockReadGuard<T>, PoisonError | WouldBlockError> {
    const cell = open(this);
    return tryEnterOnce(cell, takeRead) ? readGuard(cell) : new Err(new WouldBlockError());
  }

  /**
   * Waits until nobody reads or writes, without blocking the thread, and takes the lock for itself.
   *
   * @returns `Err(PoisonError)` where a thread panicked while it wrote.
   * @throws (rejects with) UseAfterMoveError where the RwLock was moved away; the signal's reason, as soon as it is aborted.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * {
   *   using m = (await menu.write()).unwrap();
   *   m.value.soup = 5;
   * }
   * console.log(menu.intoInner().unwrap().soup); // 5
   */
  async write(options?: WaitOptions): Promise<Result<RwLockWriteGuard<T>, PoisonError>> {
    const cell = open(this);
    options?.signal?.throwIfAborted();
    if (!tryEnter(cell, takeWrite)) await enter(cell, takeWrite, options?.signal);
    return writeGuard(cell);
  }

  /**
   * Blocks the thread until nobody reads or writes, and takes the lock for itself.
   *
   * @returns `Err(PoisonError)` as `write` does.
   * @throws Error where this thread writes already, since it would block for ever; UseAfterMoveError.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * const m = menu.writeSync().unwrap();
   * m.value.soup = 5;
   * drop(m);
   */
  writeSync(): Result<RwLockWriteGuard<T>, PoisonError> {
    assertMayBlock("write");
    const cell = open(this);
    if (!tryEnter(cell, takeWrite)) waitSync(cell, takeWrite, "writeSync");
    return writeGuard(cell);
  }

  /**
   * Writes if nobody reads or writes.
   *
   * @returns `Err(WouldBlockError)`, or `Err(PoisonError)` as `write` does.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * using reader = menu.readSync().unwrap();
   * console.log(menu.tryWrite().isErr()); // true
   */
  tryWrite(): Result<RwLockWriteGuard<T>, PoisonError | WouldBlockError> {
    const cell = open(this);
    return tryEnterOnce(cell, takeWrite) ? writeGuard(cell) : new Err(new WouldBlockError());
  }

  /**
   * Whether a thread has panicked while it wrote.
   *
   * @example
   * const stock = Arc.new(new RwLock(3));
   * const handle = thread.spawn(move(stock.clone()), (stock) => {
   *   using n = stock.writeSync().unwrap();
   *   throw new Error(`stuck at ${n.value}`);
   * });
   * await handle.join();
   * console.log(stock.isPoisoned()); // true
   */
  isPoisoned(): boolean {
    const cell = open(this);
    lookAfter(cell);
    return Atomics.load(cell.words, word.poisoned) === 1;
  }

  /**
   * Declares the value good again after a panic.
   *
   * @example
   * const stock = Arc.new(new RwLock(3));
   * const handle = thread.spawn(move(stock.clone()), (stock) => {
   *   using n = stock.writeSync().unwrap();
   *   throw new Error(`stuck at ${n.value}`);
   * });
   * await handle.join();
   * stock.clearPoison();
   * using n = stock.readSync().unwrap();
   * console.log(n.value); // 3
   */
  clearPoison(): void {
    Atomics.store(open(this).words, word.poisoned, 0);
  }

  /**
   * Takes the value out; the RwLock cannot be used afterwards.
   *
   * @returns `Err(WouldBlockError)` where somebody holds the lock, `Err(PoisonError)` as `write` does.
   * @example
   * const menu = new RwLock(["soup"]);
   * console.log(menu.intoInner().unwrap().join()); // soup
   */
  intoInner(): Result<T, PoisonError | WouldBlockError> {
    const taken = this.tryWrite();
    if (!taken.ok) return new Err(taken.error);
    const value = taken.value.value;
    taken.value[Symbol.dispose]();
    this[life].finish("gave its value away with intoInner() and cannot be used any more");
    return new Ok(value);
  }

  /**
   * Turns a write guard into a read guard: nobody else writes in between. The write guard is dropped.
   *
   * @throws Error where the guard was dropped before; NotSendError where its value cannot be shared.
   * @example
   * const menu = new RwLock({ soup: 4 });
   * const writing = menu.writeSync().unwrap();
   * writing.value.soup = 5;
   * using reading = RwLock.downgrade(writing);
   * console.log(reading.value.soup, menu.tryRead().isOk()); // 5 true
   */
  static downgrade<T>(guard: RwLockWriteGuard<T>): RwLockReadGuard<T> {
    if (!(guard instanceof HeldValue)) throw new TypeError("expected a write guard of an RwLock");
    const cell: RwCell = guard.handOver();
    Atomics.store(cell.words, word.state, 1);
    cell.lease[leasedReads]! += 1; // As in `takeRead`.
    announce(cell);
    return new RwLockReadGuard<T>(cell);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const cell = this[cellOf];
    const lease = lend(cell);
    const data: RwImage = { cell: imageOf(cell), lease };
    const abandon = (thread: number): void => abandonLock(cell, lease, thread);
    return { kind: "RwLock", data, transfer: [], leases: [lease], abandon };
  }
}

/**
 * The lock, held to read; others may hold one too.
 *
 * @example
 * const menu = new RwLock({ soup: 4 });
 * using guard: RwLockReadGuard<{ soup: number }> = menu.readSync().unwrap();
 * console.log(guard.value.soup); // 4
 */
export class RwLockReadGuard<T> implements Disposable {
  readonly #cell: RwCell;
  #copy: { readonly value: T } | undefined = undefined;
  #open = true;

  /** @internal */
  constructor(cell: RwCell) {
    this.#cell = cell;
    if (!cell.noted) noteLock(cell, kind);
  }

  /**
   * The value, to be looked at: a copy, unless it is memory. What is changed inside it is not stored.
   *
   * @throws Error after the guard was dropped.
   */
  get value(): Readonly<T> {
    if (!this.#open) refuse();
    if (this.#copy !== undefined) return this.#copy.value;
    const cell = this.#cell;
    return isNumber(cell) ? (cell.number[0] as T) : this.#decode();
  }

  #decode(): T {
    const value = read(this.#cell) as T;
    this.#copy = { value };
    return value;
  }

  /** Lets writers in. What `using` calls at the end of the block; `drop(guard)` does it early. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    this.#copy = undefined;
    giveReadBack(this.#cell);
  }
}

function refuse(): never {
  throw new Error("this guard was dropped, so its value may have changed; read again");
}

/** The lock, held to write: gives the value, and stores it when it is dropped. */
export interface RwLockWriteGuard<T> extends Disposable {
  /** @hidden Only a type: which lock it is of. */
  readonly [guardKind]?: "RwLock";
  /**
   * The value. Changes to it, inside it too, are what the next ones see.
   *
   * @throws Error after the guard was dropped.
   */
  get value(): T;
  set value(value: T);

  /** Stores the value and gives the lock back. What `using` calls at the end of the block; `drop(guard)` does it early. */
  [Symbol.dispose](): void;
}

const kind: LockKind<RwCell> = {
  unlock: giveWriteBack,
  holds: (cell) => isMine(cell) || (cell.lease[leasedReads] ?? 0) > 0,
  giveUp: (cell, end) => {
    giveWriteBack(cell, end);
    giveReadsUp(cell);
  },
};

interface RwImage {
  readonly cell: CellImage;
  readonly lease: Lease;
}

class RevivedRwCell {
  readonly cell: RwCell;

  constructor({ cell, lease }: RwImage) {
    this.cell = rwCell(openCell(cell), takeHolding(lease));
  }
}

registerHandle("RwLock", (data) => new RwLock<unknown>(new RevivedRwCell(data as RwImage)));

function rwCell(cell: Cell, holding: Holding): RwCell {
  const { sequence, waiting, starving, object, settled } = word;
  const rwCell: RwCell = {
    ...cell,
    what: "RwLock",
    noted: false,
    sequence,
    waiting,
    starving,
    object,
    settled,
    first: starving,
    second: word.state,
    secondCounts: "held",
    holding,
    lease: holding.counts,
    holder: () => writerOf(rwCell),
    lookAfter: () => lookAfter(rwCell),
  };
  forgetWithThread(rwCell);
  return rwCell;
}

function open(lock: RwLock<unknown>): RwCell {
  lock[life].assert();
  return lock[cellOf];
}

/** What the state is while a thread writes. */
function writtenBy(thread: number): number {
  return -1 - thread;
}

/** The thread that writes, if one does. */
function writerOf({ words }: RwCell): number | undefined {
  const readers = Atomics.load(words, word.state);
  return readers < 0 ? -1 - readers : undefined;
}

function isMine({ words }: RwCell): boolean {
  return Atomics.load(words, word.state) === writtenBy(currentSelf().id);
}

function waitSync(cell: RwCell, attempt: (cell: RwCell) => boolean, method: string): void {
  if (isMine(cell)) {
    throw new Error(`deadlock: ${method} on an RwLock that this thread holds to write; drop that guard first`);
  }
  enterSync(cell, attempt);
}

function takeRead({ words, lease }: RwCell): boolean {
  for (;;) {
    const readers = Atomics.load(words, word.state);
    if (readers < 0) return false;
    if (Atomics.compareExchange(words, word.state, readers, readers + 1) !== readers) continue;
    lease[leasedReads]! += 1; // Nothing is called in between: a thread is killed where a function or a loop begins.
    return true;
  }
}

function takeWrite({ words }: RwCell): boolean {
  return Atomics.compareExchange(words, word.state, 0, writtenBy(currentSelf().id)) === 0;
}

function giveReadBack(cell: RwCell): void {
  const { words, lease } = cell;
  if (lease[leasedReads] === 0) return; // The guard has outlived its thread.
  const readers = Atomics.sub(words, word.state, 1);
  lease[leasedReads]! -= 1;
  if (readers === 1) announce(cell);
}

function giveReadsUp(cell: RwCell): void {
  const { words, lease } = cell;
  const reads = lease[leasedReads] ?? 0;
  lease[leasedReads] = 0;
  if (reads > 0 && Atomics.sub(words, word.state, reads) === reads) announce(cell);
}

function giveWriteBack(cell: RwCell, end: ThreadEnd): void {
  if (isMine(cell)) endWrite(cell, end); // Otherwise the guard has outlived its thread.
}

function endWrite(cell: RwCell, end: ThreadEnd): void {
  if (end === "panicked") Atomics.store(cell.words, word.poisoned, 1);
  Atomics.store(cell.words, word.state, 0);
  announce(cell);
}

/** In place of a thread that was killed: what it held is given back. */
function abandonLock(cell: RwCell, lease: Lease, thread: number): void {
  endWriteOf(cell, thread);
  abandonGate(cell, lease);
}

/** What dead threads held is given back, though nobody was told of their end. */
function lookAfter(cell: RwCell): void {
  if (deaths() === 0) return;
  const state = Atomics.load(cell.words, word.state);
  if (state < 0 && !isAlive(-1 - state)) endWriteOf(cell, -1 - state);
  settleGate(cell);
}

/** Several may find at the same time that the thread is dead. */
function endWriteOf(cell: RwCell, thread: number): void {
  const mine = writtenBy(currentSelf().id);
  if (Atomics.compareExchange(cell.words, word.state, writtenBy(thread), mine) === writtenBy(thread)) {
    endWrite(cell, "panicked");
  }
}

function readGuard<T>(cell: RwCell): Result<RwLockReadGuard<T>, PoisonError> {
  if (Atomics.load(cell.words, word.poisoned) === 0) return new Ok(new RwLockReadGuard<T>(cell));
  giveReadBack(cell);
  return new Err(new PoisonError("RwLock"));
}

function writeGuard<T>(cell: RwCell): Result<RwLockWriteGuard<T>, PoisonError> {
  if (Atomics.load(cell.words, word.poisoned) === 0) return new Ok(new HeldValue<T, RwCell>(cell, kind));
  giveWriteBack(cell, "returned");
  return new Err(new PoisonError("RwLock"));
}
