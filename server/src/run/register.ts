/** Loaded into the running process before the program, and into each of its workers. */
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";
import type { Position, Report } from "./events.js";
import { failureOf } from "./failure.js";
import { offerRequire } from "./require.js";
import { readSetup, reportDescriptor } from "./setup.js";

const setup = readSetup();
register("./hooks.js", import.meta.url, { data: setup });
offerRequire();

if (isMainThread) {
  // The names and the shapes are the runtime's contract; the runtime that runs may be another version than ours.
  const channels = ["fearless-threads:thread", ...(setup.activity ? ["fearless-threads:activity"] : [])];
  for (const channel of channels) {
    subscribe(channel, (message) => {
      const event = reportOf(message);
      if (event !== undefined) report(event);
    });
  }
  report({ kind: "program", step: "began", time: now() });
  process.on("exit", () => report({ kind: "program", step: "ended", time: now() }));
  process.on("uncaughtExceptionMonitor", (error) => report(failureOf(error)));
}

interface PublishedEvent {
  readonly type: string;
  readonly id: number;
  readonly name?: string;
  readonly parent?: number;
  readonly spawnedAt?: Position;
  readonly time: number;
  readonly message?: string;
  readonly position?: Position;
  readonly wait?: number;
  readonly what?: string;
  readonly of?: number;
  readonly at?: Position;
}

function reportOf(message: unknown): Report | undefined {
  const event = message as PublishedEvent;
  const { type, id, time, wait = 0 } = event;
  const facts = { id, name: event.name, parent: event.parent ?? 0, spawnedAt: event.spawnedAt, time };
  switch (type) {
    case "panicked":
      return { kind: "panic", ...facts, message: event.message ?? "", position: event.position };
    case "started":
    case "finished":
    case "joined":
    case "detached":
    case "killed":
      return { kind: "thread", step: type, ...facts };
    case "running":
    case "ended":
      return { kind: "closure", step: type, id, time };
    case "waiting":
      return { kind: "wait", id, wait, what: event.what ?? "", of: event.of, at: event.at, time };
    case "resumed":
      return { kind: "resumed", id, wait, time };
    default:
      return undefined;
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Synchronous, since the last reports are written while the process exits. */
function report(event: Report): void {
  let rest = Buffer.from(`${JSON.stringify(event)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(reportDescriptor, rest));
    } catch (error) {
      // A full pipe empties as the other side reads; a closed one has nobody to tell.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
    }
  }
}
