import { currentId } from "../thread/self.js";
import { boot } from "./boot.js";

/**
 * Memory of the whole process that says who is alive, and what each thread holds that others can only tell by counting:
 * permits, read guards, owners of an `Arc`, ends of channels. A thread that is killed can say nothing more, and whoever
 * started it may be gone as well; so whoever is left finds here what it held, and gives it back.
 */
export const head = {
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
export const place = { thread: 0, parent: 1 } as const;
export const placeWords = 2;
export const maxPlaces = 4096;
/** Of a place where no thread runs: it has not started, or is dead. */
export const nobody = -1;

/**
 * An entry: what one thread holds of one object. Its owner is a thread's id plus 1, 0 for none. In a thread's result it is
 * the parent's already, and the id of that thread stands beside it until the parent takes it.
 */
export const entry = { owner: 0, object: 1, serial: 2, counts: 3, from: 5 } as const;
export const entryWords = 6;
const maxEntries = 1 << 20;
const firstEntries = 512;

const placesAt = headWords;
export const entriesAt = placesAt + placeWords * maxPlaces;

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
export function ledger(): Ledger {
  opened ??= boot === undefined ? open(newMemory(), 0) : open(boot.ledger, boot.place);
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

/** How many times threads were killed. */
export function deaths(): number {
  return opened === undefined ? 0 : (opened.head[head.deaths] ?? 0);
}

let hint = 0;
/** How many entries are looked at for a free one before a further one is made. */
const probes = 32;

/** An entry for this thread; -1 where there is none left. */
export function takeEntry(): number {
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
export function allEntries(): Int32Array {
  const known = ledger();
  const length = known.memory.byteLength / 4 - entriesAt;
  if (known.entries.length !== length) known.entries = new Int32Array(known.memory, 4 * entriesAt, length);
  return known.entries;
}
