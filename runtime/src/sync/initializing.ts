import { currentSelf } from "../thread/self.js";
import { hold, letGo, type ThreadEnd } from "../worker/ending.js";
import { isAlive } from "../worker/places.js";
import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";
import type { WaitOptions } from "./waiting.js";

/** The words of something that is done once. */
const at = { sequence: 0, waiting: 1, state: 2 } as const;
/** The state of something that is done once; while a thread is at it, {@link doneBy} that thread. */
export const stage = { fresh: 0, done: 1, poisoned: 2 } as const;

/** The state while a thread is at it. */
function doneBy(thread: number): number {
  return -1 - thread;
}

/** What became of it, for one who comes to it. */
export type Turn = "mine" | "done" | "poisoned";

/** Something that is done once, by whichever thread comes first, while the others wait. */
export interface Initializing extends Signal {
  /** What is called while somebody waits. */
  lookAfter(): void;
  /** What it becomes where doing it fails. */
  readonly onFailure: typeof stage.fresh | typeof stage.poisoned;
}

export function initializing(
  onFailure: Initializing["onFailure"],
  words: Int32Array = new Int32Array(new SharedArrayBuffer(12)),
): Initializing {
  const once: Initializing = {
    what: "Once",
    words,
    onFailure,
    sequence: at.sequence,
    waiting: at.waiting,
    lookAfter: () => giveBackForDead(once),
  };
  return once;
}

/** In place of a thread that was killed: it may have been at it, or about to tell those who wait. */
export function abandonInitializing(once: Initializing, thread: number): void {
  Atomics.compareExchange(once.words, at.state, doneBy(thread), once.onFailure);
  announce(once);
}

/** A thread that was at it may be dead, and nobody left who was told. */
function giveBackForDead(once: Initializing): void {
  const state = Atomics.load(once.words, at.state);
  if (state < 0 && !isAlive(-1 - state)) abandonInitializing(once, -1 - state);
}

export function isDone({ words }: Signal): boolean {
  return Atomics.load(words, at.state) === stage.done;
}

/**
 * Waits until it was done, by whichever thread; also where nobody has come to it yet.
 *
 * @throws (rejects with) the signal's reason.
 */
export async function over(once: Initializing, { signal }: WaitOptions = {}): Promise<Turn> {
  const attempt = () => result(Atomics.load(once.words, at.state));
  return (await waitUntil(once, attempt, Number.POSITIVE_INFINITY, signal)) ?? "done";
}

/** As {@link over}, blocking the thread. */
export function overSync(once: Initializing): Turn {
  assertNotAtIt(once);
  return blockUntil(once, () => result(Atomics.load(once.words, at.state))) ?? "done";
}

/** Waits while another thread is at it. @throws (rejects with) the signal's reason. */
export async function turn(once: Initializing, { signal }: WaitOptions = {}): Promise<Turn> {
  return (await waitUntil(once, () => take(once), Number.POSITIVE_INFINITY, signal)) ?? "done";
}

/** As {@link turn}, blocking the thread. */
export function turnSync(once: Initializing): Turn {
  assertNotAtIt(once);
  return blockUntil(once, () => take(once)) ?? "done";
}

function assertNotAtIt(once: Initializing): void {
  if (Atomics.load(once.words, at.state) !== doneBy(currentSelf().id)) return;
  throw new Error("deadlock: this thread waits for what it is doing itself, and would do so for ever");
}

/** Does it, which is this thread's turn; what fails is not done. */
export async function doIt<T>(once: Initializing, f: () => T): Promise<Awaited<T>> {
  const attempt = new Attempt(once);
  try {
    const value = await f();
    attempt.end(stage.done);
    return value;
  } finally {
    attempt.end(once.onFailure);
  }
}

/** As {@link doIt}, at once. */
export function doItSync<T>(once: Initializing, f: () => T): T {
  const attempt = new Attempt(once);
  try {
    const value = f();
    attempt.end(stage.done);
    return value;
  } finally {
    attempt.end(once.onFailure);
  }
}

class Attempt {
  readonly #once: Initializing;
  #open = true;

  constructor(once: Initializing) {
    this.#once = once;
    hold(this);
  }

  end(next: number): void {
    if (!this.#open) return;
    this.#open = false;
    letGo(this);
    leave(this.#once, next);
  }

  release(_end: ThreadEnd): void {
    this.end(this.#once.onFailure);
  }
}

/** What has become of it, unless it is still to be done. */
function result(state: number): Turn | undefined {
  if (state === stage.done) return "done";
  return state === stage.poisoned ? "poisoned" : undefined;
}

/** The turn where it is this thread's, or it is over. */
function take({ words }: Initializing): Turn | undefined {
  const state = Atomics.compareExchange(words, at.state, stage.fresh, doneBy(currentSelf().id));
  return state === stage.fresh ? "mine" : result(state);
}

function leave(once: Initializing, next: number): void {
  Atomics.store(once.words, at.state, next);
  announce(once);
}
