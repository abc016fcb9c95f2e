/**
 * The roles of the npm package `multithreading`, by what its version 0.3.52 does when it runs: `test/models` asserts it.
 *
 * Its names are Rust's too, and mean something else at times: a lock stays usable by the one who moved it, a channel
 * copies what is sent as JSON, and a Result is a plain object with the field `ok`.
 */
import type { LibraryModel, Role } from "./model.js";

const borrow: Role = { kind: "borrow" };
const lock = { kind: "lock", mode: "async", returns: "guard" } as const satisfies Role;
const lockSync = { kind: "lock", mode: "sync", returns: "guard" } as const satisfies Role;
const message = { kind: "wait", until: "message" } as const;
const others = { kind: "wait", until: "other threads" } as const;
const relock = { kind: "relock", until: "notified", returns: "nothing" } as const;
const share: Role = { kind: "share" };
const dispose: Role = { kind: "drop" };

export const multithreading: LibraryModel = {
  package: "multithreading",
  callables: {
    spawn: { kind: "spawn", returns: "handle", scoped: false, pooled: true },
    move: { kind: "move", shallow: true },
    drop: dispose,
    "JoinHandle.join": { kind: "join", mode: "async", returns: "result" },
    // Makes `join()` reject. The thread goes on, and somebody still has to be there for the rejection.
    "JoinHandle.abort": borrow,
    ...Object.fromEntries(
      ["Mutex", "RwLock", "Condvar", "Barrier", "SharedJsonBuffer"].map((name) => [`new ${name}`, share]),
    ),
    "new Semaphore": { kind: "share", permits: true },
    "Mutex.lock": lock,
    "Mutex.blockingLock": lockSync,
    "RwLock.read": { ...lock, access: "shared" },
    "RwLock.write": { ...lock, reader: "read" },
    "RwLock.blockingRead": { ...lockSync, access: "shared" },
    "RwLock.blockingWrite": { ...lockSync, reader: "blockingRead" },
    "Semaphore.acquire": { ...lock, access: "counted" },
    "Semaphore.blockingAcquire": { ...lockSync, access: "counted" },
    "Semaphore.tryAcquire": { ...lockSync, access: "counted", waits: "never" },
    ...Object.fromEntries(
      ["MutexGuard", "RwLockReadGuard", "RwLockWriteGuard", "SemaphoreGuard"].map((name) => [
        `${name}.dispose`,
        dispose,
      ]),
    ),
    // The guard stays the same one, and is held again when the promise settles.
    "Condvar.wait": { ...relock, mode: "async" },
    "Condvar.blockingWait": { ...relock, mode: "sync" },
    "Condvar.notifyOne": { kind: "borrow", wakes: "one" },
    "Condvar.notifyAll": { kind: "borrow", wakes: "all" },
    "Sender.close": dispose,
    "Receiver.close": dispose,
    channel: { kind: "channel" },
    "Sender.clone": { kind: "clone" },
    "Receiver.clone": { kind: "clone" },
    "Sender.send": { kind: "send", mode: "async", copies: true, waits: "room" },
    "Sender.blockingSend": { kind: "send", mode: "sync", copies: true, waits: "room" },
    "Receiver.recv": { ...message, mode: "async" },
    "Receiver.blockingRecv": { ...message, mode: "sync" },
    "Barrier.wait": { ...others, mode: "async" },
    "Barrier.blockingWait": { ...others, mode: "sync" },
  },
  types: {
    JoinHandle: "handle",
    Mutex: "lock",
    RwLock: "lock",
    Semaphore: "atomic",
    Condvar: "atomic",
    Barrier: "atomic",
    MutexGuard: "guard",
    RwLockReadGuard: "guard",
    RwLockWriteGuard: "guard",
    SemaphoreGuard: "guard",
    Sender: "sender",
    Receiver: "receiver",
    MovedData: "moved",
  },
  shared: ["Mutex", "RwLock", "Semaphore", "Condvar", "Barrier"],
  dialect: {
    exports: ["spawn", "move", "drop", "channel", "Mutex", "RwLock", "Semaphore", "Condvar", "Barrier"],
    results: "ok-field",
    detach: "void-join",
    usingJoins: false,
    sharing:
      "share it: put it into shared memory behind a lock, `new Mutex(new Int32Array(new SharedArrayBuffer(4)))`, move the lock into the thread, and change `guard.value` there",
    dropped:
      "dropping a handle lets its thread run on with nobody waiting: what it returns is lost, and so is what it throws; `shutdown()` ends it in the middle of its work",
    failedJoin: "`join()` does not reject when the thread threw: the error comes in `{ ok: false, error }`",
    failedSend: "where the receiver is gone, `send` does not reject: it gives `{ ok: false, error }`",
    usedAfterMove:
      "an end of a channel belongs to one thread at a time: from then on its methods give `{ ok: false }` here, and `clone()` throws",
    usedAfterDrop: "what was dropped is closed for good: its methods give `{ ok: false }`, and `clone()` throws",
    unsendableResult: "for a result that cannot be sent back, `join()` gives `{ ok: false }` when the thread is done",
    instances: "Send its data, and make the object anew inside the thread",
  },
};
