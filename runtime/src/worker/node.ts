// The only place that names Node's modules, so that a build for browsers has one file to replace.

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
