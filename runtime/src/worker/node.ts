// The only place that names Node's modules, so that a build for browsers has one file to replace.
import type { Session } from "node:inspector";
import type Module from "node:module";
import type { SourceMap, SourceMapPayload } from "node:module";
import type os from "node:os";
import process from "node:process";
import type v8 from "node:v8";
import { type MessagePort, workerData } from "node:worker_threads";

export { channel as diagnosticsChannel } from "node:diagnostics_channel";
export { readFileSync } from "node:fs";
export { dirname, join, relative } from "node:path";
export { fileURLToPath, pathToFileURL } from "node:url";
export { compileFunction, constants as vmConstants } from "node:vm";
export {
  isMainThread,
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";

export { process };

/** What this worker was started with. Closures are not to see it: one that closes its port would cut the thread off. */
export function takeWorkerData(): unknown {
  if (typeof workerData !== "object" || workerData === null || Reflect.get(workerData, "kind") !== "fearless-threads")
    return undefined;
  const taken: unknown = { ...workerData };
  for (const key of Object.keys(workerData)) Reflect.deleteProperty(workerData, key);
  return taken;
}

/** Ends this worker at once, whatever is left to do. */
export const endWorker: () => void = Reflect.get(process, "reallyExit").bind(process, 1);
export const performance = globalThis.performance;

// These take milliseconds to load, and most threads need none of them.
const load = process.getBuiltinModule;
export const createRequire: typeof Module.createRequire = (file) => load("node:module").createRequire(file);
export const findSourceMap: typeof Module.findSourceMap = (file) => load("node:module").findSourceMap(file);
export const newSourceMap = (payload: SourceMapPayload): SourceMap => new (load("node:module").SourceMap)(payload);
export const newSession = (): Session => new (load("node:inspector").Session)();

/** Has V8 collect all garbage, and calls back then; never where this Node has no inspector to ask. */
export function collectGarbage(done: () => void): void {
  try {
    const session = newSession();
    session.connect();
    session.post("HeapProfiler.collectGarbage", () =>
      setImmediate(() => {
        session.disconnect();
        done();
      }),
    );
  } catch {
    // There is no other way to ask.
  }
}

export const availableParallelism: typeof os.availableParallelism = () => load("node:os").availableParallelism();
export const serialize: typeof v8.serialize = (value) => load("node:v8").serialize(value);
export const deserialize: typeof v8.deserialize = (bytes) => load("node:v8").deserialize(bytes);

/** Whether this thread may block: all may, but the main thread of a browser. */
export const mayBlock: boolean = true;

/** Whether what was posted to a port can be received at once; browsers deliver it in the event loop. */
export const deliversAtOnce: boolean = true;

/** Has `told` called when the next message comes through the port, where it is delivered in the event loop. */
export function whenDelivered(_port: MessagePort, _told: () => void): void {}
