import { currentId } from "../thread/self.js";
import {
  allEntries,
  entriesAt,
  entry,
  entryWords,
  head,
  ledger,
  nextId,
  place,
  placeWords,
  takeEntry,
} from "./ledger.js";

// What this thread holds of objects that threads share, and how it goes to another one.

/** The owner of what is in a message: whoever takes the message. */
const inMessage = -1;

/** What a thread holds of an object. */
export interface Holding {
  /** Which entry it is; -1 where it has none, as nobody else has to know. */
  readonly at: number;
  readonly serial: number;
  /** Two counts; what they count is the object's. No other thread writes them while this one lives. */
  readonly counts: Int32Array;
}

/** A holding on its way to another thread. */
export type Lease = Pick<Holding, "at" | "serial">;

/** A holding that nobody else has to know: of an object that only this thread has, or of a thread that ends last. */
export function privateHolding(): Holding {
  return { at: -1, serial: 0, counts: new Int32Array(2) };
}

/**
 * A holding, of nothing so far, that is this thread's until somebody else takes it. The word at `index` says which object
 * it is of; one that was in nobody else's hands so far is not known by a number yet.
 */
export function newHolding(words: Int32Array, index: number): Holding {
  const object = identify(words, index);
  const at = takeEntry();
  if (at < 0) return privateHolding();
  const entries = allEntries();
  const serial = nextId();
  entries[entryWords * at + entry.object] = object;
  entries[entryWords * at + entry.serial] = serial;
  entries[entryWords * at + entry.from] = 0;
  return openHolding({ at, serial });
}

function identify(words: Int32Array, index: number): number {
  const known = Atomics.load(words, index);
  if (known !== 0) return known;
  const id = nextId();
  const before = Atomics.compareExchange(words, index, 0, id);
  return before === 0 ? id : before;
}

function openHolding({ at, serial }: Lease): Holding {
  const counts = new Int32Array(ledger().memory, 4 * (entriesAt + entryWords * at + entry.counts), 2);
  return { at, serial, counts };
}

export function leaseOf({ at, serial }: Holding): Lease {
  return { at, serial };
}

/** The holdings of this thread that are not given back one by one, and who is told when they are free. */
const ours = new Map<Holding, () => void>();

/** A holding has arrived in this thread. The first thread ends last, so that nobody has to know what it holds. */
export function takeHolding(lease: Lease): Holding {
  if (!isKnown(lease)) return privateHolding();
  const arrived = openHolding(lease);
  if (currentId() === 0) {
    const own = privateHolding();
    own.counts.set(arrived.counts);
    freeHolding(arrived);
    return own;
  }
  const entries = allEntries();
  entries[entryWords * lease.at + entry.from] = 0;
  Atomics.store(entries, entryWords * lease.at + entry.owner, currentId() + 1);
  return arrived;
}

/** Frees what a forgotten object of this thread held nothing through: a thread that lives long forgets many. */
const forgotten = new FinalizationRegistry<Holding>((holding) => {
  if (isNothing(holding.counts) && ours.delete(holding)) freeHolding(holding);
});

/**
 * A holding is freed with its thread, or once its owner was forgotten. An owner that outlives its thread is told, and has
 * to use another one from then on.
 */
export function freeWithThread<T extends object>(holding: Holding, owner: T, tell: (owner: T) => void): void {
  if (holding.at < 0) return;
  const weak = new WeakRef(owner);
  ours.set(holding, () => {
    const left = weak.deref();
    if (left !== undefined) tell(left);
  });
  forgotten.register(owner, holding);
}

/** The thread has ended, and its worker goes on. */
export function freeHoldings(): void {
  if (ours.size > 0) freeAllHoldings();
}

function freeAllHoldings(): void {
  for (const [holding, tell] of ours) {
    if (!isNothing(holding.counts)) continue;
    freeHolding(holding);
    tell();
  }
  ours.clear();
}

/** Nothing is held through it any more. */
export function freeHolding(holding: Holding): void {
  if (!isKnown(holding)) return;
  holding.counts[0] = 0;
  holding.counts[1] = 0;
  Atomics.store(allEntries(), entryWords * holding.at + entry.owner, 0);
}

function isNothing(counts: Int32Array): boolean {
  return counts[0] === 0 && counts[1] === 0;
}

/** Whether an entry is still the one that was lent. */
export function isKnown({ at, serial }: Lease): boolean {
  return at >= 0 && allEntries()[entryWords * at + entry.serial] === serial;
}

/** It goes away in a message: nobody has it until somebody takes the message. */
export function sendInMessage({ at }: Lease): void {
  if (at >= 0) Atomics.store(allEntries(), entryWords * at + entry.owner, inMessage);
}

/** It goes away in a thread's result: it is the parent's from now on. */
export function sendToParent({ at }: Lease): void {
  const { places, mine } = ledger();
  const parent = Atomics.load(places, placeWords * mine + place.parent) - 1;
  const thread = Math.max(0, Atomics.load(places, placeWords * Math.max(0, parent) + place.thread) - 1);
  if (at < 0) return;
  const entries = allEntries();
  entries[entryWords * at + entry.from] = currentId();
  Atomics.store(entries, entryWords * at + entry.owner, thread + 1);
}

/** The result of a thread could not be read here: what was in it is anybody's to give back. */
export function disown(thread: number): void {
  const entries = allEntries();
  const { head: words } = ledger();
  const owner = currentId() + 1;
  const most = Math.min(Atomics.load(words, head.entries), entries.length / entryWords);
  const nobodys = nextId() + 1;
  for (let index = 0; index < entryWords * most; index += entryWords) {
    if (entries[index + entry.from] !== thread) continue;
    Atomics.compareExchange(entries, index + entry.owner, owner, nobodys);
  }
  Atomics.add(words, head.deaths, 1);
  Atomics.notify(words, head.deaths);
}

/** It has not gone away. */
export function keepHere({ at }: Lease): void {
  if (at < 0) return;
  const entries = allEntries();
  entries[entryWords * at + entry.from] = 0;
  Atomics.store(entries, entryWords * at + entry.owner, currentId() + 1);
}

/** Whether it went away in a message that nobody has taken. */
export function isInMessage(lease: Lease): boolean {
  return isKnown(lease) && Atomics.load(allEntries(), entryWords * lease.at + entry.owner) === inMessage;
}
