import { SendError, TrySendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { announce, blockUntil, waitUntil } from "../sync/signal.js";
import { life, registerHandle } from "../transport/handle.js";
import { type Line, newLine, openImage, post, roomOf, shareLine, word } from "./line.js";
import { Receiver } from "./receiver.js";
import { SendingEnd } from "./sendingEnd.js";

/**
 * Makes a channel with room for `bound` values: sending waits while it is full, so that a fast sender cannot run ahead of
 * a slow receiver. With a bound of 0 each value is handed over: sending waits until it was taken.
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
export function syncChannel<T>(bound: number): [SyncSender<T>, Receiver<T>] {
  if (!(Number.isInteger(bound) && bound >= 0 && bound <= 0x7fffffff)) {
    throw new RangeError(`a channel has room for 0 to 2147483647 values, not ${bound}`);
  }
  const { line, port } = newLine(bound);
  return [new SyncSender<T>(line), new Receiver<T>(line.words, [port])];
}

/**
 * The end of a channel with a bound that values go into. `clone()` makes one more, for another thread. The receiver's
 * loop ends when the last one was dropped, by `using` or `drop`, or its thread has ended.
 *
 * Source: Rust's `std::sync::mpsc::SyncSender`.
 */
export class SyncSender<T> extends SendingEnd {
  /** @internal */
  constructor(line: Line, lease?: Int32Array) {
    super("SyncSender", line, lease);
  }

  /**
   * Waits for room without blocking the thread, and sends a value. It is moved as `move` does. With a bound of 0 it waits
   * until the value was taken.
   *
   * @returns `Err(SendError)` with the value given back where the receiver was dropped; buffers in it may be detached
   * where the bound is 0.
   * @throws (rejects with) NotSendError where the value cannot be sent; UseAfterMoveError where the sender was moved away
   * or dropped.
   */
  async send(value: T): Promise<Result<void, SendError<T>>> {
    this[life].assert();
    const room = roomOf(this.line.words);
    if ((await waitUntil(room, () => takeRoom(this.line))) === "gone") return new Err(new SendError(value));
    const taken = postInRoom(this.line, value);
    const outcome = await waitUntil(room, taken);
    return outcome === "gone" ? new Err(new SendError(value)) : new Ok(undefined);
  }

  /** As `send`, but blocks the thread. @returns as `send`. @throws NotSendError, UseAfterMoveError */
  sendSync(value: T): Result<void, SendError<T>> {
    this[life].assert();
    const room = roomOf(this.line.words);
    if (blockUntil(room, () => takeRoom(this.line)) === "gone") return new Err(new SendError(value));
    const outcome = blockUntil(room, postInRoom(this.line, value));
    return outcome === "gone" ? new Err(new SendError(value)) : new Ok(undefined);
  }

  /**
   * Sends a value if that needs no waiting: there is room, or, with a bound of 0, somebody waits to receive.
   *
   * @returns `Err(TrySendError)` with the value given back, whose `reason` says whether there may be room later.
   * @throws NotSendError, UseAfterMoveError
   */
  trySend(value: T): Result<void, TrySendError<T>> {
    this[life].assert();
    const { words } = this.line;
    const awaited = words[word.bound] !== 0 || Atomics.load(words, word.waiting) > 0;
    const room = Atomics.load(words, word.receiving) === 0 ? "gone" : awaited ? takeRoom(this.line) : undefined;
    if (room !== "room") return new Err(new TrySendError(value, room === "gone" ? "disconnected" : "full"));
    postInRoom(this.line, value);
    return new Ok(undefined);
  }

  /** One more sender of the same channel. @throws UseAfterMoveError */
  clone(): SyncSender<T> {
    this[life].assert();
    return new SyncSender<T>(shareLine(this.line));
  }
}

registerHandle("SyncSender", (data) => {
  const { line, lease } = openImage(data);
  return new SyncSender<unknown>(line, lease);
});

/** Takes the room for one message. Who hands a message over needs room for it, too. */
function takeRoom({ words }: Line): "room" | "gone" | undefined {
  for (;;) {
    if (Atomics.load(words, word.receiving) === 0) return "gone";
    const queued = Atomics.load(words, word.queued);
    if (queued >= Math.max(1, words[word.bound] ?? 0)) return undefined;
    if (Atomics.compareExchange(words, word.queued, queued, queued + 1) === queued) return "room";
  }
}

/** Sends into the room that was taken. Gives what says whether the sender is done, which is what it waits for. */
function postInRoom(line: Line, value: unknown): () => "sent" | "gone" | undefined {
  const { words } = line;
  const before = Atomics.load(words, word.taken);
  try {
    post(line, value);
  } catch (error) {
    Atomics.sub(words, word.queued, 1);
    announce(roomOf(words));
    throw error;
  }
  if (words[word.bound] !== 0) return () => "sent";
  return () => {
    if (Atomics.load(words, word.taken) !== before) return "sent";
    return Atomics.load(words, word.receiving) === 0 ? "gone" : undefined;
  };
}
