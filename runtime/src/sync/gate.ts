import { type Accounts, recall, settle } from "../worker/accounts.js";
import { isThread } from "../worker/ending.js";
import { freeWithThread, type Holding, type Lease, leaseOf, newHolding, privateHolding } from "../worker/holdings.js";
import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";

/** What only so many may pass at a time: the waiting is the same for whatever `attempt` asks. */
export interface Gate extends Signal, Accounts {
  /** The index of the word that counts who has waited for long. */
  readonly starving: number;
  /** What this handle's thread has of the gate. */
  holding: Holding;
  /**
   * The counts of the holding: who has waited for long, and what else the gate counts. No other thread writes it while
   * this one lives, so it needs no atomic operations.
   */
  lease: Int32Array;
}

/** The word of every lease that counts who of its thread has waited for long. */
const leaseStarving = 0;

/** Whoever has waited this long, in milliseconds, goes before those who have not. */
const patience = 1;

/** Blocks the thread until `attempt` succeeds. */
export function enterSync<G extends Gate>(gate: G, attempt: (gate: G) => boolean): void {
  if (tryEnter(gate, attempt)) return;
  const waiter = new Waiter(gate, attempt);
  try {
    blockUntil(gate, () => waiter.tries());
  } finally {
    waiter.leave();
  }
}

/** Waits until `attempt` succeeds, without blocking the thread. @throws (rejects with) the signal's reason. */
export async function enter<G extends Gate>(
  gate: G,
  attempt: (gate: G) => boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const waiter = new Waiter(gate, attempt);
  try {
    await waitUntil(gate, () => waiter.tries(), Number.POSITIVE_INFINITY, signal);
  } finally {
    waiter.leave();
  }
}

/** Whether `attempt` succeeds at once, without overtaking anybody who has waited for long. */
export function tryEnter<G extends Gate>(gate: G, attempt: (gate: G) => boolean): boolean {
  return Atomics.load(gate.words, gate.starving) === 0 && attempt(gate);
}

/** As {@link tryEnter}, for one who does not wait otherwise. */
export function tryEnterOnce<G extends Gate>(gate: G, attempt: (gate: G) => boolean): boolean {
  if (tryEnter(gate, attempt)) return true;
  gate.lookAfter?.();
  return tryEnter(gate, attempt);
}

/** What another thread gets of a gate. */
export function lend(gate: Gate): Lease {
  const { holding } = gate;
  // Whoever made it had no need to tell others what it has, as long as there were none.
  if (holding.at < 0 && isThread) useHolding(gate, newHolding(gate.words, gate.object));
  return leaseOf(newHolding(gate.words, gate.object));
}

/** From now on, what this thread has of the gate is in this holding. */
export function useHolding(gate: Gate, holding: Holding): void {
  const { lease } = gate;
  holding.counts[0] = lease[0] ?? 0;
  holding.counts[1] = lease[1] ?? 0;
  gate.holding = holding;
  gate.lease = holding.counts;
  forgetWithThread(gate);
}

/** What this thread has of the gate goes with the thread, or with the gate. */
export function forgetWithThread(gate: Gate): void {
  freeWithThread(gate.holding, gate, useNoLease);
}

function useNoLease(gate: Gate): void {
  useHolding(gate, privateHolding());
}

/** Gives back what dead threads had of the gate, unless somebody has since the last one died. */
export function settleGate(gate: Gate): void {
  if (settle(gate)) announce(gate);
}

/** In place of a thread that was killed, or has not started: gives back what it was lent. */
export function abandonGate(gate: Gate, lease: Lease): void {
  recall(lease, gate);
  settle(gate);
  announce(gate);
}

class Waiter<G extends Gate> {
  readonly #gate: G;
  readonly #attempt: (gate: G) => boolean;
  #since: number | undefined;
  #starving = false;

  constructor(gate: G, attempt: (gate: G) => boolean) {
    this.#gate = gate;
    this.#attempt = attempt;
  }

  tries(): true | undefined {
    const { words, starving } = this.#gate;
    const now = performance.now();
    this.#since ??= now;
    if (!this.#starving && now - this.#since > patience) this.#count(1);
    if (!this.#starving && Atomics.load(words, starving) > 0) return undefined;
    return this.#attempt(this.#gate) || undefined;
  }

  leave(): void {
    if (!this.#starving) return;
    this.#count(-1);
    announce(this.#gate);
  }

  #count(change: 1 | -1): void {
    const { words, starving, lease } = this.#gate;
    this.#starving = change === 1;
    if (change < 0 && (lease[leaseStarving] ?? 0) <= 0) return; // It has outlived its thread.
    Atomics.add(words, starving, change);
    lease[leaseStarving]! += change;
  }
}
