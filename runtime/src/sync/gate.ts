import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";

/** What only so many may pass at a time: the waiting is the same for whatever `attempt` asks. */
export interface Gate extends Signal {
  /** The index of the word that counts who has waited for long. */
  readonly starving: number;
  /**
   * What this handle's thread has of the gate, so that it can be given back if the thread is killed. No other thread
   * writes it while this one lives, so it needs no atomic operations.
   */
  readonly lease: Int32Array;
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

/** Waits until `attempt` succeeds, without blocking the thread. */
export async function enter<G extends Gate>(gate: G, attempt: (gate: G) => boolean): Promise<void> {
  const waiter = new Waiter(gate, attempt);
  try {
    await waitUntil(gate, () => waiter.tries());
  } finally {
    waiter.leave();
  }
}

/** Whether `attempt` succeeds at once, without overtaking anybody who has waited for long. */
export function tryEnter<G extends Gate>(gate: G, attempt: (gate: G) => boolean): boolean {
  return Atomics.load(gate.words, gate.starving) === 0 && attempt(gate);
}

/** In place of a thread that was killed: it waits no more. */
export function abandonGate(gate: Gate): void {
  const starving = gate.lease[leaseStarving] ?? 0;
  gate.lease[leaseStarving] = 0;
  Atomics.sub(gate.words, gate.starving, starving);
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
    Atomics.add(words, starving, change);
    lease[leaseStarving]! += change;
  }
}
