import { keepAlive } from "../worker/keepAlive.js";
import { block } from "../worker/vigil.js";

/** Where threads wait until something in shared memory has changed. */
export interface Signal {
  readonly words: Int32Array;
  /** The index of the word that every change changes. */
  readonly sequence: number;
  /** The index of the word that counts who waits. */
  readonly waiting: number;
}

/** Says that something has changed: all who wait look again. */
export function announce({ words, sequence, waiting }: Signal): void {
  Atomics.add(words, sequence, 1);
  if (Atomics.load(words, waiting) > 0) Atomics.notify(words, sequence);
}

/**
 * Blocks the thread until `attempt` gives something; it is asked at once, and again after each change.
 *
 * @returns `undefined` where `ms` milliseconds have passed.
 */
export function blockUntil<T>(
  { words, sequence, waiting }: Signal,
  attempt: () => T | undefined,
  ms: number = Number.POSITIVE_INFINITY,
): T | undefined {
  const end = ms === Number.POSITIVE_INFINITY ? ms : performance.now() + ms;
  for (;;) {
    const before = Atomics.load(words, sequence);
    const got = attempt();
    if (got !== undefined) return got;
    const left = timeLeft(end);
    if (left <= 0) return undefined;
    Atomics.add(words, waiting, 1);
    block(words, sequence, before, left);
    Atomics.sub(words, waiting, 1);
  }
}

/** As {@link blockUntil}, without blocking the thread; keeps the process alive meanwhile. */
export async function waitUntil<T>(
  { words, sequence, waiting }: Signal,
  attempt: () => T | undefined,
  ms: number = Number.POSITIVE_INFINITY,
): Promise<T | undefined> {
  const end = ms === Number.POSITIVE_INFINITY ? ms : performance.now() + ms;
  let release: (() => void) | undefined;
  try {
    for (;;) {
      const before = Atomics.load(words, sequence);
      const got = attempt();
      if (got !== undefined) return got;
      const left = timeLeft(end);
      if (left <= 0) return undefined;
      release ??= keepAlive();
      Atomics.add(words, waiting, 1);
      const woken = Atomics.waitAsync(words, sequence, before, left);
      if (woken.async) await woken.value;
      Atomics.sub(words, waiting, 1);
    }
  } finally {
    release?.();
  }
}

function timeLeft(end: number): number {
  return end === Number.POSITIVE_INFINITY ? end : end - performance.now();
}

/** @throws RangeError unless `ms` is a number of milliseconds that can be waited for. */
export function assertTimeout(ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`a timeout is 0 or more milliseconds, not ${ms}`);
}
