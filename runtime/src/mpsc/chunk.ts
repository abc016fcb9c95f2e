import { record } from "./record.js";
import { header } from "./ring.js";

/**
 * A piece of memory of one sender, for when more is on its way than a ring should hold: the ring has one record for it, and
 * receivers take from it while that is the first. It is let go of when it was emptied, as the ring never is.
 */
export interface Chunk {
  readonly memory: SharedArrayBuffer;
  /** Where the sender goes on, and where receivers do; both count the words of `data`. */
  readonly words: Int32Array;
  readonly data: Int32Array;
}

/** The sender's position; its lowest bit is set when receivers have gone on to the next record. */
const tail = 0;
const head = 16;
const headerBytes = 128;

/** A chunk for records of `length` words in all. */
export function newChunk(length: number): Chunk {
  return openChunk(new SharedArrayBuffer(headerBytes + length * 4));
}

export function openChunk(memory: SharedArrayBuffer): Chunk {
  return { memory, words: new Int32Array(memory, 0, headerBytes / 4), data: new Int32Array(memory, headerBytes) };
}

/** Adds a record. @returns false where it has no room, or receivers have gone on. */
export function appendTo({ words, data }: Chunk, source: Source, length: number): boolean {
  const at = Atomics.load(words, tail);
  if ((at & 1) !== 0 || at + length > data.length) return false;
  writeRecord(source, data, at, length);
  return Atomics.compareExchange(words, tail, at, at + length) === at;
}

/** Where the next record is in `data`, or -1 where nothing will be added any more. Only under the lock for receiving. */
export function firstIn({ words }: Chunk): number {
  const at = words[head] ?? 0;
  const end = Atomics.load(words, tail);
  if ((end & ~1) !== at) return at;
  return (end & 1) !== 0 || Atomics.compareExchange(words, tail, end, end | 1) === end ? -1 : at;
}

/** Where the records end that are there by now. Only under the lock for receiving. */
export function endOf({ words }: Chunk): number {
  return Atomics.load(words, tail) & ~1;
}

/** Goes on behind a record of `length` words. Only under the lock for receiving. */
export function skipIn({ words }: Chunk, length: number): void {
  words[head] = (words[head] ?? 0) + length;
}

/** What a record is made of: its words, or the whole number that it is. */
export type Source = Int32Array | number;

export function writeRecord(source: Source, data: Int32Array, at: number, length: number): void {
  if (typeof source !== "number") {
    copyWords(source, 0, data, at, length);
  } else {
    data[at] = header(record.int, length);
    data[at + 1] = source;
  }
}

/** Copies words; of the few that most records have, one by one. */
export function copyWords(from: Int32Array, start: number, to: Int32Array, at: number, length: number): void {
  if (length > 64) {
    to.set(from.subarray(start, start + length), at);
  } else {
    for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
  }
}
