/**
 * The queue of a channel in shared memory: records of 32-bit words in a ring, put in under one lock and taken out under
 * another, so that a sender and a receiver never wait for each other. Nothing here but steps on that memory.
 *
 * Positions count words for ever and wrap at 2^32; a record has an even number of words, so that the lowest bit of a
 * position is free to say that nobody sends, or nobody receives, any more.
 */

import { mayBlock } from "../worker/node.js";
import { isAlive } from "../worker/places.js";
import { block } from "../worker/vigil.js";

/** The words of a channel, as indices; each group has a cache line of its own. */
export const word = {
  /** Who puts a record in: 0, or the owner's number. */
  sendLock: 0,
  /** The position behind the last record; bit 0 is set when the last sender is gone. What receivers wait on. */
  tail: 1,
  /** Of a channel with a bound: how many messages were put in, or have their room taken. */
  sent: 2,
  /** A head that was seen: there is at least the room that it leaves. */
  headSeen: 3,
  takeLock: 16,
  /** The position of the first record; bit 0 is set when the last receiver is gone. What senders wait on for room. */
  head: 17,
  /** Of a channel with a bound: how many messages were taken out. */
  taken: 18,
  /** How many words the ring has: a power of two. */
  capacity: 32,
  /** How many messages may be on their way; `unbounded` where there is no limit. */
  bound: 33,
  /** How many senders there are, in all threads. */
  senders: 34,
  /** How many receivers there are, in all threads. */
  receivers: 35,
  /** Changes whenever an end comes or goes: there is something new in the links. */
  epoch: 36,
  /** The last number that an end was given. */
  ends: 37,
  /** Changes when the last receiver is gone. */
  ended: 38,
  /** Which object it is, in the ledger of what threads hold. */
  object: 39,
  /** After how many deaths of threads it was looked after. */
  settled: 40,
  /** How many wait to receive. */
  waiting: 48,
  /** How many wait for room. */
  waitingForRoom: 49,
} as const;

/** The bound of a channel that has none. */
export const unbounded = -1;

const headerBytes = 256;
const firstCapacity = 512;
/** Address space, not memory: what a channel with a bound may grow to. */
const maxBytes = headerBytes + 256 * 1024 * 1024;

/** One thread's view of the ring. */
export interface Ring {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  data: Int32Array;
}

/** A new, empty ring, for one sender and one receiver. */
export function newRing(bound: number): Ring {
  const memory = new SharedArrayBuffer(headerBytes + firstCapacity * 4, { maxByteLength: maxBytes });
  const words = new Int32Array(memory, 0, headerBytes / 4);
  words[word.capacity] = firstCapacity;
  words[word.bound] = bound;
  words[word.senders] = 1;
  words[word.receivers] = 1;
  return openRing(memory);
}

/** The ring in a piece of memory. */
export function openRing(memory: SharedArrayBuffer): Ring {
  const words = new Int32Array(memory, 0, headerBytes / 4);
  return { memory, words, data: viewOf(memory, words[word.capacity] ?? 0) };
}

function viewOf(memory: SharedArrayBuffer, capacity: number): Int32Array {
  return new Int32Array(memory, headerBytes, capacity);
}

/** The records, wherever the ring has grown to. Only under one of the locks. */
export function dataOf(ring: Ring): Int32Array {
  const capacity = ring.words[word.capacity] ?? 0;
  if (ring.data.length !== capacity) ring.data = viewOf(ring.memory, capacity);
  return ring.data;
}

/** The position that a word says, without the bit that says that nobody is there. */
export function positionIn(seen: number): number {
  return seen & ~1;
}

/** How many words lie between two positions. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** What a record begins with: what it is, and how many words it has. */
export function header(kind: number, length: number): number {
  return kind | (length << 8);
}

export function kindOf(first: number): number {
  return first & 0xff;
}

export function lengthOf(first: number): number {
  return first >>> 8;
}

/** The kind of what fills the end of the ring up, since a record is in one piece. */
export const filler = 0;

/** No limit to how many words a ring may hold but its own. */
export const noLimit = 0x7fffffff;

/**
 * Makes room for a record of `length` words, growing the ring where it must. Only under the lock for sending.
 *
 * @returns where the record goes in `data`, or -1 where the ring may hold no more than `limit` words.
 */
export function reserve(ring: Ring, length: number, limit: number, owner: number): number {
  const at = placeFor(ring, length, limit);
  return at >= 0 ? at : makeRoom(ring, length, limit, owner);
}

/** Where a record of `length` words goes, where it is plain that there is room; otherwise -1. Only for who sends alone, or has the lock. */
export function placeFor(ring: Ring, length: number, limit: number): number {
  const { words, data } = ring;
  const capacity = data.length;
  const tail = positionIn(words[word.tail] ?? 0);
  const at = tail & (capacity - 1);
  const used = distance(words[word.headSeen] ?? 0, tail) + length;
  const fits = at + length <= capacity && used <= capacity && used <= limit && capacity === words[word.capacity];
  return fits ? at : -1;
}

function makeRoom(ring: Ring, length: number, limit: number, owner: number): number {
  const { words } = ring;
  for (;;) {
    words[word.headSeen] = positionIn(Atomics.load(words, word.head));
    const data = dataOf(ring);
    const capacity = data.length;
    const tail = positionIn(words[word.tail] ?? 0);
    const at = tail & (capacity - 1);
    const rest = capacity - at;
    const used = distance(words[word.headSeen] ?? 0, tail);
    if (used + length > limit) return -1;
    if (used + length + (rest < length ? rest : 0) > capacity) {
      grow(ring, owner);
    } else if (rest < length) {
      data[at] = header(filler, rest);
      Atomics.store(words, word.tail, (tail + rest) | 0);
    } else {
      return at;
    }
  }
}

/** Lets receivers see the record of `length` words that was written where `reserve` said. */
export function publish({ words }: Ring, length: number): void {
  Atomics.store(words, word.tail, ((words[word.tail] ?? 0) + length) | 0);
}

/**
 * Doubles the ring. A record keeps its position; its place changes only from the old half to the new one, which nobody
 * looks at before the new capacity is there: a thread that is killed in between has done no harm.
 */
function grow(ring: Ring, owner: number): void {
  const { words, memory, data: old } = ring;
  const capacity = old.length * 2;
  const bytes = headerBytes + capacity * 4;
  if (bytes > maxBytes) throw new RangeError(`a channel holds at most ${maxBytes} bytes of messages`);
  lock(words, word.takeLock, owner);
  try {
    if (memory.byteLength < bytes) memory.grow(bytes);
    const data = viewOf(memory, capacity);
    const tail = positionIn(words[word.tail] ?? 0);
    for (let from = positionIn(words[word.head] ?? 0); from !== tail; ) {
      const place = from & (old.length - 1);
      const length = Math.min(distance(from, tail), old.length - place);
      if ((from & (capacity - 1)) !== place) data.copyWithin(place + old.length, place, place + length);
      from = (from + length) | 0;
    }
    Atomics.store(words, word.capacity, capacity);
    ring.data = data;
  } finally {
    unlock(words, word.takeLock);
  }
}

/** How often a lock that is taken is looked at again before sleeping: it is only ever held for a moment. */
const spins = 200;
/** Milliseconds to sleep when whoever holds a lock seems to have been interrupted. */
const nap = 0.2;

/** After so many tries it is asked whether whoever holds the lock is alive. */
const longForDead = 100 * spins;

/** Takes one of the two locks. `owner` is not 0, and says whose lock it is should the thread be killed. */
export function lock(words: Int32Array, index: number, owner: number): void {
  if (Atomics.compareExchange(words, index, 0, owner) !== 0) waitForLock(words, index, owner);
}

function waitForLock(words: Int32Array, index: number, owner: number): void {
  for (let tries = 1; Atomics.compareExchange(words, index, 0, owner) !== 0; tries++) {
    if (tries % spins !== 0) continue;
    const holder = Atomics.load(words, index);
    if (holder !== 0 && tries % longForDead === 0 && !isAlive(holder - 1)) unlockFor(words, index, holder);
    // The main thread of a browser may not sleep, and goes on looking.
    if (holder !== 0 && mayBlock) block(words, index, holder, nap);
  }
}

export function unlock(words: Int32Array, index: number): void {
  Atomics.store(words, index, 0);
}

/** In place of a thread that was killed: gives back a lock that it held, and wakes who waits for it. */
export function unlockFor(words: Int32Array, index: number, owner: number): void {
  Atomics.compareExchange(words, index, owner, 0);
  Atomics.notify(words, index);
}

/** Wakes one who waits to receive; whoever takes a message, or leaves without one, wakes the next if there is more. */
export function wakeReceiver(words: Int32Array): void {
  if (Atomics.load(words, word.waiting) > 0) Atomics.notify(words, word.tail, 1);
}

/** Whether there is a record. What it is may turn out to be nothing. */
export function hasMore(words: Int32Array): boolean {
  const head = positionIn(Atomics.load(words, word.head));
  return positionIn(Atomics.load(words, word.tail)) !== head;
}

/** Whoever is woken and does not empty the channel wakes the next one. */
export function passOn(words: Int32Array): void {
  if (Atomics.load(words, word.waiting) > 0 && hasMore(words)) wakeReceiver(words);
}
