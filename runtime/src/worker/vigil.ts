import { deliversAtOnce, mayBlock } from "./node.js";

const watchers: (() => void)[] = [];

/** Milliseconds that a thread blocks before it looks after the threads that it started. */
export const patience = 100;

/**
 * Has `look` called again and again while this thread blocks: it handles no events then, so nobody tells it that a thread
 * was killed which holds the lock or the sender that it waits for.
 */
export function whileBlocked(look: () => void): void {
  watchers.push(look);
}

/** `Atomics.wait`, for at most `ms` milliseconds. Whatever may have changed, the caller has to look again. */
export function block(words: Int32Array, index: number, expected: number, ms: number = Number.POSITIVE_INFINITY): void {
  const until = performance.now() + ms;
  for (let left = ms; left > 0; left = until - performance.now()) {
    if (Atomics.wait(words, index, expected, Math.min(left, patience)) !== "timed-out") return;
    for (const look of watchers) look();
  }
}

/** @throws Error where this thread may not block. `instead` is the method that waits without blocking. */
export function assertMayBlock(instead: string): void {
  if (!mayBlock) refuseToBlock(instead); // Apart from here, so that this is small enough to be inlined.
}

function refuseToBlock(instead: string): never {
  throw new Error(`a browser does not let its main thread block; use \`await ${instead}(…)\``);
}

/** @throws Error where a thread that blocks would never hear of the end of another. */
export function assertMayJoinSync(): void {
  assertMayBlock("join");
  if (!deliversAtOnce)
    throw new Error("a browser tells a thread that blocks nothing of another one; use `await join()`");
}
