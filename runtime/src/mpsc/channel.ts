import { SendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { life, registerHandle } from "../transport/handle.js";
import type { Send } from "../transport/types.js";
import { isReceived } from "./counts.js";
import { newEnds } from "./ends.js";
import { firstReceiver, type Receiver } from "./receiver.js";
import { unbounded } from "./ring.js";
import { firstSender, type HeldCore, openSender, SendingEnd, shareCore } from "./sendingEnd.js";

/**
 * Makes a channel: what goes into the sender comes out of the receiver, in the order each sender sent it. Nothing waits
 * when it sends; there is no limit to what is on its way. The type checker asks whether a `T` can be sent.
 *
 * Source: Rust's `std::sync::mpsc::channel`.
 *
 * @example
 * const [tx, rx] = mpsc.channel<number>();
 * const producer = thread.spawn(move(tx), (tx) => {
 *   for (let i = 0; i < 3; i++) tx.send(i).unwrap();
 * });
 * for await (const n of rx) console.log(n); // 0, 1, 2
 * (await producer.join()).unwrap();
 */
export function channel<T extends Send<T>>(): [Sender<T>, Receiver<T>] {
  const { sending, receiving } = newEnds(unbounded);
  return [new Sender<T>(firstSender(sending)), firstReceiver<T>(receiving)];
}

/**
 * The end of a channel that values go into. `clone()` makes one more, for another thread. The receiver's loop ends when
 * the last one was dropped, by `using` or `drop`, or its thread has ended.
 *
 * Source: Rust's `std::sync::mpsc::Sender`.
 *
 * @example
 * const [tx, rx] = mpsc.channel<string>();
 * const greeter = thread.spawn(move(tx.clone()), (tx) => {
 *   tx.send("hello").unwrap();
 * });
 * drop(tx); // Or the loop would wait for what this one may still send.
 * for await (const text of rx) console.log(text); // hello
 * (await greeter.join()).unwrap();
 */
export class Sender<in out T> extends SendingEnd {
  /** @internal */
  constructor(held: HeldCore) {
    super("Sender", held);
  }

  /**
   * Sends a value. It is moved as `move` does: buffers in it are transferred, handles in it given away.
   *
   * @returns `Err(SendError)` with the value given back where the last receiver was dropped.
   * @throws NotSendError where the value cannot be sent, naming the part of it; the channel is as it was.
   * UseAfterMoveError where the sender was moved away or dropped.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * tx.send(1).unwrap();
   * drop(rx);
   * const refused = tx.send(2);
   * if (!refused.ok) console.log(refused.error.value); // 2
   */
  send(value: T): Result<void, SendError<T>> {
    this[life].assert();
    if (!isReceived(this.core.ring.words)) return new Err(new SendError(value));
    this.core.offer(value);
    return done;
  }

  /**
   * One more sender of the same channel.
   *
   * @throws UseAfterMoveError where the sender was moved away or dropped.
   * @example
   * const [tx, rx] = mpsc.channel<number>();
   * const other = tx.clone();
   * tx.send(1).unwrap();
   * other.send(2).unwrap();
   * console.log(rx.recvSync().unwrap() + rx.recvSync().unwrap()); // 3
   */
  clone(): Sender<T> {
    this[life].assert();
    return new Sender<T>(shareCore(this.core));
  }
}

const done = new Ok(undefined);

registerHandle("Sender", (data) => new Sender<unknown>(openSender(data)));
