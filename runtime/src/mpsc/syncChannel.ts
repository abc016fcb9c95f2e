import { SendError, TrySendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { blockUntil, type Signal, waitUntil } from "../sync/signal.js";
import { unlessAborted, type WaitOptions } from "../sync/waiting.js";
import { life, registerHandle } from "../transport/handle.js";
import type { Send } from "../transport/types.js";
import { assertMayBlock } from "../worker/vigil.js";
import { isReceived, roomOf } from "./counts.js";
import { newEnds } from "./ends.js";
import { firstReceiver, type Receiver } from "./receiver.js";
import { distance, word } from "./ring.js";
import { firstSender, type HeldCore, openSender, SendingEnd, shareCore } from "./sendingEnd.js";

/**
 * Makes a channel with room for `bound` values: sending waits while it is full, so that a fast sender cannot run ahead of
 * a slow receiver. With a bound of 0 each value is handed over: sending waits until it was taken. The type checker asks
 * whether a `T` can be sent.
 *
 * Source: Rust's `std::sync::mpsc::sync_channel`.
 *
 * @throws RangeError unless `bound` is a whole number from 0 to 2147483647.
 * @example
 * const [tx, rx] = mpsc.syncChannel<number>(2);
 * const producer = thread.spawn(move(tx), (tx) => {
 *   for (let i = 0; i < 5; i++) tx.sendSync(i).unwrap();
 * });
 * for await (const n of rx) console.log(n); // 0, 1, 2, 3, 4
 * (await producer.join()).unwrap();
 */
export function syncChannel<T extends Send<T>>(bound: number): [SyncSender<T>, Receiver<T>] {
  if (!(Number.isInteger(bound) && bound >= 0 && bound <= 0x7fffffff)) {
    throw new RangeError(`a channel has room for 0 to 2147483647 values, not ${bound}`);
  }
  const { sending, receiving } = newEnds(bound);
  return [new SyncSender<T>(firstSender(sending)), firstReceiver<T>(receiving)];
}

/**
 * The end of a channel with a bound that values go into. `clone()` makes one more, for another thread. The receiver's
 * loop ends when the last one was dropped, by `using` or `drop`, or its thread has ended.
 *
 * Source: Rust's `std::sync::mpsc::SyncSender`.
 *
 * @example
 * const [tx, rx] = mpsc.syncChannel<string>(1);
 * const cook = thread.spawn(move(tx), async (tx) => {
 *   for (const dish of ["soup", "fish", "cake"]) (await tx.send(dish)).unwrap();
 * });
 * for await (const dish of rx) console.log(dish); // soup, fish, cake
 * (await cook.join()).unwrap();
 */
export class SyncSender<in out T> extends SendingEnd {
  /** The sends of this sender that wait: the next one waits behind them. */
  #queue: Promise<unknown> | undefined;

  /** @internal */
  constructor(held: HeldCore) {
    super("SyncSender", held);
  }

  /**
   * Waits for room without blocking the thread, and sends a value. It is moved as `move` does. With a bound of 0 it waits
   * until the value was taken. Several at once are sent in the order of the calls.
   *
   * @returns `Err(SendError)` with the value given back where the last receiver was dropped; buffers in it may be detached
   * where the bound is 0.
   * @throws (rejects with) NotSendError where the value cannot be sent; UseAfterMoveError where the sender was moved away
   * or dropped; the signal's reason, as soon as it is aborted: nobody gets the value then, and it is as it was, but for
   * buffers and handles in it where the bound is 0.
   * @example
   * const [tx, rx] = mpsc.syncChannel<number>(1);
   * (await tx.send(1)).unwrap();
   * const second = tx.send(2); // Waits for room.
   * console.log((await rx.recv()).unwrap()); // 1
   * (await second).unwrap();
   * await tx.send(3, { signal: AbortSignal.timeout(5) }).catch((reason) => console.log(reason.name)); // TimeoutError
   */
  send(value: T, options?: WaitOptions): Promise<Result<void, SendError<T>>> {
    const before = this.#queue;
    const signal = options?.signal;
    const sent =
      before === undefined
        ? this.#sendInTurn(value, signal)
        : unlessAborted(before, signal).then(() => this.#sendInTurn(value, signal));
    const ended = sent.then(nothing, nothing);
    // One that was aborted leaves the line, and those before it stay.
    const settled = signal === undefined || before === undefined ? ended : Promise.all([before, ended]);
    this.#queue = settled;
    void settled.then(() => {
      if (this.#queue === settled) this.#queue = undefined;
    });
    return sent;
  }

  async #sendInTurn(value: T, signal: AbortSignal | undefined): Promise<Result<void, SendError<T>>> {
    this[life].assert();
    const room = roomOf(this.core.ring.words);
    const offered = await waitUntil(room, () => this.#offer(value), Number.POSITIVE_INFINITY, signal);
    if (offered === "gone") return new Err(new SendError(value));
    const outcome = this.#hands() ? await this.#handOver(room, signal) : "sent";
    return outcome === "gone" ? new Err(new SendError(value)) : new Ok(undefined);
  }

  /** Waits until what was offered is taken; where the signal is aborted first, nobody will. */
  async #handOver(room: Signal, signal: AbortSignal | undefined): Promise<"sent" | "gone" | undefined> {
    const { core } = this;
    const { ordinal } = core;
    try {
      return await waitUntil(room, () => this.#isTaken(ordinal), Number.POSITIVE_INFINITY, signal);
    } catch (reason) {
      if (core.takeBack(ordinal)) throw reason;
      return "sent";
    }
  }

  /**
   * As `send`, but blocks the thread. It does not wait for calls of `send` that still wait.
   *
   * @returns `Err(SendError)` with the value given back where the last receiver was dropped.
   * @throws NotSendError where the value cannot be sent. UseAfterMoveError where the sender was moved away or dropped.
   * TypeError where there is no room and the thread may not block: the main thread of a browser.
   * @example
   * const [tx, rx] = mpsc.syncChannel<number>(2);
   * tx.sendSync(1).unwrap();
   * tx.sendSync(2).unwrap();
   * console.log(rx.recvSync().unwrap()); // 1
   */
  sendSync(value: T): Result<void, SendError<T>> {
    assertMayBlock("send");
    this[life].assert();
    const room = roomOf(this.core.ring.words);
    if (blockUntil(room, () => this.#offer(value)) === "gone") return new Err(new SendError(value));
    if (!this.#hands()) return new Ok(undefined);
    const { ordinal } = this.core;
    const outcome = blockUntil(room, () => this.#isTaken(ordinal));
    return outcome === "gone" ? new Err(new SendError(value)) : new Ok(undefined);
  }

  /**
   * Sends a value if that needs no waiting: there is room, or, with a bound of 0, somebody waits to receive.
   *
   * @returns `Err(TrySendError)` with the value given back, whose `reason` says whether there may be room later.
   * @throws NotSendError where the value cannot be sent. UseAfterMoveError where the sender was moved away or dropped.
   * @example
   * const [tx, rx] = mpsc.syncChannel<number>(1);
   * tx.trySend(1).unwrap();
   * const second = tx.trySend(2);
   * if (!second.ok) console.log(second.error.reason); // full
   * drop(rx);
   */
  trySend(value: T): Result<void, TrySendError<T>> {
    this[life].assert();
    const { words } = this.core.ring;
    if (!isReceived(words)) return new Err(new TrySendError(value, "disconnected"));
    const awaited = !this.#hands() || Atomics.load(words, word.waiting) > 0;
    return awaited && this.core.offer(value) ? new Ok(undefined) : new Err(new TrySendError(value, "full"));
  }

  /**
   * One more sender of the same channel.
   *
   * @throws UseAfterMoveError where the sender was moved away or dropped.
   * @example
   * const [tx, rx] = mpsc.syncChannel<number>(2);
   * const other = tx.clone();
   * tx.sendSync(1).unwrap();
   * other.sendSync(2).unwrap();
   * console.log(rx.recvSync().unwrap() + rx.recvSync().unwrap()); // 3
   */
  clone(): SyncSender<T> {
    this[life].assert();
    return new SyncSender<T>(shareCore(this.core));
  }

  #offer(value: T): "sent" | "gone" | undefined {
    this[life].assert();
    if (!isReceived(this.core.ring.words)) return "gone";
    return this.core.offer(value) ? "sent" : undefined;
  }

  /** Whether values are handed over. */
  #hands(): boolean {
    return this.core.ring.words[word.bound] === 0;
  }

  #isTaken(ordinal: number): "sent" | "gone" | undefined {
    const { words } = this.core.ring;
    const received = isReceived(words);
    if (distance(ordinal, Atomics.load(words, word.taken)) >= 0) return "sent";
    return received ? undefined : "gone";
  }
}

function nothing(): void {}

registerHandle("SyncSender", (data) => new SyncSender<unknown>(openSender(data)));
