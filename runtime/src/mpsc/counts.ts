import type { Signal } from "../sync/signal.js";
import { currentSelf } from "../thread/self.js";
import { unlockFor, word } from "./ring.js";

/** What a receiver waits on: something new. */
export function newsOf(words: Int32Array): Signal {
  return { words, sequence: word.tail, waiting: word.waiting };
}

/** What a sender waits on: room. */
export function roomOf(words: Int32Array): Signal {
  return { words, sequence: word.head, waiting: word.waitingForRoom };
}

/** Whether anybody may still receive. It is asked for each message, and the lock that follows is what orders things. */
export function isReceived(words: Int32Array): boolean {
  return (words[word.receivers] ?? 0) > 0;
}

/** One sender less; after the last one, whoever waits is told. */
export function dropSender(words: Int32Array): void {
  if (Atomics.sub(words, word.senders, 1) === 1) endSending(words);
}

/** One receiver less; after the last one, whoever waits for room is told. @returns whether it was the last one. */
export function dropReceiver(words: Int32Array): boolean {
  const last = Atomics.sub(words, word.receivers, 1) === 1;
  if (last) endReceiving(words);
  Atomics.notify(words, word.tail);
  return last;
}

function endSending(words: Int32Array): void {
  Atomics.or(words, word.tail, 1);
  Atomics.notify(words, word.tail);
}

function endReceiving(words: Int32Array): void {
  Atomics.or(words, word.head, 1);
  Atomics.notify(words, word.head);
  Atomics.add(words, word.kills, 1);
  Atomics.notify(words, word.kills);
}

/** In place of a thread that was killed: gives back its locks, and says what it may have been about to say. */
export function settleFor(words: Int32Array, owner: number): void {
  unlockFor(words, owner);
  if (Atomics.load(words, word.senders) === 0) endSending(words);
  if (Atomics.load(words, word.receivers) === 0) endReceiving(words);
  // It may have been woken for a message, and have told nobody that there is more.
  Atomics.notify(words, word.tail);
}

/**
 * What an end that was moved gives back once: the thread that got it says so when it lets go of it, or whoever gave it
 * away does, if that thread was killed.
 */
export type Lease = Int32Array;

/** Word 0 is 1 when it was given back; word 1 is the owner's number of the thread that has it, 0 while it is on its way. */
export function newLease(): Lease {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** The end has arrived in this thread. */
export function takeLease(lease: Lease): Lease {
  Atomics.store(lease, 1, currentSelf().id + 1);
  return lease;
}

/** @returns false where it was given back before. */
export function giveBack(lease: Lease | undefined): boolean {
  return lease === undefined || Atomics.compareExchange(lease, 0, 0, 1) === 0;
}

/** What is to be done in place of a thread that is killed while it holds an end. */
export function abandonEnd(
  words: Int32Array,
  lease: Lease,
  drop: (words: Int32Array) => unknown,
): (thread: number) => void {
  return (thread) => {
    settleFor(words, thread + 1);
    if (giveBack(lease)) drop(words);
    if (drop !== dropReceiver) return;
    Atomics.store(words, word.killed, thread + 1);
    Atomics.add(words, word.kills, 1);
    Atomics.notify(words, word.kills);
  };
}
