/** The roles of this project's own runtime: Rust's `std::thread` and `std::sync` for TypeScript. */
import type { Dialect } from "./dialect.js";
import type { LibraryModel, Role } from "./model.js";

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

const borrow: Role = { kind: "borrow" };
const unwrap: Role = { kind: "unwrap" };
const share: Role = { kind: "share" };
const lock = { kind: "lock", mode: "async", returns: "result-of-guard" } as const satisfies Role;
const lockSync = { kind: "lock", mode: "sync", returns: "result-of-guard" } as const satisfies Role;
const tryLock = { ...lockSync, waits: "never" } as const satisfies Role;
const send = { kind: "send", mode: "async" } as const satisfies Role;
const sendSync = { kind: "send", mode: "sync" } as const satisfies Role;

/** `Result` is the union of two classes; a call through the union names either, or the interface they share. */
function resultMembers(): Record<string, Role> {
  const members: Record<string, Role> = {};
  for (const owner of ["Result", "ResultMethods", "Ok", "Err"]) {
    for (const name of ["unwrap", "expect", "unwrapOr"]) members[`${owner}.${name}`] = unwrap;
    members[`${owner}.isOk`] = { kind: "finished", when: false };
    members[`${owner}.isErr`] = { kind: "finished", when: true };
    members[`${owner}.match`] = { kind: "match" };
  }
  return members;
}

/** What waits for the same. */
function waits(
  until: Extract<Role, { kind: "wait" }>["until"],
  names: Record<"async" | "sync", string>,
): Record<string, Role> {
  const named = (mode: "async" | "sync"): [string, Role][] =>
    names[mode].split(" ").map((name) => [name, { kind: "wait", mode, until }]);
  return Object.fromEntries([...named("async"), ...named("sync")]);
}

/** The ways to wait with a `Condvar`. */
function relocks(): Record<string, Role> {
  const members: Record<string, Role> = {};
  for (const [suffix, mode] of [
    ["", "async"],
    ["Sync", "sync"],
  ] as const) {
    const plain = { kind: "relock", mode, returns: "result-of-guard" } as const;
    const timed = { kind: "relock", mode, returns: "timed" } as const;
    members[`Condvar.wait${suffix}`] = { ...plain, until: "notified" };
    members[`Condvar.waitWhile${suffix}`] = { ...plain, until: "condition" };
    members[`Condvar.waitTimeout${suffix}`] = { ...timed, until: "notified" };
    members[`Condvar.waitTimeoutWhile${suffix}`] = { ...timed, until: "condition" };
  }
  return members;
}

/** The making of an atomic. */
function atomics(): Record<string, Role> {
  const members: Record<string, Role> = {};
  for (const name of ["AtomicI32", "AtomicU32", "AtomicI64", "AtomicBool"]) members[`new ${name}`] = share;
  return members;
}

export const fearlessDialect: Dialect = {
  results: "methods",
  detach: "method",
  usingJoins: true,
  sharing: "share it as `Arc.new(new Mutex(…))`, move a clone of that into the thread and change it under its lock",
  counter: "`new atomic.AtomicI32(…)`, and `fetchAdd(…)` and `load()` in place of the guards",
  dropped:
    "dropping a handle lets its thread run on with nobody waiting, as in Rust; when the main thread ends, the thread is killed and its work is lost",
  failedJoin: "`join` does not throw when the thread panicked: the panic comes in an `Err`",
  failedSend: "where the receiver is gone, `send` does not throw: it gives the value back in an `Err`",
  usedAfterMove:
    "a lock, an `Arc` or an end of a channel belongs to one thread at a time: from then on its methods throw `UseAfterMoveError` here",
  usedAfterDrop: "what was dropped is closed for good: its methods throw `UseAfterMoveError`",
  unsendableResult: "a result that cannot be sent back makes the thread panic when it is done",
  instances:
    "Send its data, or let the class say how it travels with `static readonly [thread.send] = { module: import.meta.url }`",
};

export const fearlessThreads: LibraryModel = {
  package: "fearless-threads",
  dialect: fearlessDialect,
  callables: {
    spawn: { kind: "spawn", returns: "handle", scoped: false },
    "Builder.spawn": { kind: "spawn", returns: "result-of-handle", scoped: false },
    "Builder.name": borrow,
    "Builder.stackSize": borrow,
    "Builder.maxHeap": borrow,
    "Builder.signal": borrow,
    scope: { kind: "scope" },
    "Scope.spawn": { kind: "spawn", returns: "handle", scoped: true },
    // The pool joins what nobody joined, as a scope does.
    "ThreadPool.spawn": { kind: "spawn", returns: "handle", scoped: true, pooled: true },
    "new ThreadPool": { kind: "thread-pool" },
    "ThreadPool.join": { kind: "drain" },
    "ThreadPool.map": { kind: "borrow", maps: 1 },
    move: { kind: "move" },
    "JoinHandle.join": { kind: "join", mode: "async", returns: "result" },
    "JoinHandle.joinSync": { kind: "join", mode: "sync", returns: "result" },
    "JoinHandle.detach": { kind: "detach" },
    "JoinHandle.terminate": { kind: "detach" },
    "JoinHandle.isFinished": { kind: "finished", when: true },
    "JoinHandle.thread": borrow,
    "JoinHandle.abort": borrow,
    "Arc.new": share,
    "Arc.clone": { kind: "clone" },
    "new Mutex": { kind: "share", copies: true },
    "new RwLock": { kind: "share", copies: true },
    "Mutex.lock": lock,
    "Mutex.lockSync": lockSync,
    "Mutex.tryLock": tryLock,
    "RwLock.read": { ...lock, access: "shared" },
    "RwLock.write": { ...lock, reader: "read" },
    "RwLock.readSync": { ...lockSync, access: "shared" },
    "RwLock.writeSync": { ...lockSync, reader: "readSync" },
    "RwLock.tryRead": { ...tryLock, access: "shared" },
    "RwLock.tryWrite": { ...tryLock, reader: "tryRead" },
    "Semaphore.acquire": { kind: "lock", mode: "async", returns: "guard", access: "counted" },
    "Semaphore.acquireSync": { kind: "lock", mode: "sync", returns: "guard", access: "counted" },
    "Semaphore.tryAcquire": { ...tryLock, access: "counted" },
    ...relocks(),
    "Condvar.notifyOne": { kind: "borrow", wakes: "one" },
    "Condvar.notifyAll": { kind: "borrow", wakes: "all" },
    drop: { kind: "drop" },
    ...Object.fromEntries(["Condvar", "Barrier", "Once", "OnceLock"].map((name) => [`new ${name}`, share])),
    "new Semaphore": { kind: "share", permits: true },
    channel: { kind: "channel" },
    syncChannel: { kind: "channel" },
    "Sender.clone": { kind: "clone" },
    "SyncSender.clone": { kind: "clone" },
    "Receiver.clone": { kind: "clone" },
    "Sender.send": sendSync,
    "SyncSender.send": { ...send, waits: "room" },
    "SyncSender.sendSync": { ...sendSync, waits: "room" },
    "SyncSender.trySend": sendSync,
    ...waits("message", {
      async: "Receiver.recv Receiver.recvTimeout",
      sync: "Receiver.recvSync Receiver.recvTimeoutSync",
    }),
    ...waits("time", { async: "sleep", sync: "sleepSync" }),
    ...waits("other threads", { async: "park parkTimeout", sync: "parkSync parkTimeoutSync" }),
    ...waits("other threads", {
      async: "Barrier.wait Once.wait OnceLock.wait",
      sync: "Barrier.waitSync Once.waitSync OnceLock.waitSync",
    }),
    ...resultMembers(),
    ...atomics(),
  },
  once: ["Once.callOnce", "OnceLock.getOrInit"],
  limits: {
    "Builder.stackSize": {
      what: "stack size",
      min: 512 * kibibyte,
      max: 1024 * mebibyte,
      meant: "Node itself needs 192 KiB of a worker's stack; `spawn` returns an `Err`, and no thread starts",
    },
    "Builder.maxHeap": {
      what: "heap size",
      min: 8 * mebibyte,
      max: 64 * 1024 * mebibyte,
      meant:
        "a worker needs some MiB of heap before any code of its own runs; `spawn` returns an `Err`, and no thread starts",
    },
  },
  types: {
    JoinHandle: "handle",
    ScopedJoinHandle: "handle",
    Result: "result",
    Ok: "result",
    Err: "result",
    Mutex: "lock",
    RwLock: "lock",
    MutexGuard: "guard",
    RwLockReadGuard: "guard",
    RwLockWriteGuard: "guard",
    Arc: "arc",
    AtomicI32: "atomic",
    AtomicU32: "atomic",
    AtomicI64: "atomic",
    AtomicBool: "atomic",
    Thread: "atomic",
    Condvar: "atomic",
    Barrier: "atomic",
    Once: "atomic",
    OnceLock: "atomic",
    Semaphore: "atomic",
    SemaphorePermit: "guard",
    Sender: "sender",
    SyncSender: "sender",
    Receiver: "receiver",
    Scope: "scope",
    Moved: "moved",
  },
};
