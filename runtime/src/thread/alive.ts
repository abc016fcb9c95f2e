import { now, type ThreadEvent, trace } from "../trace/trace.js";
import { process } from "../worker/node.js";

/** Threads of this thread's own threads that have not ended, while somebody listens. */
const passedOn = new Map<number, ThreadEvent>();
let reportOwn: (() => void) | undefined;

/** A thread has started: when the process exits, `report` tells which of this thread's own are still there, and killed. */
export function watchExit(report: () => void): void {
  if (reportOwn !== undefined) return;
  reportOwn = report;
  process.prependListener("exit", reportKilled); // Before those who print what was told.
}

/** An event of a thread's own threads, which are killed with the process too. */
export function passOn(event: ThreadEvent): void {
  if (event.type === "started") passedOn.set(event.id, event);
  if (event.type === "finished" || event.type === "panicked" || event.type === "killed") passedOn.delete(event.id);
  trace(() => event);
}

function reportKilled(): void {
  reportOwn?.();
  for (const event of passedOn.values()) trace(() => ({ ...event, type: "killed", time: now() }));
}
