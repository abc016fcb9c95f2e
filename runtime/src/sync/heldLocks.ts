import { holdAlways, type ThreadEnd } from "../worker/ending.js";
import type { Cell } from "./cell.js";

/** What the guards of a kind of lock ask of it. */
export interface LockKind<C extends Cell> {
  /** Whether this thread holds the lock alone. */
  isMine(cell: C): boolean;
  /** Gives the lock back. */
  unlock(cell: C, end: ThreadEnd): void;
}

/**
 * The locks that this thread has taken, so that those it still holds when it ends are given back. A lock is noted once,
 * not each time that it is taken: to note its guard would cost as much as to take it.
 */
let noted: { readonly cell: Cell; readonly giveBack: (end: ThreadEnd) => void; readonly isMine: () => boolean }[] = [];
/** How many are noted before those that are not held are forgotten again. */
let most = 64;

/** Notes a lock that this thread holds. */
export function noteLock<C extends Cell>(cell: C, kind: LockKind<C>): void {
  if (noted.length >= most) forgetFree();
  cell.noted = true;
  noted.push({ cell, giveBack: (end) => kind.unlock(cell, end), isMine: () => kind.isMine(cell) });
}

function forgetFree(): void {
  for (const { cell, isMine } of noted) cell.noted = isMine();
  noted = noted.filter(({ cell }) => cell.noted);
  most = Math.max(64, 2 * noted.length);
}

holdAlways({
  release: (end) => {
    for (const { isMine, giveBack } of noted) if (isMine()) giveBack(end);
    forgetFree();
  },
});
