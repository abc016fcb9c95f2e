import { NotSendError, RecvError, RecvTimeoutError, TryRecvError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { assertTimeout, blockUntil, waitUntil } from "../sync/signal.js";
import type { WaitOptions } from "../sync/waiting.js";
import { needsImport, type Parcel, unpack, unpackNow } from "../transport/encode.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { freeHolding, type Holding, type Lease, privateHolding, takeHolding } from "../worker/holdings.js";
import { assertMayBlock } from "../worker/vigil.js";
import { abandonEnd, dropReceiver, isLookedAfter, lendEnd, newEndHolding, newsOf } from "./counts.js";
import { isUnread, registerFork, type Unread } from "./links.js";
import { type Found, ReceiveCore, type ReceiveCoreImage } from "./receiveCore.js";
import { hasMore, word } from "./ring.js";

/** What a look found, and what it took. */
interface Taken {
  readonly found: Found;
  readonly value: unknown;
}

/** How often one who blocks looks again before sleeping: less than sleeping and being woken costs. */
const spins = 400;
/** After so many messages without a pause, timers and other events of the thread get their turn. */
const streak = 4096;

/**
 * The end of a channel that values come out of.
 *
 * `for await (const value of rx)` takes them one by one and ends when the last sender was dropped, or its thread ended.
 * With `clone()` several threads receive from one channel, and each value comes to exactly one of them.
 *
 * Source: Rust's `std::sync::mpsc::Receiver`; `clone` is that of Rust's `std::sync::mpmc::Receiver`.
 *
 * @example
 * const [tx, rx] = mpsc.channel<number>();
 * const workers = [1, 2].map(() =>
 *   thread.spawn(move(rx.clone()), async (rx) => {
 *     let sum = 0;
 *     for await (const n of rx) sum += n;
 *     return sum;
 *   }),
 * );
 * drop(rx);
 * for (let n = 1; n <= 100; n++) tx.send(n).unwrap();
 * drop(tx);
 * let total = 0;
 * for (const worker of workers) total += (await worker.join()).unwrap();
 * console.log(total); // 5050
 */
export class Receiver<T> implements Disposable, AsyncIterable<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Receiver", { shareable: false });
  readonly #core: ReceiveCore;
  #holding: Holding;
  #taken = 0;

  /** @internal */
  constructor(core: ReceiveCore, holding: Holding) {
    this.#core = core;
    this.#holding = holding;
    hold(this);
  }

  /**
   * Waits for the next value without blocking the thread; keeps the process alive meanwhile.
   *
   * @returns `Err(RecvError)` where nothing will come any more.
   * @throws (rejects with) UseAfterMoveError where the receiver was moved away or dropped. TypeError where the value is an
   * instance of a class that cannot be imported here; NotSendError where it cannot be read here, as one that is nested
   * deeper than this thread's stack allows: the next call goes on with the next value. The signal's reason, as soon as it
   * is aborted.
   * @example
   * const [tx, rx] = mpsc.channel<string>();
   * tx.send("soup").unwrap();
   * console.log((await rx.recv()).unwrap()); // soup
   * drop(tx);
   * console.log((await rx.recv()).ok); // false
   */
  recv(options?: WaitOptions): Promise<Result<T, RecvError>> {
    return this.#next<Result<T, RecvError>>((value) => new Ok(value), noMore, options?.signal);
  }

  /**
   * Blocks the thread until the next value comes.
   *
   * @returns `Err(RecvError)` where nothing will come any more.
   * @throws UseAfterMoveError where the receiver was moved away or dropped. TypeError where the value is an instance of a
   * class that this thread has not imported, or where the thread may not block: the main thread of a browser. NotSendError
   * as `recv`.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * const doubler = thread.spawn(move(rx), (rx) => rx.recvSync().unwrap() * 2);
   * tx.send(21).unwrap();
   * console.log((await doubler.join()).unwrap()); // 42
   */
  recvSync(): Result<T, RecvError> {
    assertMayBlock("recv");
    this[life].assert();
    const first = this.#poll();
    const found = first === "empty" ? this.#waitSync(Number.POSITIVE_INFINITY) : first;
    return found === "value" || found === "parcel" ? new Ok(this.#openNow(found)) : noMore();
  }

  /**
   * As `recv`, but waits at most `ms` milliseconds.
   *
   * @returns `Err(RecvTimeoutError)` whose `reason` says whether something may still come.
   * @throws (rejects with) RangeError unless `ms` is 0 or more; UseAfterMoveError, TypeError, NotSendError and the signal's
   * reason as `recv`.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * const late = await rx.recvTimeout(5);
   * if (!late.ok) console.log(late.error.reason); // timeout
   * drop(tx);
   */
  async recvTimeout(ms: number, options?: WaitOptions): Promise<Result<T, RecvTimeoutError>> {
    assertTimeout(ms);
    const { found, value } = await this.#wait(ms, options?.signal);
    if (found === "value") return new Ok(value as T);
    if (found === "parcel") return new Ok(await this.#open(value));
    return new Err(tooLate(found));
  }

  /**
   * As `recvTimeout`, but blocks the thread.
   *
   * @returns `Err(RecvTimeoutError)` whose `reason` says whether something may still come.
   * @throws RangeError unless `ms` is 0 or more; UseAfterMoveError, TypeError and NotSendError as `recvSync`.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * console.log(rx.recvTimeoutSync(5).ok); // false
   * drop(tx);
   */
  recvTimeoutSync(ms: number): Result<T, RecvTimeoutError> {
    assertMayBlock("recvTimeout");
    assertTimeout(ms);
    const found = this.#waitSync(ms);
    return found === "value" || found === "parcel" ? new Ok(this.#openNow(found)) : new Err(tooLate(found));
  }

  /**
   * Takes a value that has come already.
   *
   * @returns `Err(TryRecvError)` whose `reason` says whether something may still come.
   * @throws UseAfterMoveError where the receiver was moved away or dropped. TypeError and NotSendError as `recvSync`.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * const none = rx.tryRecv();
   * if (!none.ok) console.log(none.error.reason); // empty
   * tx.send(1).unwrap();
   * console.log(rx.tryRecv().unwrap()); // 1
   */
  tryRecv(): Result<T, TryRecvError> {
    this[life].assert();
    let found = this.#poll();
    if (found === "empty" && !isLookedAfter(this.#core.ring.words)) found = this.#poll();
    if (found === "value" || found === "parcel") return new Ok(this.#openNow(found));
    return new Err(new TryRecvError(found));
  }

  /**
   * The values as they come, until the last sender is dropped. Leaving the loop early leaves the rest in the channel.
   *
   * @throws (rejects with) UseAfterMoveError, TypeError and NotSendError as `recv`.
   * @example
   * const [tx, rx] = mpsc.channel<string>();
   * tx.send("one").unwrap();
   * tx.send("two").unwrap();
   * drop(tx);
   * for await (const text of rx) console.log(text); // one, two
   */
  [Symbol.asyncIterator](): AsyncIterator<T> {
    const end = (): IteratorResult<T> => ({ done: true, value: undefined });
    const some = (value: T): IteratorResult<T> => ({ done: false, value });
    const { ahead } = this.#core;
    const next = (): Promise<IteratorResult<T>> => {
      // What most messages of a fast channel are, apart from the others: a turn of an empty loop costs no less than this.
      if (ahead.count > 1 && this[life].live) return Promise.resolve({ done: false, value: ahead.take() as T });
      return this.#next(some, end);
    };
    return { next };
  }

  /**
   * One more receiver of the same channel, which makes it one with several consumers: each value comes to exactly one of
   * them, whoever asks first. What is sent is given back only after the last of them was dropped.
   *
   * A buffer that is sent is copied for each thread that receives, and a `MessagePort` or a stream cannot be sent.
   *
   * @throws UseAfterMoveError where the receiver was moved away or dropped.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * const other = rx.clone();
   * tx.send(1).unwrap();
   * tx.send(2).unwrap();
   * console.log(rx.recvSync().unwrap(), other.recvSync().unwrap()); // 1 2
   */
  clone(): Receiver<T> {
    this[life].assert();
    const { words } = this.#core.ring;
    const holding = newEndHolding(words);
    const { counts } = holding;
    Atomics.add(words, word.receivers, 1);
    counts[1] = 1; // As in `dropReceiver`.
    this.#core.users++;
    return new Receiver<T>(this.#core, holding);
  }

  /** Drops the receiver: after the last one, sending is an `Err`. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    letGo(this);
    const core = this.#core;
    core.users--;
    const last = dropReceiver(core.ring.words, this.#holding);
    freeHolding(this.#holding);
    if (last) core.discardAll();
    if (core.users === 0) core.close();
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    letGo(this);
    const core = this.#core;
    const { words } = core.ring;
    core.users--;
    const image = core.users === 0 ? core.moveOut() : core.fork();
    const lease = lendEnd(words, this.#holding);
    const data: ReceiverImage = { ...image, lease };
    Atomics.notify(words, word.tail); // Whoever waits with this one is told that it was moved.
    return { kind: "Receiver", data, transfer: image.transfer, leases: [lease], abandon: abandonEnd(words, lease) };
  }

  /** Looks for the next message. Where none will come any more, there is nothing left that somebody has to drop. */
  #poll(): Found {
    const found = this.#core.poll();
    if (found === "disconnected" && this.#holding.counts[1] !== 0) this.#end();
    return found;
  }

  #end(): void {
    letGo(this);
    dropReceiver(this.#core.ring.words, this.#holding);
    freeHolding(this.#holding);
    this.#holding = privateHolding();
    this.#core.close();
  }

  /** The next value, or the end, as `recv` and the loop give it. */
  #next<R>(some: (value: T) => R, end: () => R, signal?: AbortSignal): Promise<R> {
    let found: Found;
    try {
      this[life].assert();
      signal?.throwIfAborted();
      found = this.#poll();
    } catch (error) {
      return Promise.reject(error);
    }
    if (found === "value") {
      const result = some(this.#core.value as T);
      this.#taken += 1 + this.#core.ahead.count;
      if (this.#taken < streak) return Promise.resolve(result);
      this.#taken = 0;
      return pause().then(() => result);
    }
    return this.#later(found, some, end, signal);
  }

  async #later<R>(first: Found, some: (value: T) => R, end: () => R, signal?: AbortSignal): Promise<R> {
    const here: Taken = { found: first, value: this.#core.value };
    const { found, value } = first === "empty" ? await this.#wait(Number.POSITIVE_INFINITY, signal) : here;
    if (found === "value") return some(value as T);
    return found === "parcel" ? some(await this.#open(value)) : end();
  }

  /** Waits for something to come. Before it is looked at, another receiver of this thread may have taken the next one. */
  async #wait(ms: number, signal?: AbortSignal): Promise<Taken> {
    const look = (): Taken | undefined => {
      const found = this.#look();
      return found === undefined ? undefined : { found, value: this.#core.value };
    };
    const taken = await waitUntil(newsOf(this.#core.ring.words), look, ms, signal);
    if (taken === undefined) this.#core.passOn();
    return taken ?? { found: "empty", value: undefined };
  }

  #waitSync(ms: number): Found {
    const core = this.#core;
    for (let i = 0; i < spins; i++) {
      this[life].assert();
      const found = this.#poll();
      if (found !== "empty") return found;
      if (core.late) throw new TypeError(late);
      if (ms === 0) return found;
      for (let pauses = 0; pauses < 8 && !hasMore(core.ring.words); pauses++);
    }
    const look = (): Found | undefined => {
      const found = this.#look();
      if (core.late) throw new TypeError(late);
      return found;
    };
    const found = blockUntil(newsOf(core.ring.words), look, ms);
    if (found === undefined) core.passOn();
    return found ?? "empty";
  }

  /** What one who waits looks for: a message, or that none will come. */
  #look(): Found | undefined {
    if (!this[life].live) this.#core.passOn();
    this[life].assert();
    const found = this.#poll();
    return found === "empty" ? undefined : found;
  }

  #openNow(found: "value" | "parcel"): T {
    const { value } = this.#core;
    return (found === "value" ? value : unpackNow(readable(value))) as T;
  }

  async #open(value: unknown): Promise<T> {
    const parcel = readable(value);
    return (needsImport(parcel) ? await unpack(parcel) : unpackNow(parcel)) as T;
  }
}

const late =
  "the next message holds memory, a handle, or too much to go through the channel's own memory, and a browser brings that " +
  "in its event loop; use `await recv()`";

/** @throws NotSendError where what came could not be read. */
function readable(content: unknown): Parcel {
  const parcel = content as Parcel | Unread;
  if (!isUnread(parcel)) return parcel;
  throw new NotSendError("message", "a value in it", `it could not be read where it came to: ${parcel.unread}`);
}

function noMore<T>(): Result<T, RecvError> {
  return new Err(new RecvError());
}

function tooLate(found: Found): RecvTimeoutError {
  return new RecvTimeoutError(found === "disconnected" ? "disconnected" : "timeout");
}

/** Lets the thread's other events happen. */
function pause(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}

interface ReceiverImage extends ReceiveCoreImage {
  readonly lease: Lease;
}

/** @internal The first receiver of a channel that was just made. */
export function firstReceiver<T>(core: ReceiveCore): Receiver<T> {
  const holding = newEndHolding(core.ring.words);
  holding.counts[1] = 1;
  return new Receiver<T>(core, holding);
}

registerHandle("Receiver", (data) => {
  const image = data as ReceiverImage;
  return new Receiver<unknown>(ReceiveCore.open(image), takeHolding(image.lease));
});

registerFork("Receiver", (data) => {
  const image = data as ReceiverImage;
  const fork = ReceiveCore.open(image).fork();
  return { data: { ...fork, lease: image.lease }, transfer: fork.transfer };
});
