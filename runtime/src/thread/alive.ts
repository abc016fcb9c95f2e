import { type ActivityEvent, mapPositions, now, type ThreadEvent, trace, traceActivity } from "../trace/trace.js";
import { process } from "../worker/node.js";
import { toSource } from "../worker/position.js";

/** Threads of this thread's own threads that have not ended, while somebody listens. */
const passedOn = new Map<number, ThreadEvent>();
let reportOwn: (() => void) | undefined;

/** A thread has started: when the process exits, `report` tells which of this thread's own are still there, and killed. */
export function watchExit(report: () => void): void {
  if (reportOwn !== undefined) return;
  reportOwn = report;
  mapPositions(toSource);
  process.prependListener("exit", reportKilled); // Before those who print what was told.
}

/** An event of a thread's own threads, which are killed with the process too. */
export function passOn(event: ThreadEvent | ActivityEvent): void {
  if (isActivity(event)) {
    traceActivity(() => event);
    return;
  }
  if (event.type === "started") passedOn.set(event.id, event);
  if (event.type === "finished" || event.type === "panicked" || event.type === "killed") passedOn.delete(event.id);
  trace(() => event);
}

function isActivity(event: ThreadEvent | ActivityEvent): event is ActivityEvent {
  switch (event.type) {
    case "running":
    case "ended":
    case "waiting":
    case "resumed":
      return true;
    default:
      return false;
  }
}

function reportKilled(): void {
  reportOwn?.();
  for (const event of passedOn.values()) trace(() => ({ ...event, type: "killed", time: now() }));
}
