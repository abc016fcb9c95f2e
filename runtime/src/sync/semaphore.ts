import { WouldBlockError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { abandonGate, enter, enterSync, type Gate, tryEnter } from "./gate.js";
import { announce } from "./signal.js";

const gateOf: unique symbol = Symbol("fearless-threads.semaphore");

const at = { sequence: 0, waiting: 1, starving: 2, permits: 3 } as const;
/** The word of a lease that counts the permits that the thread has through the handle. */
const leasedPermits = 1;

interface SemaphoreImage {
  readonly words: Int32Array;
  readonly lease: Int32Array;
}

/**
 * Lets only so many threads do something at the same time: each takes a permit and gives it back. The permits of a thread
 * that ends, or is killed, are given back in its place.
 *
 * Source: the counting semaphore of Dijkstra; `tokio::sync::Semaphore` in Rust.
 *
 * @example
 * const ovens = Arc.new(new Semaphore(2));
 * const handle = thread.spawn(move(ovens.clone()), async (ovens) => {
 *   using oven = await ovens.acquire();
 *   return ovens.availablePermits(); // at most two threads are here
 * });
 * console.log((await handle.join()).unwrap()); // prints: 1
 */
export class Semaphore {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Semaphore", { shareable: true });
  /** @internal */
  readonly [gateOf]: Gate;

  /**
   * @param permits how many there are.
   * @throws RangeError unless it is a whole number from 0 to 2147483647.
   */
  constructor(permits: number);
  /** @internal */
  constructor(revived: SemaphoreImage);
  constructor(first: number | SemaphoreImage) {
    if (typeof first === "number" && !(Number.isInteger(first) && first >= 0 && first <= 0x7fffffff)) {
      throw new RangeError(`a Semaphore has 0 to 2147483647 permits, not ${first}`);
    }
    const image = typeof first === "number" ? { words: new Int32Array(new SharedArrayBuffer(16)) } : first;
    if (typeof first === "number") image.words[at.permits] = first;
    this[gateOf] = gate(image.words, "lease" in image ? image.lease : newLease());
  }

  /**
   * Waits for a permit without blocking the thread.
   *
   * @throws (rejects with) UseAfterMoveError
   * @example
   * const ovens = new Semaphore(1);
   * const oven = await ovens.acquire();
   * console.log(ovens.availablePermits()); // prints: 0
   * drop(oven);
   */
  async acquire(): Promise<SemaphorePermit> {
    this[life].assert();
    const gate = this[gateOf];
    await enter(gate, () => take(gate));
    return new SemaphorePermit(gate);
  }

  /**
   * Blocks the thread until it gets a permit.
   *
   * @throws UseAfterMoveError
   * @example
   * const ovens = new Semaphore(2);
   * using oven = ovens.acquireSync();
   * console.log(ovens.availablePermits()); // prints: 1
   */
  acquireSync(): SemaphorePermit {
    this[life].assert();
    const gate = this[gateOf];
    enterSync(gate, () => take(gate));
    return new SemaphorePermit(gate);
  }

  /**
   * Takes a permit if one is free.
   *
   * @returns `Err(WouldBlockError)` otherwise.
   * @throws UseAfterMoveError
   * @example
   * const ovens = new Semaphore(1);
   * using oven = ovens.acquireSync();
   * console.log(ovens.tryAcquire().isErr()); // prints: true
   */
  tryAcquire(): Result<SemaphorePermit, WouldBlockError> {
    this[life].assert();
    const gate = this[gateOf];
    return tryEnter(gate, () => take(gate)) ? new Ok(new SemaphorePermit(gate)) : new Err(new WouldBlockError());
  }

  /**
   * How many permits are free.
   *
   * @throws UseAfterMoveError
   * @example
   * console.log(new Semaphore(3).availablePermits()); // prints: 3
   */
  availablePermits(): number {
    this[life].assert();
    return Atomics.load(this[gateOf].words, at.permits);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { words } = this[gateOf];
    const lease = newLease();
    const theirs = gate(words, lease);
    const data: SemaphoreImage = { words, lease };
    return { kind: "Semaphore", data, transfer: [], abandon: () => abandon(theirs) };
  }
}

/**
 * A permit of a `Semaphore`, given back when it is dropped.
 *
 * @example
 * const ovens = new Semaphore(1);
 * const oven: SemaphorePermit = ovens.acquireSync();
 * drop(oven);
 * console.log(ovens.availablePermits()); // prints: 1
 */
export class SemaphorePermit implements Disposable {
  readonly #gate: Gate;
  #open = true;

  /** @internal */
  constructor(gate: Gate) {
    this.#gate = gate;
    hold(this);
  }

  /** Gives the permit back. What `using` calls at the end of the block; `drop(permit)` does it early. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    letGo(this);
    giveBack(this.#gate, 1);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }
}

registerHandle("Semaphore", (data) => new Semaphore(data as SemaphoreImage));

function newLease(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

function gate(words: Int32Array, lease: Int32Array): Gate {
  return { words, lease, sequence: at.sequence, waiting: at.waiting, starving: at.starving };
}

function take({ words, lease }: Gate): boolean {
  for (;;) {
    const free = Atomics.load(words, at.permits);
    if (free === 0) return false;
    if (Atomics.compareExchange(words, at.permits, free, free - 1) !== free) continue;
    Atomics.add(lease, leasedPermits, 1);
    return true;
  }
}

function giveBack(gate: Gate, count: number): void {
  Atomics.sub(gate.lease, leasedPermits, count);
  Atomics.add(gate.words, at.permits, count);
  announce(gate);
}

function abandon(gate: Gate): void {
  const permits = Atomics.load(gate.lease, leasedPermits);
  if (permits > 0) giveBack(gate, permits);
  abandonGate(gate);
}
