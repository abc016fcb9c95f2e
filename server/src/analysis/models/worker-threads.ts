/**
 * The roles of Node's `node:worker_threads`, by its documentation and by what it does when it runs: `test/models`
 * asserts it. An error that a worker does not catch is an `error` event here; with no listener, it ends the process.
 */
import type { LibraryModel, Role } from "./model.js";

const listen: Role = { kind: "listen" };
const post: Role = { kind: "post" };
const borrow: Role = { kind: "borrow" };
/** Whoever ends a worker, or lets the process end without it, does not wait for it on purpose. */
const letGo: Role = { kind: "detach" };

function members(owner: string, roles: Readonly<Record<string, Role>>): Record<string, Role> {
  return Object.fromEntries(Object.entries(roles).map(([name, role]) => [`${owner}.${name}`, role]));
}

const listening: Readonly<Record<string, Role>> = Object.fromEntries(
  ["on", "once", "addListener", "prependListener", "prependOnceListener"].map((name) => [name, listen]),
);

const callables: Readonly<Record<string, Role>> = {
  "new Worker": { kind: "worker", host: "node" },
  ...members("Worker", { ...listening, postMessage: post, ref: borrow, terminate: letGo, unref: letGo }),
  ...members("MessagePort", { postMessage: post }),
};

/** As the types of Node declare it. */
export const workerThreads: LibraryModel = { package: "@types/node", callables, types: {} };

/** As it is imported, where the types of Node are not installed. Importing it makes a file worth looking at. */
export const workerThreadsModules: readonly LibraryModel[] = ["node:worker_threads", "worker_threads"].map((name) => ({
  package: name,
  callables,
  types: {},
}));
