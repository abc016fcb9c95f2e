// What `node.ts` takes from Node, made of what browsers have.
import { NodeLikeChannel } from "../browser/ports.js";
import { NodeLikeWorker } from "../browser/worker.js";

export { compileFunction, vmConstants } from "../browser/compileFunction.js";
export { type NodeLikePort as MessagePort, receiveMessageOnPort, whenDelivered } from "../browser/ports.js";
export { process } from "../browser/process.js";
export { deserialize, serialize } from "../browser/serialize.js";
export { isMainThread, workerData } from "../browser/worker.js";
export { NodeLikeChannel as MessageChannel, NodeLikeWorker as Worker };

export const performance = globalThis.performance;

/** Nobody listens: a browser has no channels that tools could subscribe to. */
export const diagnosticsChannel = (_name: string) => ({ hasSubscribers: false, publish: (_message: unknown) => {} });

/** How many threads the machine runs at once, as far as the browser tells. */
export const availableParallelism = (): number => navigator.hardwareConcurrency || 1;

/** Paths are URLs, and stay as they are. */
export const fileURLToPath = (url: string | URL): string => String(url);
export const pathToFileURL = (path: string): URL => new URL(path, location.href);
export const dirname = (path: string): string => path.replace(/\/[^/]*$/, "");
export const join = (...parts: readonly string[]): string => parts.join("/");
export const relative = (from: string, to: string): string => (to.startsWith(from) ? to.slice(from.length) : to);

/** There are no files. What reads one tells that by the error. */
export const existsSync = (_path: string | URL): boolean => true;
export const readFileSync = (path: string | URL): never => {
  throw new Error(`a browser reads no files: ${path}`);
};

/** No inspector and no source maps: places are those in the script as it runs. */
export class Session {
  connect(): never {
    throw new Error("a browser has no inspector for its pages");
  }
}
export const findSourceMap = (): undefined => undefined;
export class SourceMap {}
export const createRequire = (): never => {
  throw new Error("a browser has no require");
};

/** As in `node.ts`. A page is the one thread that has a document, and the one that may not block. */
export const mayBlock: boolean = !("document" in globalThis);
export const deliversAtOnce: boolean = false;
