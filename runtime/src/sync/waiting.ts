/** What ends a wait early. */
export interface WaitOptions {
  /** The wait ends when this is aborted, by throwing its reason; nothing was taken then. */
  readonly signal?: AbortSignal;
}

/** What a promise gives, unless the signal is aborted before. @throws (rejects with) the signal's reason. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let leave = (): void => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
  });
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

/** Milliseconds after which somebody who has left is not in the line any more. */
const patience = 1000;

/**
 * `Atomics.waitAsync`, which a signal ends. One who has left still stands in the line for a while: `passOn` wakes the next
 * one where it was woken there.
 *
 * @throws (rejects with) the signal's reason.
 */
export async function waitOn(
  words: Int32Array,
  index: number,
  expected: number,
  ms: number,
  signal: AbortSignal | undefined,
  passOn: () => void,
): Promise<void> {
  signal?.throwIfAborted();
  const waiting = Atomics.waitAsync(words, index, expected, signal === undefined ? ms : Math.min(ms, patience));
  if (!waiting.async) return;
  if (signal === undefined) {
    await waiting.value;
    return;
  }
  let leave = (): void => {};
  const left = new Promise<"left">((done) => {
    leave = () => done("left");
  });
  signal.addEventListener("abort", leave, { once: true });
  const outcome = await Promise.race([waiting.value, left]);
  signal.removeEventListener("abort", leave);
  if (outcome === "left") {
    void waiting.value.then((how) => {
      if (how === "ok") passOn();
    });
  } else if (outcome === "ok" && signal.aborted) {
    passOn();
  }
  signal.throwIfAborted();
}
