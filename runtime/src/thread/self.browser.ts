import type { Self } from "./self.js";

/**
 * Where the thread of this worker is kept. A bundler may put the library into a file of its own that a closure imports,
 * beside the one that the worker started with, and both must know the thread.
 */
const key = Symbol.for("fearless-threads.self");

const page: Self = {
  id: 0,
  name: "main",
  get token() {
    pageToken ??= new Int32Array(new SharedArrayBuffer(4));
    return pageToken;
  },
};
let pageToken: Int32Array | undefined;

const realm: { self: Self } = Reflect.get(globalThis, key) ?? { self: page };
Object.defineProperty(globalThis, key, { value: realm });

/** The thread that runs this code. */
export function currentSelf(): Self {
  return realm.self;
}

/** In a worker: from now on it is this thread. */
export function becomeThread(next: Self): void {
  realm.self = next;
}

/** The id of the thread that runs this code. */
export function currentId(): number {
  return realm.self.id;
}
