import { isStillBusy } from "./globals.js";
import { collectGarbage } from "./node.js";

// A closure may await what nothing can settle any more: a promise whose `resolve` nobody has, an event of what nobody can
// reach. V8 knows: all that waits for such a promise is garbage. So where a thread has waited for long, and its event loop
// has nothing to do, garbage is collected; if the promise of the closure's end was garbage, it never settles. An empty event
// loop alone would not prove that: another thread may notify `Atomics.waitAsync`. Nothing is said of a promise that somebody
// could still settle, even where nobody will.

/** Milliseconds from one look to the next, at first; then each comes after twice the time. */
const patience = 1000;

/** What the thread waits for. It is held weakly from the first look on, and not before: a WeakRef costs more than most closures. */
interface Waiting {
  promise: object | undefined;
  weak: WeakRef<object> | undefined;
}

let waiting: Waiting | undefined;
let timer: NodeJS.Timeout | undefined;
let delay = patience;
let tell = (): void => {};

/** Has `told` called when nothing can settle any more what is watched over then. */
export function whenUnsettled(told: () => void): void {
  tell = told;
}

/** From now on the thread waits for a promise, which nobody else may hold. */
export function watchOver(promise: object): void {
  waiting = { promise, weak: undefined };
  if (timer === undefined || delay > patience) lookAfter(patience);
}

/** It has settled. */
export function watchNoMore(): void {
  waiting = undefined;
}

function lookAfter(ms: number): void {
  clearTimeout(timer);
  delay = ms;
  timer = setTimeout(look, ms).unref();
}

function look(): void {
  timer = undefined;
  const now = waiting;
  if (now === undefined) return;
  if (now.promise !== undefined) {
    now.weak = new WeakRef(now.promise);
    now.promise = undefined;
    lookAfter(patience);
    return;
  }
  lookAfter(2 * delay);
  if (isStillBusy()) return;
  collectGarbage(() => {
    if (waiting === now && now.weak?.deref() === undefined) tell();
  });
}
