import { currentId } from "../thread/self.js";
import { workerData } from "./node.js";
import { isBoot } from "./protocol.js";

/**
 * Memory of the whole process that says who is alive, and what each thread holds that others can only tell by counting:
 * permits, read guards, owners of an `Arc`, ends of channels. A thread that is killed can say nothing more, and whoever
 * started it may be gone as well; so whoever is left finds here what it held, and gives it back.
 */
const head = {
  /** The last id of a thread, or of anything else that needs one of its own. */
  ids: 0,
  /** Changes whenever threads were killed. What is looked after is looked after again then. */
  deaths: 1,
  /** Above the last place that was ever taken. */
  places: 2,
  /** Above the last entry that was ever made. */
  entries: 3,
} as const;
const headWords = 16;

/** A worker's place: who runs in it, plus 1, and the place of the worker that started it, plus 1. Place 0 is the root's. */
const place = { thread: 0, parent: 1 } as const;
const placeWords = 2;
const maxPlaces = 4096;
/** Of a place where no thread runs: it has not started, or is dead. */
const nobody = -1;

/**
 * An entry: what one thread holds of one object. Its owner is a thread's id plus 1, 0 for none. In a thread's result it is
 * the parent's already, and the id of that thread stands beside it until the parent takes it.
 */
const entry = { owner: 0, object: 1, serial: 2, counts: 3, from: 5 } as const;
const entryWords = 6;
const maxEntries = 1 << 20;
const firstEntries = 512;
/** The owner of what is in a message: whoever takes the message. */
const inMessage = -1;

const placesAt = headWords;
const entriesAt = placesAt + placeWords * maxPlaces;

function bytesFor(entries: number): number {
  return 4 * (entriesAt + entryWords * entries);
}

interface Ledger {
  readonly memory: SharedArrayBuffer;
  readonly head: Int32Array;
  readonly places: Int32Array;
  entries: Int32Array;
  /** The place of the worker that this is. */
  readonly mine: number;
}

let opened: Ledger | undefined;

/** Made when it is asked for: a browser may have no shared memory to import this library with. */
function ledger(): Ledger {
  opened ??= isBoot(workerData) ? open(workerData.ledger, workerData.place) : open(newMemory(), 0);
  return opened;
}

function newMemory(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(bytesFor(firstEntries), { maxByteLength: bytesFor(maxEntries) });
  const words = new Int32Array(memory, 0, placesAt + placeWords);
  words[head.places] = 1;
  words[placesAt + place.thread] = 1;
  return memory;
}

function open(memory: SharedArrayBuffer, mine: number): Ledger {
  return {
    memory,
    head: new Int32Array(memory, 0, headWords),
    places: new Int32Array(memory, 4 * placesAt, placeWords * maxPlaces),
    entries: new Int32Array(memory, 4 * entriesAt, entryWords * firstEntries),
    mine,
  };
}

/** What a worker is given of it. */
export function ledgerMemory(): SharedArrayBuffer {
  return ledger().memory;
}

/** An id that nothing else in the process has. */
export function nextId(): number {
  return Atomics.add(ledger().head, head.ids, 1) + 1;
}

/** A place for a worker that this thread is about to start. @throws RangeError where there are too many workers. */
export function enrol(): number {
  const { head: words, places, mine } = ledger();
  for (let at = 1; at < maxPlaces; at++) {
    if (Atomics.compareExchange(places, placeWords * at + place.thread, 0, nobody) !== 0) continue;
    Atomics.store(places, placeWords * at + place.parent, mine + 1);
    for (let most = Atomics.load(words, head.places); most <= at; most = Atomics.load(words, head.places)) {
      Atomics.compareExchange(words, head.places, most, at + 1);
    }
    return at;
  }
  throw new RangeError(`a process has at most ${maxPlaces - 1} workers`);
}

/** From now on this thread runs in the worker that has the place: in this one. */
export function standAs(thread: number, at: number = ledger().mine): void {
  Atomics.store(ledger().places, placeWords * at + place.thread, thread + 1);
}

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

/** The place of a worker, and those of the workers that were started in it. */
export function familyOf(root: number): readonly number[] {
  const { head: words, places } = ledger();
  const family = new Set([root]);
  for (let known = 0; known !== family.size; ) {
    known = family.size;
    for (let at = 1; at < Atomics.load(words, head.places); at++) {
      if (family.has(Atomics.load(places, placeWords * at + place.parent) - 1)) family.add(at);
    }
  }
  return [...family];
}

/** Whether a living thread has an id of which this is true. */
export function isAnyAlive(is: (thread: number) => boolean): boolean {
  if (is(0) || is(currentId())) return true;
  const { head: words, places } = ledger();
  const most = Atomics.load(words, head.places);
  for (let at = 1; at < most; at++) {
    const thread = Atomics.load(places, placeWords * at + place.thread);
    if (thread > 0 && is(thread - 1)) return true;
  }
  return false;
}

/** Whether a thread that was alive still is. */
export function isAlive(thread: number): boolean {
  return isAnyAlive((living) => living === thread);
}

/** How many times threads were killed. */
export function deaths(): number {
  return opened === undefined ? 0 : (opened.head[head.deaths] ?? 0);
}

/** Resolves when threads were killed, after `seen` times. Does not keep the process alive. */
export async function nextDeath(seen: number): Promise<void> {
  const waiting = Atomics.waitAsync(ledger().head, head.deaths, seen);
  if (waiting.async) await waiting.value;
}

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
function isKnown({ at, serial }: Lease): boolean {
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

let hint = 0;
/** How many entries are looked at for a free one before a further one is made. */
const probes = 32;

/** An entry for this thread; -1 where there is none left. */
function takeEntry(): number {
  const { head: words } = ledger();
  const self = currentId() + 1;
  const most = Atomics.load(words, head.entries);
  const isFull = most >= maxEntries;
  for (let probe = 0; probe < (isFull ? most : Math.min(probes, most)); probe++) {
    hint = hint + 1 < most ? hint + 1 : 0;
    if (Atomics.compareExchange(allEntries(), entryWords * hint + entry.owner, 0, self) === 0) return hint;
  }
  if (isFull) return -1;
  const at = Atomics.add(words, head.entries, 1);
  if (at >= maxEntries) return -1;
  growFor(at);
  // Another one may have found it already.
  return Atomics.compareExchange(allEntries(), entryWords * at + entry.owner, 0, self) === 0 ? at : takeEntry();
}

function growFor(at: number): void {
  const { memory } = ledger();
  let room = firstEntries;
  while (room <= at) room *= 2;
  if (memory.byteLength >= bytesFor(room)) return;
  try {
    memory.grow(bytesFor(room));
  } catch (error) {
    if (memory.byteLength < bytesFor(room)) throw error; // Otherwise another thread has made more room meanwhile.
  }
}

/** The entries that there are by now. */
function allEntries(): Int32Array {
  const known = ledger();
  const length = known.memory.byteLength / 4 - entriesAt;
  if (known.entries.length !== length) known.entries = new Int32Array(known.memory, 4 * entriesAt, length);
  return known.entries;
}
