import { isMainThread } from "./node.js";

/** How a thread's closure ended. */
export type ThreadEnd = "returned" | "panicked";

/** Something a thread holds that other threads can tell it holds: a guard, a sender, a share of an `Arc`. */
export interface Held {
  /** Lets go of it, because its thread ended. */
  release(end: ThreadEnd): void;
}

const held = new Set<Held>();

/** Notes what the thread holds, so that it is let go of when the thread ends. The main thread ends with the process. */
export function hold(thing: Held): void {
  if (!isMainThread) held.add(thing);
}

/** The thread holds it no more. */
export function letGo(thing: Held): void {
  held.delete(thing);
}

/** Lets go of everything the thread still holds. */
export function endThread(end: ThreadEnd): void {
  for (const thing of [...held]) thing.release(end);
  held.clear();
}
