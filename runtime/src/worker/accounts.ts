import { currentId } from "../thread/self.js";
import { isKnown, type Lease } from "./holdings.js";
import { allEntries, deaths, entry, entryWords, head, ledger, nobody, place, placeWords } from "./ledger.js";
import { familyOf, isAlive } from "./places.js";

// What dead threads held is given back to the objects that it is counted in, by whoever is left.

/** A worker has ended, and with it all that were started in it: they are dead, and their places free. */
export function bury(root: number): void {
  const { places } = ledger();
  const dead = familyOf(root);
  silence(dead);
  for (const at of dead) {
    Atomics.store(places, placeWords * at + place.parent, 0);
    Atomics.store(places, placeWords * at + place.thread, 0);
  }
}

/** Of workers that run nothing any more: what their threads held is anybody's to give back. */
export function silence(dead: readonly number[]): void {
  const { head: words, places } = ledger();
  for (const at of dead) Atomics.store(places, placeWords * at + place.thread, nobody);
  forgetNothings();
  Atomics.add(words, head.deaths, 1);
  Atomics.notify(words, head.deaths);
}

/** An object of which threads have holdings, and the words in which all of them are counted. */
export interface Accounts {
  readonly words: Int32Array;
  /** The index of the word that says which object it is. */
  readonly object: number;
  /** The index of the word that says after how many deaths it was looked after. */
  readonly settled: number;
  /** The indices of the words that count what the first and the second count of a holding are of. */
  readonly first: number;
  readonly second: number;
  /** Whether the second word counts what is held, or what is left. */
  readonly secondCounts: "held" | "left";
}

/** Gives back what dead threads held of an object, unless somebody has since the last one died. Returns whether it has. */
export function settle(accounts: Accounts): boolean {
  const now = deaths();
  const { words, settled, object } = accounts;
  if (now === 0 || Atomics.load(words, settled) === now) return false;
  const id = words[object] ?? 0;
  if (id !== 0) giveBackForDead(id, accounts);
  Atomics.store(words, settled, now);
  return true;
}

function giveBackForDead(object: number, accounts: Accounts): void {
  const entries = allEntries();
  const most = Math.min(Atomics.load(ledger().head, head.entries), entries.length / entryWords);
  for (let at = 0; at < most; at++) {
    if (entries[entryWords * at + entry.object] !== object) continue;
    const owner = Atomics.load(entries, entryWords * at + entry.owner);
    if (owner > 0 && !isAlive(owner - 1)) giveBack(entries, at, owner, accounts);
  }
}

/** Gives back what was lent to a thread that has not come to take it, or is dead. */
export function recall(lease: Lease, accounts: Accounts): void {
  if (!isKnown(lease)) return;
  const entries = allEntries();
  const owner = Atomics.load(entries, entryWords * lease.at + entry.owner);
  const isTaken = owner > 0 && owner !== currentId() + 1 && isAlive(owner - 1);
  if (owner !== 0 && !isTaken) giveBack(entries, lease.at, owner, accounts);
}

/** Where this thread is killed in here, the entry is one of a dead thread again: it is this thread's meanwhile. */
function giveBack(entries: Int32Array, at: number, owner: number, accounts: Accounts): void {
  const index = entryWords * at;
  if (Atomics.compareExchange(entries, index + entry.owner, owner, currentId() + 1) !== owner) return;
  const { words, first, second, secondCounts } = accounts;
  const one = entries[index + entry.counts] ?? 0;
  const other = entries[index + entry.counts + 1] ?? 0;
  const change = secondCounts === "left" ? other : -other;
  // Nothing is called from here on that is written in JavaScript: a thread is killed where a function or a loop begins.
  Atomics.sub(words, first, one);
  entries[index + entry.counts] = 0;
  Atomics.add(words, second, change);
  entries[index + entry.counts + 1] = 0;
  entries[index + entry.serial] = 0;
  Atomics.store(entries, index + entry.owner, 0);
}

/** Frees the entries of dead threads that held nothing. */
function forgetNothings(): void {
  const entries = allEntries();
  const most = Math.min(Atomics.load(ledger().head, head.entries), entries.length / entryWords);
  for (let at = 0; at < most; at++) {
    const index = entryWords * at;
    const owner = Atomics.load(entries, index + entry.owner);
    if (owner <= 0 || entries[index + entry.counts] !== 0 || entries[index + entry.counts + 1] !== 0) continue;
    if (!isAlive(owner - 1)) Atomics.compareExchange(entries, index + entry.owner, owner, 0);
  }
}
