import type { SharedAbort } from "../transport/abortSignal.js";

/** What a thread knows of itself: one value for each JavaScript thread, changed as a worker takes on new closures. */
export interface Self {
  readonly id: number;
  readonly name: string | undefined;
  /** Int32 word 0 is 1 while somebody has unparked it and it has not parked since. */
  readonly token: Int32Array;
  /** Whether it was asked to stop; the main thread never is. */
  readonly stopping?: SharedAbort;
}

let mainToken: Int32Array | undefined;

/** Its token is made when it is asked for: a browser may have no shared memory to import this library with. */
let self: Self = {
  id: 0,
  name: "main",
  get token() {
    mainToken ??= new Int32Array(new SharedArrayBuffer(4));
    return mainToken;
  },
};

/** Its id, by itself: locks ask for it each time. */
let id = 0;

/** The thread that runs this code. */
export function currentSelf(): Self {
  return self;
}

/** In a worker: from now on it is this thread. */
export function becomeThread(next: Self): void {
  self = next;
  id = next.id;
}

/** The id of the thread that runs this code. */
export function currentId(): number {
  return id;
}
