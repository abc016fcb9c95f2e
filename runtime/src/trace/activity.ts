import { currentId } from "../thread/self.js";
import { outerSite } from "../worker/stack.js";
import { whileBlocked } from "../worker/vigil.js";
import { type ActivityEvent, now, traceActivity, traceLevel, type WaitedFor } from "./trace.js";

/** A wait that is over sooner, in milliseconds, is not told of. */
const shortest = 1;

type WaitFacts = Omit<Extract<ActivityEvent, { readonly type: "waiting" }>, "type">;

/** The waits of this thread that have not been told of yet. */
const untold = new Set<() => void>();

let waits = 0;
let watches = false;

/**
 * Says that this thread begins to wait. It is told when the wait has lasted for a millisecond, so that whoever waits for
 * ever is seen, and locks that are only hard-fought cost nothing.
 *
 * @param of The thread that it waits for, where there is one.
 * @returns what is called when the wait is over, once or more often; nothing where nobody listens.
 */
export function beginWait(what: WaitedFor, of?: () => number | undefined): (() => void) | undefined {
  if (traceLevel() !== "activity") return undefined;
  watchBlocking();
  const facts: WaitFacts = { id: currentId(), wait: ++waits, what, of: of?.(), at: outerSite(), time: now() };
  const tell = (): void => {
    if (untold.delete(tell)) traceActivity(() => ({ type: "waiting", ...facts }));
  };
  untold.add(tell);
  const timer = setTimeout(tell, shortest);
  timer.unref?.();
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    if (now() - facts.time >= shortest) tell();
    if (untold.delete(tell)) return;
    traceActivity(() => ({ type: "resumed", id: facts.id, wait: facts.wait, time: now() }));
  };
}

/** A thread that blocks rings no timer. */
function watchBlocking(): void {
  if (watches) return;
  watches = true;
  whileBlocked(() => {
    for (const tell of untold) tell();
  });
}
