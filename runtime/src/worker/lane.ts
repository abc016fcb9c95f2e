import { Decoder, Encoder } from "../mpsc/codec.js";

/**
 * Small messages from one thread to another, in order, through memory that they share. To post one through a port costs
 * several times as much, most of it for waking the other side: here it is woken once, when it has nothing left to read.
 *
 * One thread writes and one reads. Positions count words for ever and wrap at 2^32; a record is in one piece.
 */
export interface Lane {
  readonly words: Int32Array;
  readonly data: Int32Array;
}

const word = {
  /** Where the writer goes on. */
  tail: 0,
  /** What the reader is doing; see `reader`. */
  reader: 1,
  /** Where the reader goes on; in a cache line of its own. */
  head: 16,
} as const;

const headerWords = 32;
/** A power of two. */
const capacity = 2048;

/** Bytes of a lane. */
export const laneSize = 4 * (headerWords + capacity);

/** The lane in a piece of shared memory that is 0 at first. */
export function openLane(memory: ArrayBufferLike, at: number): Lane {
  return {
    words: new Int32Array(memory, at, headerWords),
    data: new Int32Array(memory, at + 4 * headerWords, capacity),
  };
}

/** What goes through a lane: three numbers, and often a value. */
export interface Note {
  readonly run: number;
  readonly id: number;
  readonly code: number;
  readonly value: unknown;
}

/** The words of a record before its value: its length and whether a value follows, and the three numbers. */
const fixed = 4;
const withValue = 1 << 16;
/** What fills the end up, since a record is in one piece. */
const filler = 1 << 17;
const lengthMask = withValue - 1;

/** The most bytes that a record takes. */
const maxBytes = 1024;

let encoder: Encoder | undefined;
let decoder: Decoder | undefined;

/**
 * Makes a value ready to be written. Only primitive values go this way, and arrays of them that this library has made: of
 * an object it is not plain to see whether structured clone would carry it, as with a proxy.
 *
 * @returns how many words a record with it has, or -1 where it is too large or made of something else.
 */
export function encode(value: unknown): number {
  if (value === undefined) return fixed;
  encoder ??= new Encoder(maxBytes);
  const end = encoder.encode(value, 4 * fixed);
  return end < 0 || end > maxBytes ? -1 : (end + 3) >> 2;
}

/** Writes a record with the value that was encoded last. @returns false where there is no room. */
export function write(lane: Lane, run: number, id: number, code: number, length: number): boolean {
  const at = reserve(lane, length);
  if (at < 0) return false;
  const { data } = lane;
  data[at] = length === fixed ? length : length | withValue;
  data[at + 1] = run;
  data[at + 2] = id;
  data[at + 3] = code;
  if (encoder !== undefined) for (let i = fixed; i < length; i++) data[at + i] = encoder.words[i] ?? 0;
  Atomics.store(lane.words, word.tail, ((lane.words[word.tail] ?? 0) + length) | 0);
  return true;
}

/** Where a record of `length` words goes, or -1 where there is no room. */
function reserve({ words, data }: Lane, length: number): number {
  const tail = words[word.tail] ?? 0;
  const free = capacity - ((tail - Atomics.load(words, word.head)) | 0);
  const at = tail & (capacity - 1);
  const rest = capacity - at;
  if (length <= rest) return length <= free ? at : -1;
  if (rest + length > free) return -1;
  data[at] = rest | filler;
  Atomics.store(words, word.tail, (tail + rest) | 0);
  return 0;
}

/** Takes the next record; nothing where there is none. */
export function read({ words, data }: Lane): Note | undefined {
  for (;;) {
    const head = words[word.head] ?? 0;
    if (Atomics.load(words, word.tail) === head) return undefined;
    const at = head & (capacity - 1);
    const first = data[at] ?? 0;
    const length = first & lengthMask;
    const note = (first & filler) === 0 ? noteAt(data, at, first) : undefined;
    Atomics.store(words, word.head, (head + length) | 0);
    if (note !== undefined) return note;
  }
}

function noteAt(data: Int32Array, at: number, first: number): Note {
  let value: unknown;
  if ((first & withValue) !== 0) {
    decoder ??= new Decoder(maxBytes);
    const { words } = decoder;
    const length = first & lengthMask;
    for (let i = fixed; i < length; i++) words[i] = data[at + i] ?? 0;
    value = decoder.decode(4 * fixed);
  }
  return { run: data[at + 1] ?? 0, id: data[at + 2] ?? 0, code: data[at + 3] ?? 0, value };
}

/** What a reader is doing, as its word says it. */
const reader = {
  /** It has to be woken through the port. */
  asleep: 0,
  /** It looks again before it sleeps. */
  awake: 1,
  /** It sleeps on the word itself, and not for long. */
  dozing: 2,
  /** It goes to the port, or is there, and does not doze before. */
  called: 3,
} as const;

/** Milliseconds. Longer than a writer that is busy takes to come round; no event of the reader waits for longer. */
const doze = 0.1;

/** By the writer, after it has written. @returns what the reader was doing: one that sleeps has to be woken now. */
export function alert({ words }: Lane): "awake" | "dozing" | "asleep" {
  const found = Atomics.load(words, word.reader);
  if (found === reader.awake) return "awake";
  if (found === reader.dozing) return "dozing";
  if (found === reader.called) return "asleep"; // It may have been to the port before it was called.
  return Atomics.compareExchange(words, word.reader, reader.asleep, reader.awake) === reader.asleep
    ? "asleep"
    : "awake";
}

/** By the writer: wakes a reader that dozes. If it slept by now, it would have seen what was written. */
export function rouse({ words }: Lane): void {
  if (Atomics.compareExchange(words, word.reader, reader.dozing, reader.awake) !== reader.dozing) return;
  Atomics.notify(words, word.reader);
}

/** By the writer, after it has posted something: one that dozes hears nothing of the port. */
export function callToPort({ words }: Lane): void {
  const found = Atomics.exchange(words, word.reader, reader.called);
  if (found === reader.dozing) Atomics.notify(words, word.reader);
}

/** By the reader: it is awake, and looks again before it sleeps. */
export function stayAwake({ words }: Lane): void {
  Atomics.compareExchange(words, word.reader, reader.asleep, reader.awake);
}

/** By a reader that is awake: looks for what may come at once. @returns whether it came, here or to the port. */
export function keepLooking({ words }: Lane, ms: number): boolean {
  const until = performance.now() + ms;
  do {
    for (let i = 0; i < 100; i++) if (Atomics.load(words, word.tail) !== words[word.head]) return true;
    if (Atomics.load(words, word.reader) !== reader.awake) return true;
  } while (performance.now() < until);
  return false;
}

/** By the reader: waits for a moment, unless it is called to the port. */
export function takeNap({ words }: Lane): void {
  if (Atomics.compareExchange(words, word.reader, reader.awake, reader.dozing) !== reader.awake) return;
  if (Atomics.load(words, word.tail) === words[word.head]) Atomics.wait(words, word.reader, reader.dozing, doze);
  Atomics.compareExchange(words, word.reader, reader.dozing, reader.awake);
}

/** By the reader, before it looks for the last time: from now on it has to be woken. */
export function goToSleep({ words }: Lane): void {
  Atomics.store(words, word.reader, reader.asleep);
}
