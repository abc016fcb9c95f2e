import { type Chunk, skipIn } from "./chunk.js";
import { record } from "./record.js";
import { kindOf, lengthOf, word } from "./ring.js";

/** How many numbers are read at once, at most. */
const most = 256;
/** How many words the record of a whole number has. */
const recordLength = 2;

/**
 * Whole numbers of a channel that were read at once and are taken one by one. Until the last of them was taken, those that
 * were not are in the channel still, so that none is lost when somebody else goes on receiving. Only where there is one
 * receiver: nobody else may take them meanwhile.
 */
export class Ahead {
  /** How many were not taken. */
  count = 0;
  readonly #words: Int32Array;
  readonly #numbers: number[] = [];
  #next = 0;
  /** The chunk they come from; nothing where that is the ring. */
  #chunk: Chunk | undefined;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Reads the numbers between two places, up to the first record that is none. @returns how many. */
  read(data: Int32Array, from: number, to: number, chunk: Chunk | undefined): number {
    const numbers = this.#numbers;
    let count = 0;
    for (let at = from; at < to && count < most; at += recordLength) {
      const first = data[at] ?? 0;
      if (kindOf(first) !== record.int || lengthOf(first) !== recordLength) break;
      numbers[count++] = data[at + 1] ?? 0;
    }
    this.#next = 0;
    this.#chunk = chunk;
    this.count = count;
    return count;
  }

  /** The next of them. */
  take(): number {
    const value = this.#numbers[this.#next++] ?? 0;
    this.count--;
    if (this.count === 0) this.giveBack();
    return value;
  }

  /** From now on those that were not taken are in the channel only. */
  giveBack(): void {
    const taken = this.#next * recordLength;
    this.count = 0;
    this.#next = 0;
    if (taken === 0) return;
    if (this.#chunk !== undefined) skipIn(this.#chunk, taken);
    else Atomics.add(this.#words, word.head, taken);
    this.#chunk = undefined;
  }
}
