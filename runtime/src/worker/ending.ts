import { isMainThread } from "./node.js";

/** How a thread's closure ended. */
export type ThreadEnd = "returned" | "panicked";

/** Something a thread holds that other threads can tell it holds: a guard, a sender, a share of an `Arc`. */
export interface Held {
  /** Lets go of it, because its thread ended. */
  release(end: ThreadEnd): void;
}

const held = new Set<Held>();

/** Whether this is a thread that may end before the process does. */
export const isThread = !isMainThread;

/** Notes what the thread holds, so that it is let go of when the thread ends. The main thread ends with the process. */
export function hold(thing: Held): void {
  if (isThread) held.add(thing);
}

/** The thread holds it no more. */
export function letGo(thing: Held): void {
  held.delete(thing);
}

const kept: Held[] = [];

/** As {@link hold}, for what lasts longer than the thread: it is told of every end, after what was held was let go of. */
export function holdAlways(thing: Held): void {
  kept.push(thing);
}

/**
 * Lets go of everything the thread still holds.
 *
 * @throws what letting go of something threw, once all of it was let go of.
 */
export function endThread(end: ThreadEnd): void {
  if (held.size > 0 || kept.length > 0) releaseAll(end);
}

function releaseAll(end: ThreadEnd): void {
  const failures: unknown[] = [];
  const release = (thing: Held): void => {
    try {
      thing.release(end);
    } catch (error) {
      failures.push(error);
    }
  };
  for (const thing of [...held, ...kept]) release(thing);
  held.clear();
  if (failures.length > 0) throw failures[0];
}
