import { currentId } from "../thread/self.js";
import { beginWait } from "../trace/activity.js";
import { keepAlive } from "../worker/keepAlive.js";
import { deaths } from "../worker/ledger.js";
import { isAnyAlive } from "../worker/places.js";
import { block, patience } from "../worker/vigil.js";
import { waitOn } from "./waiting.js";

/**
 * The state of a lock is one word in shared memory, so that one step takes it, and a thread that is killed leaves it as
 * taken by that thread: who holds it (0 for nobody), and these bits.
 *
 * A lock that nobody holds but that is `contended` is reserved for those who have waited.
 */
const contended = 1;
const poisoned = 2;
/** Somebody has waited for long: the lock goes to the next in line when it is given back. */
const handOff = 4;
const ownerShift = 3;

/** The word of every lock that is its state. */
export const state = 0;

/** Whoever has waited this long, in milliseconds, has the lock handed over; until then whoever comes first gets it. */
const longWait = 1;

/** Whoever has waited this long, in milliseconds, asks whether the thread that holds the lock is alive. */
const longForDead = 50;

/** Who this thread is in the state of a lock. Two threads of a process differ unless 2^29 were started in between. */
function selfAsOwner(): number {
  return (currentId() + 1) << ownerShift;
}

function isOwned(seen: number): boolean {
  return seen >> ownerShift !== 0;
}

/** The thread that holds the lock; of threads with ids above 2^28 that cannot be told. */
function ownerOf(lock: Int32Array): number | undefined {
  const owner = Atomics.load(lock, state) >> ownerShift;
  return owner > 0 ? owner - 1 : undefined;
}

/** Takes the lock if it is free and good, which costs one step. */
export function tryAcquireGood(lock: Int32Array): boolean {
  return Atomics.compareExchange(lock, state, 0, selfAsOwner()) === 0;
}

/** Takes the lock if it is free. */
export function tryAcquire(lock: Int32Array): boolean {
  const seen = Atomics.compareExchange(lock, state, 0, selfAsOwner());
  return (
    seen === 0 ||
    (seen === poisoned && Atomics.compareExchange(lock, state, poisoned, selfAsOwner() | poisoned) === poisoned)
  );
}

/** Takes the lock, blocking the thread until it is free. */
export function acquireSync(lock: Int32Array): void {
  if (tryAcquireGood(lock)) return;
  const waiter = new Waiter(lock);
  const resume = beginWait("Mutex", () => ownerOf(lock));
  for (let seen = waiter.tries(); seen !== undefined; seen = waiter.tries()) block(lock, state, seen, patience);
  resume?.();
}

/** Takes the lock, waiting without blocking the thread. @throws (rejects with) the signal's reason. */
export async function acquire(lock: Int32Array, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const waiter = new Waiter(lock);
  const release = keepAlive();
  const resume = beginWait("Mutex", () => ownerOf(lock));
  try {
    for (let seen = waiter.tries(); seen !== undefined; seen = waiter.tries()) {
      // Like `block`, it looks again after a while: who was woken in its place may have been killed.
      await waitOn(lock, state, seen, patience, signal, () => leave(lock));
    }
  } finally {
    resume?.();
    release();
  }
}

/** Gives the lock back, if this thread still holds it: a guard may outlive its thread. */
export function release(lock: Int32Array): void {
  const self = selfAsOwner();
  if (Atomics.compareExchange(lock, state, self, 0) !== self && isMine(lock)) releaseContended(lock, 0);
}

/** As {@link release}, with what the lock guards half changed. */
export function releasePoisoned(lock: Int32Array): void {
  if (isMine(lock)) releaseContended(lock, poisoned);
}

function releaseContended(lock: Int32Array, poison: number): void {
  let seen: number;
  let next: number;
  do {
    seen = Atomics.load(lock, state);
    next = (seen & poisoned) | poison | (seen & handOff ? contended : 0);
  } while (Atomics.compareExchange(lock, state, seen, next) !== seen);
  tellNext(lock, seen);
}

function tellNext(lock: Int32Array, seen: number): void {
  if ((seen & contended) === 0 || Atomics.notify(lock, state, 1) > 0) return;
  if (seen & handOff) cancelReservation(lock);
}

/** Lets anybody have a lock that was reserved for somebody who does not come. */
function cancelReservation(lock: Int32Array): void {
  for (;;) {
    const seen = Atomics.load(lock, state);
    if (isOwned(seen) || (seen & contended) === 0) return;
    if (Atomics.compareExchange(lock, state, seen, seen & poisoned) !== seen) continue;
    Atomics.notify(lock, state, 1);
    return;
  }
}

/** In place of a thread that was killed: the lock it held is poisoned, and it waits for none. */
export function abandon(lock: Int32Array, thread: number): void {
  if (isHeldBy(lock, thread)) {
    releaseForDead(lock, Atomics.load(lock, state));
    return;
  }
  leave(lock);
}

/** Somebody who waits for the lock, or was woken to take it, does so no more. */
function leave(lock: Int32Array): void {
  cancelReservation(lock);
  Atomics.notify(lock, state, 1);
}

/** Gives the lock back where a dead thread holds it, which is poisoned then. */
export function giveBackForDead(lock: Int32Array): void {
  if (deaths() === 0) return;
  const seen = Atomics.load(lock, state);
  if (!isOwned(seen)) return;
  const owner = seen >> ownerShift;
  if (!isAnyAlive((thread) => ((thread + 1) << ownerShift) >> ownerShift === owner)) releaseForDead(lock, seen);
}

/** Several may find at the same time that the thread is dead that holds the lock as `seen` says. */
function releaseForDead(lock: Int32Array, seen: number): void {
  const owner = seen >> ownerShift;
  for (let now = seen; now >> ownerShift === owner; now = Atomics.load(lock, state)) {
    const next = poisoned | (now & handOff ? contended : 0);
    if (Atomics.compareExchange(lock, state, now, next) !== now) continue;
    tellNext(lock, now);
    return;
  }
}

/** Whether this thread holds the lock. */
export function isMine(lock: Int32Array): boolean {
  return isHeldBy(lock, currentId());
}

function isHeldBy(lock: Int32Array, thread: number): boolean {
  return Atomics.load(lock, state) >> ownerShift === ((thread + 1) << ownerShift) >> ownerShift;
}

/** Whether a thread has panicked while it held the lock. */
export function isPoisoned(lock: Int32Array): boolean {
  return (Atomics.load(lock, state) & poisoned) !== 0;
}

/** Declares what the lock guards good again. */
export function clearPoison(lock: Int32Array): void {
  Atomics.and(lock, state, ~poisoned);
}

class Waiter {
  readonly #lock: Int32Array;
  readonly #self = selfAsOwner();
  #since = 0;
  /** What the state of the lock is to say besides who holds it: nothing, unless this thread has waited, as others may. */
  #marks = 0;

  constructor(lock: Int32Array) {
    this.#lock = lock;
  }

  /** Takes the lock, or gives the state to wait on, which says that somebody waits. */
  tries(): number | undefined {
    const lock = this.#lock;
    let marks = 0;
    for (;;) {
      const seen = Atomics.load(lock, state);
      if (!isOwned(seen) && (this.#marks !== 0 || (seen & contended) === 0)) {
        const next = this.#self | (seen & poisoned) | this.#marks;
        if (Atomics.compareExchange(lock, state, seen, next) === seen) return undefined;
        continue;
      }
      if (marks === 0) marks = this.#marksOfSleeper();
      const next = seen | marks;
      if (next !== seen && Atomics.compareExchange(lock, state, seen, next) !== seen) continue;
      this.#marks = marks;
      return next;
    }
  }

  #marksOfSleeper(): number {
    const now = performance.now();
    if (this.#marks === 0) this.#since = now;
    else if (now - this.#since > longForDead) giveBackForDead(this.#lock);
    return now - this.#since > longWait ? contended | handOff : contended;
  }
}
