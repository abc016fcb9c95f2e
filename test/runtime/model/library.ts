import { loadForModel, type Mutation } from "./bundle.js";
import { globals } from "./machine.js";

export type { Mutation } from "./bundle.js";

/** What the scenarios use of the library, with the machine in place of the globals. */
export interface Library
  extends Pick<typeof import("../../../runtime/src/sync/mutex.js"), "Mutex">,
    Pick<typeof import("../../../runtime/src/sync/rwLock.js"), "RwLock">,
    Pick<typeof import("../../../runtime/src/sync/condvar.js"), "Condvar">,
    Pick<typeof import("../../../runtime/src/sync/semaphore.js"), "Semaphore">,
    Pick<typeof import("../../../runtime/src/sync/barrier.js"), "Barrier">,
    Pick<typeof import("../../../runtime/src/sync/once.js"), "Once">,
    Pick<typeof import("../../../runtime/src/transport/handle.js"), "moveOut" | "reviveHandle"> {
  /** From now on the code believes that it runs in this thread. */
  readonly become: (id: number) => void;
}

const modules = ["mutex", "rwLock", "condvar", "semaphore", "barrier", "once"].map((name) => `sync/${name}.js`);

export async function load(mutation?: Mutation): Promise<Library> {
  const loaded = await loadForModel([...modules, "transport/handle.js", "thread/self.js"], mutation);
  const library = loaded as unknown as Library & typeof import("../../../runtime/src/thread/self.js");
  const token = new Int32Array(new SharedArrayBuffer(4));
  return { ...library, become: (id) => library.becomeThread({ id, name: undefined, token }) };
}

/** Words in shared memory, for what a scenario notes itself. */
export function shared(length: number): Int32Array {
  const make = globals.Int32Array as Int32ArrayConstructor;
  return new make(new SharedArrayBuffer(4 * length));
}
