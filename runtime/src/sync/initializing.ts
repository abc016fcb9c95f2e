import { hold, letGo, type ThreadEnd } from "../worker/ending.js";
import { announce, blockUntil, type Signal, waitUntil } from "./signal.js";

/** The words of something that is done once. */
const at = { sequence: 0, waiting: 1, state: 2 } as const;
/** The state of something that is done once. */
export const stage = { fresh: 0, running: 1, done: 2, poisoned: 3 } as const;
/** What became of it, for one who comes to it. */
export type Turn = "mine" | "done" | "poisoned";

/** Something that is done once, by whichever thread comes first, while the others wait. */
export interface Initializing extends Signal {
  /** Word 0 is 1 while this handle's thread is at it. */
  readonly lease: Int32Array;
  /** What it becomes where doing it fails. */
  readonly onFailure: typeof stage.fresh | typeof stage.poisoned;
}

/** What is sent of it to another thread. */
export interface InitializingImage {
  readonly words: Int32Array;
  readonly lease: Int32Array;
}

export function initializing(onFailure: Initializing["onFailure"], image?: InitializingImage): Initializing {
  const words = image?.words ?? new Int32Array(new SharedArrayBuffer(12));
  return { words, lease: image?.lease ?? newLease(), onFailure, sequence: at.sequence, waiting: at.waiting };
}

/** What to send, and what to do where the thread it was sent to is killed. */
export function imageOfInitializing(once: Initializing): { image: InitializingImage; abandon: () => void } {
  const { words } = once;
  const lease = newLease();
  const abandon = (): void => {
    if (Atomics.load(lease, 0) === 1) leave({ ...once, lease }, once.onFailure);
  };
  return { image: { words, lease }, abandon };
}

export function isDone({ words }: Signal): boolean {
  return Atomics.load(words, at.state) === stage.done;
}

/** Waits while another thread is at it. */
export async function turn(once: Initializing): Promise<Turn> {
  return (await waitUntil(once, () => take(once))) ?? "done";
}

/** As {@link turn}, blocking the thread. */
export function turnSync(once: Initializing): Turn {
  return blockUntil(once, () => take(once)) ?? "done";
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

function newLease(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function take({ words, lease }: Initializing): Turn | undefined {
  const state = Atomics.compareExchange(words, at.state, stage.fresh, stage.running);
  if (state === stage.running) return undefined;
  if (state !== stage.fresh) return state === stage.done ? "done" : "poisoned";
  Atomics.store(lease, 0, 1);
  return "mine";
}

function leave(once: Initializing, next: number): void {
  Atomics.store(once.lease, 0, 0);
  Atomics.store(once.words, at.state, next);
  announce(once);
}
