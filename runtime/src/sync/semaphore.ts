import { WouldBlockError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { isThread } from "../worker/ending.js";
import { type Holding, type Lease, privateHolding, takeHolding } from "../worker/holdings.js";
import { assertMayBlock } from "../worker/vigil.js";
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
import { type LockKind, type Noted, noteLock } from "./heldLocks.js";
import { announce } from "./signal.js";
import type { WaitOptions } from "./waiting.js";

const gateOf: unique symbol = Symbol("fearless-threads.semaphore");

const at = { sequence: 0, waiting: 1, starving: 2, permits: 3, object: 4, settled: 5 } as const;
/** The word of a lease that counts the permits that the thread has through the handle. */
const leasedPermits = 1;

type PermitGate = Gate & Noted;

interface SemaphoreImage {
  readonly words: Int32Array;
  readonly lease: Lease;
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
 * console.log((await handle.join()).unwrap()); // 1
 */
export class Semaphore {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Semaphore", { shareable: true });
  /** @internal */
  readonly [gateOf]: PermitGate;

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
    if (typeof first !== "number") {
      this[gateOf] = gate(first.words, takeHolding(first.lease));
      return;
    }
    const words = new Int32Array(new SharedArrayBuffer(24));
    words[at.permits] = first;
    this[gateOf] = gate(words, privateHolding());
  }

  /**
   * Waits for a permit without blocking the thread.
   *
   * @throws (rejects with) UseAfterMoveError; the signal's reason, as soon as it is aborted.
   * @example
   * const ovens = new Semaphore(1);
   * const oven = await ovens.acquire();
   * console.log(ovens.availablePermits()); // 0
   * drop(oven);
   */
  async acquire(options?: WaitOptions): Promise<SemaphorePermit> {
    this[life].assert();
    options?.signal?.throwIfAborted();
    const gate = this[gateOf];
    if (!tryEnter(gate, take)) await enter(gate, take, options?.signal);
    return new SemaphorePermit(gate);
  }

  /**
   * Blocks the thread until it gets a permit.
   *
   * @throws UseAfterMoveError
   * @example
   * const ovens = new Semaphore(2);
   * using oven = ovens.acquireSync();
   * console.log(ovens.availablePermits()); // 1
   */
  acquireSync(): SemaphorePermit {
    assertMayBlock("acquire");
    this[life].assert();
    const gate = this[gateOf];
    enterSync(gate, take);
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
   * console.log(ovens.tryAcquire().isErr()); // true
   */
  tryAcquire(): Result<SemaphorePermit, WouldBlockError> {
    this[life].assert();
    const gate = this[gateOf];
    return tryEnterOnce(gate, take) ? new Ok(new SemaphorePermit(gate)) : new Err(new WouldBlockError());
  }

  /**
   * How many permits are free.
   *
   * @throws UseAfterMoveError
   * @example
   * console.log(new Semaphore(3).availablePermits()); // 3
   */
  availablePermits(): number {
    this[life].assert();
    const gate = this[gateOf];
    settleGate(gate);
    return Atomics.load(gate.words, at.permits);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const gate = this[gateOf];
    const lease = lend(gate);
    const data: SemaphoreImage = { words: gate.words, lease };
    return { kind: "Semaphore", data, transfer: [], leases: [lease], abandon: () => abandonGate(gate, lease) };
  }
}

/**
 * A permit of a `Semaphore`, given back when it is dropped.
 *
 * @example
 * const ovens = new Semaphore(1);
 * const oven: SemaphorePermit = ovens.acquireSync();
 * drop(oven);
 * console.log(ovens.availablePermits()); // 1
 */
export class SemaphorePermit implements Disposable {
  readonly #gate: PermitGate;
  #open = true;

  /** @internal */
  constructor(gate: PermitGate) {
    this.#gate = gate;
    if (isThread && !gate.noted) noteLock(gate, kind);
  }

  /** Gives the permit back. What `using` calls at the end of the block; `drop(permit)` does it early. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    giveBack(this.#gate);
  }
}

registerHandle("Semaphore", (data) => new Semaphore(data as SemaphoreImage));

const kind: LockKind<PermitGate> = {
  unlock: giveBack,
  holds: ({ lease }) => (lease[leasedPermits] ?? 0) > 0,
  giveUp: giveAllBack,
};

function gate(words: Int32Array, holding: Holding): PermitGate {
  const { sequence, waiting, starving, object, settled } = at;
  const gate: PermitGate = {
    what: "Semaphore",
    words,
    holding,
    lease: holding.counts,
    sequence,
    waiting,
    starving,
    object,
    settled,
    first: starving,
    second: at.permits,
    secondCounts: "left",
    noted: false,
    lookAfter: () => settleGate(gate),
  };
  forgetWithThread(gate);
  return gate;
}

function take({ words, lease }: PermitGate): boolean {
  for (;;) {
    const free = Atomics.load(words, at.permits);
    if (free === 0) return false;
    if (Atomics.compareExchange(words, at.permits, free, free - 1) !== free) continue;
    lease[leasedPermits]! += 1; // Nothing is called in between: a thread is killed where a function or a loop begins.
    return true;
  }
}

function giveBack(gate: PermitGate): void {
  const { words, lease } = gate;
  if (lease[leasedPermits] === 0) return; // The permit has outlived its thread.
  Atomics.add(words, at.permits, 1);
  lease[leasedPermits]! -= 1;
  announce(gate);
}

function giveAllBack(gate: PermitGate): void {
  const { words, lease } = gate;
  const permits = lease[leasedPermits] ?? 0;
  lease[leasedPermits] = 0;
  Atomics.add(words, at.permits, permits);
  announce(gate);
}
