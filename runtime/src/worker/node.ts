// The only place that names Node's modules, so that a build for browsers has one file to replace.
import type { MessagePort } from "node:worker_threads";

export { channel as diagnosticsChannel } from "node:diagnostics_channel";
export { existsSync, readFileSync } from "node:fs";
export { Session } from "node:inspector";
export { createRequire, findSourceMap, SourceMap } from "node:module";
export { availableParallelism } from "node:os";
export { dirname, join, relative } from "node:path";
export { performance } from "node:perf_hooks";
export { default as process } from "node:process";
export { fileURLToPath, pathToFileURL } from "node:url";
export { deserialize, serialize } from "node:v8";
export { compileFunction, constants as vmConstants } from "node:vm";
export {
  isMainThread,
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from "node:worker_threads";

/** Whether this thread may block: all may, but the main thread of a browser. */
export const mayBlock: boolean = true;

/** Whether what was posted to a port can be received at once; browsers deliver it in the event loop. */
export const deliversAtOnce: boolean = true;

/** Has `told` called when the next message comes through the port, where it is delivered in the event loop. */
export function whenDelivered(_port: MessagePort, _told: () => void): void {}
