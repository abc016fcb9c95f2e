import { copyOnly, unpackNow } from "../transport/encode.js";
import { isThread } from "../worker/ending.js";
import { deserialize, serialize } from "../worker/node.js";
import type { Noted } from "./heldLocks.js";

/**
 * The words of every cell, as indices into its Int32Array. Word 0 is the lock's, as are those from 5 on. What a lock around
 * a number is used with is in the first 16 bytes, which are always in one cache line: two threads that contend for the
 * lock pass one line to each other, not two.
 */
const kindAt = 1;
const lengthAt = 4;

/** The most a value may take in shared memory, in bytes. The address space is reserved, the memory is not. */
const maxValue = 256 * 1024 * 1024;

/** The shared memory of a lock: its words and its value. */
export interface Cell extends Noted {
  readonly words: Int32Array;
  /** The number, where the value is one. */
  readonly number: Float64Array;
  /** The bytes, where the value is more than a number; grows. */
  readonly bytes: SharedArrayBuffer;
  /** The memory the lock guards, where its value is a typed array over shared memory. */
  readonly memory: ArrayBufferView | undefined;
}

/** What of a cell is sent to another thread. */
export interface CellImage {
  readonly words: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
  readonly memory: ArrayBufferView | undefined;
}

const numberKind = 4;
const kind = { undefined: 0, null: 1, false: 2, true: 3, number: numberKind, clone: 5, parcel: 6, memory: 7 } as const;
const wordBytes = 64;
const numberAt = 8;

/** A cell that holds `value`. @throws NotSendError where the value cannot be shared. */
export function newCell(value: unknown): Cell {
  const memory = isSharedView(value) ? value : undefined;
  const cell = openCell({
    words: new SharedArrayBuffer(wordBytes),
    bytes: new SharedArrayBuffer(0, { maxByteLength: memory === undefined ? maxValue : 0 }),
    memory,
  });
  write(cell, value);
  return cell;
}

/** The cell an image stands for. */
export function openCell(image: CellImage): Cell {
  return {
    words: new Int32Array(image.words),
    number: new Float64Array(image.words, numberAt, 1),
    bytes: image.bytes,
    memory: image.memory,
    noted: !isThread,
  };
}

/** What to send of a cell. */
export function imageOf(cell: Cell): CellImage {
  const words = cell.words.buffer;
  if (!(words instanceof SharedArrayBuffer)) throw new TypeError("expected shared memory");
  return { words, bytes: cell.bytes, memory: cell.memory };
}

/** Whether the value is a number, which is in `cell.number`. Only while the lock is held. */
export function isNumber(cell: Cell): boolean {
  return cell.words[kindAt] === numberKind;
}

/** The value: a copy of it, or the guarded memory itself. Only while the lock is held. */
export function read(cell: Cell): unknown {
  switch (cell.words[kindAt]) {
    case kind.null:
      return null;
    case kind.false:
      return false;
    case kind.true:
      return true;
    case kind.number:
      return cell.number[0];
    case kind.clone:
      return deserialize(bytesOf(cell));
    case kind.parcel:
      return unpackNow(deserialize(bytesOf(cell)));
    case kind.memory:
      return cell.memory;
    default:
      return undefined;
  }
}

/** Puts a value in. Only while the lock is held. @throws NotSendError, RangeError; the old value stays then. */
export function write(cell: Cell, value: unknown): void {
  if (cell.memory !== undefined) {
    if (value !== cell.memory)
      throw new TypeError("this lock guards memory: write into guard.value, do not replace it");
    cell.words[kindAt] = kind.memory;
  } else if (typeof value === "number") {
    cell.number[0] = value;
    cell.words[kindAt] = kind.number;
  } else if (value === undefined || value === null || typeof value === "boolean") {
    cell.words[kindAt] = kind[`${value}`];
  } else {
    const parcel = copyOnly(value);
    const plain = parcel.stands === undefined;
    store(cell, serialize(plain ? value : parcel));
    cell.words[kindAt] = plain ? kind.clone : kind.parcel;
  }
}

function store(cell: Cell, bytes: Uint8Array): void {
  if (bytes.length > maxValue) {
    throw new RangeError(`a value of ${bytes.length} bytes does not fit a lock; the most is ${maxValue}`);
  }
  if (bytes.length > cell.bytes.byteLength) cell.bytes.grow(roomFor(bytes.length));
  new Uint8Array(cell.bytes).set(bytes);
  cell.words[lengthAt] = bytes.length;
}

/** Doubles, so that a value that grows step by step does not grow the memory each time. */
function roomFor(length: number): number {
  return Math.min(maxValue, Math.max(64, 2 ** Math.ceil(Math.log2(length))));
}

/** A private copy: what is deserialized must not change while it is read. */
function bytesOf(cell: Cell): Uint8Array {
  return new Uint8Array(cell.bytes, 0, cell.words[lengthAt]).slice();
}

function isSharedView(value: unknown): value is ArrayBufferView {
  return ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer;
}
