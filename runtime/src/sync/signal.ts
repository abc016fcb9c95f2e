import { beginWait } from "../trace/activity.js";
import type { WaitedFor } from "../trace/trace.js";
import { keepAlive } from "../worker/keepAlive.js";
import { block } from "../worker/vigil.js";
import { mourn, mournAsync } from "./mourning.js";
import { waitOn } from "./waiting.js";

/** Where threads wait until something in shared memory has changed. */
export interface Signal {
  readonly what: WaitedFor;
  readonly words: Int32Array;
  /** The index of the word that changes when somebody is told of a change. */
  readonly sequence: number;
  /** The index of the word that counts who waits. */
  readonly waiting: number;
  /** Who has what is waited for, where it is one thread. */
  holder?(): number | undefined;
  /** Gives back what dead threads held that is waited for, if somebody else has not. */
  lookAfter?(): void;
  /** Wakes another one in place of one who was woken and has left; where all are woken, there is no need to. */
  passOn?(): void;
}

/** Says that something has changed: all who wait look again. */
export function announce({ words, sequence, waiting }: Signal): void {
  // Whoever waits is counted before it looks: one who is not counted yet sees what has changed.
  if (Atomics.load(words, waiting) === 0) return;
  Atomics.add(words, sequence, 1);
  Atomics.notify(words, sequence);
}

/**
 * Blocks the thread until `attempt` gives something; it is asked at once, and again after each change.
 *
 * @returns `undefined` where `ms` milliseconds have passed.
 */
export function blockUntil<T>(
  signal: Signal,
  attempt: () => T | undefined,
  ms: number = Number.POSITIVE_INFINITY,
): T | undefined {
  const end = endOf(ms);
  const { words, sequence, waiting } = signal;
  let got = attempt();
  if (got !== undefined) return got;
  const leave = mourn(signal);
  const resume = beginWait(signal.what, () => signal.holder?.());
  try {
    for (let left = timeLeft(end); got === undefined && left > 0; ) {
      Atomics.add(words, waiting, 1);
      try {
        const before = Atomics.load(words, sequence);
        got = attempt();
        left = timeLeft(end);
        if (got === undefined && left > 0) block(words, sequence, before, left);
      } finally {
        Atomics.sub(words, waiting, 1);
      }
    }
    return got;
  } finally {
    resume?.();
    leave();
  }
}

/**
 * As {@link blockUntil}, without blocking the thread; keeps the process alive meanwhile.
 *
 * @throws (rejects with) the reason of `abort`.
 */
export async function waitUntil<T>(
  signal: Signal,
  attempt: () => T | undefined,
  ms: number = Number.POSITIVE_INFINITY,
  abort?: AbortSignal,
): Promise<T | undefined> {
  abort?.throwIfAborted();
  const end = endOf(ms);
  const { words, sequence, waiting } = signal;
  let got = attempt();
  if (got !== undefined) return got;
  const release = keepAlive();
  const leave = mournAsync(signal);
  const resume = beginWait(signal.what, () => signal.holder?.());
  try {
    for (let left = timeLeft(end); got === undefined && left > 0; ) {
      Atomics.add(words, waiting, 1);
      try {
        const before = Atomics.load(words, sequence);
        got = attempt();
        left = timeLeft(end);
        if (got === undefined && left > 0) {
          await waitOn(words, sequence, before, left, abort, () => signal.passOn?.());
        }
      } finally {
        Atomics.sub(words, waiting, 1);
      }
    }
    return got;
  } finally {
    resume?.();
    leave();
    release();
  }
}

function endOf(ms: number): number {
  return ms === Number.POSITIVE_INFINITY ? ms : performance.now() + ms;
}

function timeLeft(end: number): number {
  return end === Number.POSITIVE_INFINITY ? end : end - performance.now();
}

/** @throws RangeError unless `ms` is a number of milliseconds that can be waited for. */
export function assertTimeout(ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`a timeout is 0 or more milliseconds, not ${ms}`);
}
