import { now, type ThreadEvent, trace } from "../trace/trace.js";
import { process } from "../worker/node.js";

/** Threads that have not ended: what is killed when the process exits. */
const alive = new Map<number, () => ThreadEvent>();
let watching = false;

/** A thread has started; `killed` makes the event for one that is still there when the process exits. */
export function noteAlive(id: number, killed: () => ThreadEvent): void {
  if (!watching) {
    watching = true;
    process.prependListener("exit", reportKilled); // Before those who print what was told.
  }
  alive.set(id, killed);
}

/** It has ended. */
export function noteEnded(id: number): void {
  alive.delete(id);
}

/** An event of a thread's own threads, which are killed with the process too. */
export function passOn(event: ThreadEvent): void {
  if (event.type === "started") noteAlive(event.id, () => ({ ...event, type: "killed", time: now() }));
  if (event.type === "finished" || event.type === "panicked" || event.type === "killed") noteEnded(event.id);
  trace(() => event);
}

function reportKilled(): void {
  for (const killed of alive.values()) trace(killed);
}
