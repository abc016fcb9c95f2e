/** Loaded into the running process before the program, and into each of its workers. */
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";
import type { Report } from "./events.js";
import { failureOf } from "./failure.js";
import { offerRequire } from "./require.js";
import { readSetup, reportDescriptor } from "./setup.js";

register("./hooks.js", import.meta.url, { data: readSetup() });
offerRequire();

if (isMainThread) {
  // The name and the shape are the runtime's contract; the runtime that runs may be another version than ours.
  subscribe("fearless-threads:thread", (message) => {
    const event = reportOf(message);
    if (event !== undefined) report(event);
  });
  process.on("uncaughtExceptionMonitor", (error) => report(failureOf(error)));
}

interface PublishedEvent {
  readonly type: string;
  readonly id: number;
  readonly name?: string;
  readonly message?: string;
  readonly position?: { readonly file: string; readonly line: number; readonly column: number };
}

function reportOf(message: unknown): Report | undefined {
  const { type, id, name, message: text, position } = message as PublishedEvent;
  switch (type) {
    case "panicked":
      return { kind: "panic", id, name, message: text ?? "", position };
    case "started":
    case "finished":
    case "joined":
    case "detached":
    case "killed":
      return { kind: "thread", step: type, id, name };
    default:
      return undefined;
  }
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
