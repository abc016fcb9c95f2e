import { holdAlways, type ThreadEnd } from "../worker/ending.js";

/** What a thread may still hold when it ends. */
export interface Noted {
  /** Whether it is noted, see `noteLock`; on the main thread, which ends with the process, nothing has to be. */
  noted: boolean;
}

/** What is asked of a kind of lock. */
export interface LockKind<C extends Noted> {
  /** Gives back what one guard holds. */
  readonly unlock: (cell: C, end: ThreadEnd) => void;
  /** Whether this thread holds the lock. */
  readonly holds: (cell: C) => boolean;
  /** Gives back all that this thread holds of the lock. */
  readonly giveUp: (cell: C, end: ThreadEnd) => void;
}

interface Note {
  readonly cell: Noted;
  readonly holds: () => boolean;
  readonly giveUp: (end: ThreadEnd) => void;
}

/**
 * The locks that this thread has taken, so that those it still holds when it ends are given back. A lock is noted once,
 * not each time that it is taken: to note its guard would cost as much as to take it.
 */
let notes: Note[] = [];
/** How many are noted before those that are not held are forgotten again. */
let most = 64;

/** Notes a lock that this thread holds. */
export function noteLock<C extends Noted>(cell: C, kind: LockKind<C>): void {
  if (notes.length >= most) forgetFree();
  cell.noted = true;
  notes.push({ cell, holds: () => kind.holds(cell), giveUp: (end) => kind.giveUp(cell, end) });
}

function forgetFree(): void {
  for (const { cell, holds } of notes) cell.noted = holds();
  notes = notes.filter(({ cell }) => cell.noted);
  most = Math.max(64, 2 * notes.length);
}

holdAlways({
  release: (end) => {
    for (const { holds, giveUp } of notes) if (holds()) giveUp(end);
    forgetFree();
  },
});
