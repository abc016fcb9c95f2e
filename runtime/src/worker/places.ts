import { currentId } from "../thread/self.js";
import { head, ledger, maxPlaces, nobody, place, placeWords } from "./ledger.js";

// Who is alive: each worker has a place in the ledger, which says what thread runs in it and who started it.

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

/** Resolves when threads were killed, after `seen` times. Does not keep the process alive. */
export async function nextDeath(seen: number): Promise<void> {
  const waiting = Atomics.waitAsync(ledger().head, head.deaths, seen);
  if (waiting.async) await waiting.value;
}
