import { mournAsync } from "../sync/mourning.js";
import type { Lent } from "../transport/encode.js";
import { isInMessage } from "../worker/holdings.js";
import { whileBlocked } from "../worker/vigil.js";
import { lookAfter } from "./counts.js";
import { openRing, word } from "./ring.js";

/** What this thread has given to the receivers of each channel. */
interface Watched {
  readonly words: Int32Array;
  given: Lent[];
  ended: number;
  /** How many are given before those that were taken are forgotten. */
  most: number;
}

const watched = new Map<SharedArrayBuffer, Watched>();

/**
 * Notes the handles that a message gives away. Nobody else could let go of them when no thread is left to take the
 * message, and whoever waits for the answer would wait for ever.
 */
export function noteGiven(memory: SharedArrayBuffer, given: readonly Lent[]): void {
  if (given.length === 0) return;
  let of = watched.get(memory);
  if (of === undefined) {
    const { words } = openRing(memory);
    of = { words, given: [], ended: Atomics.load(words, word.ended), most: 16 };
    watched.set(memory, of);
    void watch(memory, of);
  }
  if (of.given.length >= of.most) {
    of.given = of.given.filter(isOut);
    of.most = Math.max(16, 2 * of.given.length);
  }
  of.given.push(...given);
}

function isOut({ leases: [lease] }: Lent): boolean {
  return lease !== undefined && isInMessage(lease);
}

/** Until nobody receives any more and everything was given back. It does not keep the process alive. */
async function watch(memory: SharedArrayBuffer, of: Watched): Promise<void> {
  const leave = mournAsync({ lookAfter: () => lookAfter(of.words) });
  for (;;) {
    const seen = Atomics.load(of.words, word.ended);
    look(of);
    if (of.given.length === 0 && Atomics.load(of.words, word.receivers) === 0) break;
    const change = Atomics.waitAsync(of.words, word.ended, seen);
    if (change.async) await change.value;
  }
  leave();
  watched.delete(memory);
}

/** Lets go of what lies in a channel that nobody receives from. */
function look(of: Watched): void {
  of.given = of.given.filter(isOut);
  of.ended = Atomics.load(of.words, word.ended);
  if (Atomics.load(of.words, word.receivers) === 0) letGo(of);
}

function letGo(of: Watched): void {
  for (const { abandon } of of.given.filter(isOut)) abandon(0);
  of.given = of.given.filter(isOut);
}

/** Lets go of the handles in what this thread has sent through a channel and nobody will take. */
export function letGoOfGiven(memory: SharedArrayBuffer): void {
  const of = watched.get(memory);
  if (of !== undefined) letGo(of);
}

whileBlocked(() => {
  for (const of of watched.values()) if (Atomics.load(of.words, word.ended) !== of.ended) look(of);
});
