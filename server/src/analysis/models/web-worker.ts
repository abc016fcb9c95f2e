/**
 * The roles of the web's `Worker`, as TypeScript's `lib.dom.d.ts` declares it. An error that a worker does not catch is
 * an `error` event; with no listener, it is only reported, in the console (HTML standard, 10.2.6.2).
 */
import type { LibraryModel, Role } from "./model.js";

const post: Role = { kind: "post" };

export const webWorker: LibraryModel = {
  package: "typescript",
  callables: {
    "new Worker": { kind: "worker", host: "web" },
    "new globalThis.Worker": { kind: "worker", host: "web" },
    "Worker.addEventListener": { kind: "listen" },
    "Worker.postMessage": post,
    "Worker.terminate": { kind: "detach" },
    "MessagePort.postMessage": post,
    "DedicatedWorkerGlobalScope.postMessage": post,
  },
  types: {},
};
