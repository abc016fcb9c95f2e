// What `node.ts` takes from Node, made of what browsers have.
import { hello } from "../browser/hello.js";
import { NodeLikeChannel } from "../browser/ports.js";
import { NodeLikeWorker } from "../browser/worker.js";

export { compileFunction, vmConstants } from "../browser/compileFunction.js";
export { isMainThread } from "../browser/hello.js";
export { type NodeLikePort as MessagePort, receiveMessageOnPort, whenDelivered } from "../browser/ports.js";
export { process } from "../browser/process.js";
export { deserialize, serialize } from "../browser/serialize.js";
export { NodeLikeChannel as MessageChannel, NodeLikeWorker as Worker };

export const performance = globalThis.performance;

/** As in `node.ts`, but it stays where it is: a worker may have this library twice. */
export const takeWorkerData = (): unknown => hello?.data;
export const endWorker = (): void => globalThis.close();

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

/** A file is what a URL gives. Only a worker may wait for that; what asks for it in a page goes on without. */
export function readFileSync(path: string | URL, _encoding: "utf8"): string {
  if ("document" in globalThis) throw new Error(`a page cannot wait for a file: ${path}`);
  const request = new XMLHttpRequest();
  request.open("GET", path, false);
  request.send();
  if (request.status !== 200) throw new Error(`${path}: ${request.status} ${request.statusText}`);
  return request.responseText;
}

/** No inspector and no source maps: places are those in the script as it runs, and nobody collects garbage when asked. */
export const newSession = (): never => {
  throw new Error("a browser has no inspector for its pages");
};
export const collectGarbage = (_done: () => void): void => {};
export const findSourceMap = (): undefined => undefined;
export const newSourceMap = (): never => {
  throw new Error("a browser reads no source maps");
};
export const createRequire = (): never => {
  throw new Error("a browser has no require");
};

/** As in `node.ts`. A page is the one thread that has a document, and the one that may not block. */
export const mayBlock: boolean = !("document" in globalThis);
export const deliversAtOnce: boolean = false;
