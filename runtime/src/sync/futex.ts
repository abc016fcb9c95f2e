import { keepAlive } from "../worker/keepAlive.js";
import { block } from "../worker/vigil.js";

/** The words of a lock in shared memory, as indices into an Int32Array. */
export const word = { state: 0, grant: 1, starving: 2, poisoned: 3, owner: 4, kind: 5, length: 6, shares: 7 } as const;

const free = 0;
const taken = 1;
/** Taken, and somebody may be waiting. */
const contended = 2;

/** A waiter that has waited this long, in milliseconds, is handed the lock; until then whoever comes first gets it. */
const patience = 1;

/** Takes the lock if it is free. */
export function tryAcquire(lock: Int32Array): boolean {
  return Atomics.compareExchange(lock, word.state, free, taken) === free;
}

/** Takes the lock, blocking the thread until it is free. */
export function acquireSync(lock: Int32Array): void {
  if (tryAcquire(lock)) return;
  const waiter = new Waiter(lock);
  while (!waiter.tries()) {
    block(lock, word.state, contended);
    if (waiter.isGranted()) return;
  }
}

/** Takes the lock, waiting without blocking the thread. */
export async function acquire(lock: Int32Array): Promise<void> {
  if (tryAcquire(lock)) return;
  const waiter = new Waiter(lock);
  const release = keepAlive();
  try {
    while (!waiter.tries()) {
      const waiting = Atomics.waitAsync(lock, word.state, contended);
      if (waiting.async) await waiting.value;
      if (waiter.isGranted()) return;
    }
  } finally {
    release();
  }
}

/** Gives the lock back, to the longest waiter where one has waited for long. */
export function release(lock: Int32Array): void {
  if (Atomics.load(lock, word.starving) > 0) {
    Atomics.store(lock, word.grant, 1);
    if (Atomics.notify(lock, word.state, 1) > 0) return;
    if (Atomics.compareExchange(lock, word.grant, 1, 0) !== 1) return;
  }
  if (Atomics.exchange(lock, word.state, free) === contended) Atomics.notify(lock, word.state, 1);
}

/** Whether somebody holds the lock. */
export function isTaken(lock: Int32Array): boolean {
  return Atomics.load(lock, word.state) !== free;
}

class Waiter {
  readonly #lock: Int32Array;
  readonly #since = performance.now();
  #starving = false;

  constructor(lock: Int32Array) {
    this.#lock = lock;
  }

  /** Takes the lock if it is free, and otherwise marks it as waited for. */
  tries(): boolean {
    if (!this.#starving && performance.now() - this.#since > patience) {
      this.#starving = true;
      Atomics.add(this.#lock, word.starving, 1);
    }
    return this.#ends(Atomics.exchange(this.#lock, word.state, contended) === free);
  }

  /** Whether the lock was handed to a waiter, which then is this one. */
  isGranted(): boolean {
    return this.#ends(Atomics.compareExchange(this.#lock, word.grant, 1, 0) === 1);
  }

  #ends(got: boolean): boolean {
    if (got && this.#starving) Atomics.sub(this.#lock, word.starving, 1);
    return got;
  }
}
