/** A place in a source file; line and column count from 1. */
export interface SourcePosition {
  /** Absolute path, or the URL of what has no path. */
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
}

/** How a thread came to panic. */
export type PanicKind =
  /** The closure threw, or its promise was rejected. */
  | "thrown"
  /** The closure called `process.exit`. */
  | "exit"
  /** The thread's heap was full (see `Builder.maxHeap`). */
  | "out-of-memory"
  /** The thread's stack was full (see `Builder.stackSize`). */
  | "stack-overflow"
  /** Its worker was ended from outside. */
  | "terminated"
  /** What the closure returned cannot be sent to the thread that joins. */
  | "unsendable-result"
  /** The closure waits for a promise that nothing can settle any more. */
  | "unsettled";

/** What a {@link ThreadPanic} is made from. */
export interface PanicDetails {
  readonly kind: PanicKind;
  readonly message: string;
  readonly stack: string;
  readonly payload: unknown;
  readonly position: SourcePosition | undefined;
  readonly threadName: string;
  readonly threadId: number;
}

/**
 * Why a thread ended early: what `join()` gives as `Err`.
 *
 * Its `message` and `stack` are those of what was thrown, the stack in the positions of the source. `cause` and
 * `payload` are the thrown value itself (an `Error` of a class of your own arrives as an `Error` with its name).
 *
 * Source: Rust's `std::thread::Result`, whose `Err` holds the payload of the panic.
 *
 * @example
 * const handle = thread.spawn(() => {
 *   throw new RangeError("no such table");
 * });
 * const result = await handle.join();
 * if (!result.ok) console.log(result.error.kind, result.error.message); // thrown no such table
 */
export class ThreadPanic extends Error {
  override readonly name = "ThreadPanic";
  /** How the thread came to panic. */
  readonly kind: PanicKind;
  /** The thread's name, `<unnamed>` where it has none. */
  readonly threadName: string;
  /** The thread's id, as in `Thread.id`. */
  readonly threadId: number;
  /** Where it was thrown, where that is known. */
  readonly position: SourcePosition | undefined;

  /** @hidden */
  constructor(details: PanicDetails) {
    super(details.message, { cause: details.payload });
    this.kind = details.kind;
    this.threadName = details.threadName;
    this.threadId = details.threadId;
    this.position = details.position;
    this.stack = details.stack;
  }

  /** What was thrown: its `cause`. */
  get payload(): unknown {
    return this.cause;
  }
}

/**
 * A thread could not be started; the message says why and what to do.
 *
 * @example
 * const started = new thread.Builder().stackSize(1).spawn(() => 1);
 * if (!started.ok) console.log(started.error.name); // SpawnError
 */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
}

/**
 * A value cannot be sent to another thread; `path` names the field that cannot.
 *
 * @example
 * const options: unknown = { onDone: () => {} };
 * try {
 *   thread.spawn(move(options), () => {});
 * } catch (error) {
 *   if (error instanceof NotSendError) console.log(error.path); // move[0].onDone
 * }
 */
export class NotSendError extends TypeError {
  override readonly name = "NotSendError";
  /** Where in the value it is, such as `options.onDone`; arguments of `move` are `move[0]`, `move[1]` … */
  readonly path: string;

  constructor(path: string, what: string, help: string) {
    super(`${path}: ${what} cannot be sent to another thread; ${help}`);
    this.path = path;
  }
}

/**
 * A handle of this library was used by a thread that had given it away with `move` or dropped it.
 *
 * @example
 * const counter = new Mutex(0);
 * const handle = thread.spawn(move(counter), (counter) => counter.isPoisoned());
 * try {
 *   counter.tryLock();
 * } catch (error) {
 *   console.log(error instanceof UseAfterMoveError); // true
 * }
 * (await handle.join()).unwrap();
 */
export class UseAfterMoveError extends Error {
  override readonly name = "UseAfterMoveError";
}

/**
 * A thread panicked while it held the lock, so the value may be half changed. The lock is not held after this error:
 * call `clearPoison()` on the lock and take it again to repair the value.
 *
 * @example
 * const stock = Arc.new(new Mutex(3));
 * const handle = thread.spawn(move(stock.clone()), (stock) => {
 *   using n = stock.lockSync().unwrap();
 *   n.value = -1;
 *   throw new Error("half done");
 * });
 * await handle.join();
 * const taken = await stock.lock();
 * if (!taken.ok) console.log(taken.error.name); // PoisonError
 */
export class PoisonError extends Error {
  override readonly name = "PoisonError";

  constructor(what: string) {
    super(`the ${what} is poisoned: a thread panicked while it held it; clearPoison() makes it usable again`);
  }
}

/**
 * Nobody can receive any more: the receiver was dropped. `value` is what was to be sent.
 *
 * @example
 * const [tx, rx] = mpsc.channel<string>();
 * drop(rx);
 * const sent = tx.send("too late");
 * if (!sent.ok) console.log(sent.error.value); // too late
 */
export class SendError<T = unknown> extends Error {
  override readonly name = "SendError";
  /** The value, given back. */
  readonly value: T;

  constructor(value: T) {
    super("sending on a channel whose receiver is gone");
    this.value = value;
  }
}

/**
 * Nothing will come any more: the channel is empty and its last sender was dropped.
 *
 * @example
 * const [tx, rx] = mpsc.channel<string>();
 * drop(tx);
 * const received = await rx.recv();
 * if (!received.ok) console.log(received.error.name); // RecvError
 */
export class RecvError extends Error {
  override readonly name = "RecvError";

  constructor() {
    super("receiving on an empty channel whose senders are gone");
  }
}

/**
 * Nothing could be taken at once: `reason` says whether something may still come.
 *
 * @example
 * const [tx, rx] = mpsc.channel<string>();
 * const received = rx.tryRecv();
 * if (!received.ok) console.log(received.error.reason); // empty
 * drop(tx);
 */
export class TryRecvError extends Error {
  override readonly name = "TryRecvError";
  /** `empty`: something may still come; `disconnected`: the senders are gone. */
  readonly reason: "empty" | "disconnected";

  constructor(reason: "empty" | "disconnected") {
    super(reason === "empty" ? "the channel is empty" : "the channel is empty and its senders are gone");
    this.reason = reason;
  }
}

/**
 * Nothing came in time: `reason` says whether something may still come.
 *
 * @example
 * const [tx, rx] = mpsc.channel<string>();
 * const received = await rx.recvTimeout(1);
 * if (!received.ok) console.log(received.error.reason); // timeout
 * drop(tx);
 */
export class RecvTimeoutError extends Error {
  override readonly name = "RecvTimeoutError";
  /** `timeout`: something may still come; `disconnected`: the senders are gone. */
  readonly reason: "timeout" | "disconnected";

  constructor(reason: "timeout" | "disconnected") {
    super(reason === "timeout" ? "nothing came in time" : "the channel is empty and its senders are gone");
    this.reason = reason;
  }
}

/**
 * A value could not be sent at once: `reason` says whether there may be room later. `value` is what was to be sent.
 *
 * @example
 * const [tx, rx] = mpsc.syncChannel<number>(1);
 * tx.trySend(1).unwrap();
 * const sent = tx.trySend(2);
 * if (!sent.ok) console.log(sent.error.reason, sent.error.value); // full 2
 * drop(rx);
 */
export class TrySendError<T = unknown> extends Error {
  override readonly name = "TrySendError";
  /** The value, given back. */
  readonly value: T;
  /** `full`: there may be room later; `disconnected`: the receiver is gone. */
  readonly reason: "full" | "disconnected";

  constructor(value: T, reason: "full" | "disconnected") {
    super(reason === "full" ? "the channel is full" : "sending on a channel whose receiver is gone");
    this.value = value;
    this.reason = reason;
  }
}

/**
 * The lock is held by somebody else, so `tryLock` did not take it.
 *
 * @example
 * const stock = new Mutex(3);
 * using held = stock.lockSync().unwrap();
 * const second = stock.tryLock();
 * if (!second.ok) console.log(second.error.name); // WouldBlockError
 */
export class WouldBlockError extends Error {
  override readonly name = "WouldBlockError";

  constructor() {
    super("the lock is held by another thread");
  }
}
