import type { Signal } from "../sync/signal.js";
import { currentId } from "../thread/self.js";
import { type Accounts, recall, settle } from "../worker/accounts.js";
import { freeHolding, type Holding, type Lease, leaseOf, newHolding, privateHolding } from "../worker/holdings.js";
import { deaths } from "../worker/ledger.js";
import { isAlive } from "../worker/places.js";
import { passOn, unlockFor, word } from "./ring.js";

/** What a receiver waits on: something new. */
export function newsOf(words: Int32Array): Signal {
  return {
    what: "message",
    words,
    sequence: word.tail,
    waiting: word.waiting,
    lookAfter: () => lookAfter(words),
    passOn: () => passOn(words),
  };
}

/** What a sender waits on: room. */
export function roomOf(words: Int32Array): Signal {
  return { what: "room", words, sequence: word.head, waiting: word.waitingForRoom, lookAfter: () => lookAfter(words) };
}

/** Whether anybody may still receive. It is asked for each message, and the lock that follows is what orders things. */
export function isReceived(words: Int32Array): boolean {
  if (deaths() !== 0 && words[word.settled] !== deaths()) lookAfter(words);
  return (words[word.receivers] ?? 0) > 0;
}

/** Whether something may still come that is not there: asked where nobody waits for it. */
export function isLookedAfter(words: Int32Array): boolean {
  if (deaths() === 0 || words[word.settled] === deaths()) return true;
  lookAfter(words);
  return false;
}

/** One sender less; after the last one, whoever waits is told. */
export function dropSender(words: Int32Array, { counts }: Pick<Holding, "counts">): void {
  if (counts[0] === 0) return; // It was given back already, as it was on its way when nobody was there to take it.
  const before = Atomics.sub(words, word.senders, 1);
  counts[0] = 0; // Nothing is called in between: a thread is killed where a function or a loop begins.
  if (before === 1) endSending(words);
}

/** One receiver less; after the last one, whoever waits for room is told. @returns whether it was the last one. */
export function dropReceiver(words: Int32Array, { counts }: Pick<Holding, "counts">): boolean {
  if (counts[1] === 0) return false;
  const last = Atomics.sub(words, word.receivers, 1) === 1;
  counts[1] = 0; // As above.
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
  Atomics.add(words, word.ended, 1);
  Atomics.notify(words, word.ended);
}

/** In place of threads that were killed: gives back their locks, and says what they may have been about to say. */
export function settleEnds(words: Int32Array): void {
  for (const index of [word.sendLock, word.takeLock]) {
    const owner = Atomics.load(words, index);
    if (owner === 0 || !isAlive(owner - 1)) unlockFor(words, index, owner);
  }
  if (Atomics.load(words, word.senders) === 0) endSending(words);
  if (Atomics.load(words, word.receivers) === 0) endReceiving(words);
  // It may have been woken for a message, and have told nobody that there is more.
  Atomics.notify(words, word.tail);
}

/** What threads hold of a channel: the first count is of senders, the second of receivers. */
function accountsOf(words: Int32Array): Accounts {
  const { object, settled, senders, receivers } = word;
  return { words, object, settled, first: senders, second: receivers, secondCounts: "held" };
}

/** The ends that dead threads had are gone, though nobody was told of their end. */
export function lookAfter(words: Int32Array): void {
  if (settle(accountsOf(words))) settleEnds(words);
}

/** What this thread holds of a channel through an end that was made here. The first thread ends last. */
export function newEndHolding(words: Int32Array): Holding {
  return currentId() === 0 ? privateHolding() : newHolding(words, word.object);
}

/** An end goes to another thread: the count that this thread held goes with it. */
export function lendEnd(words: Int32Array, mine: Holding): Lease {
  const lent = newHolding(words, word.object);
  const [from, to] = [mine.counts, lent.counts];
  to[0] = from[0] ?? 0;
  to[1] = from[1] ?? 0;
  from[0] = 0; // Nothing is called in between: a thread is killed where a function or a loop begins.
  from[1] = 0;
  freeHolding(mine);
  return leaseOf(lent);
}

/** What is to be done in place of a thread that was killed, or did not come to take what it was lent. */
export function abandonEnd(words: Int32Array, lease: Lease): () => void {
  return () => {
    recall(lease, accountsOf(words));
    settle(accountsOf(words));
    settleEnds(words);
  };
}
