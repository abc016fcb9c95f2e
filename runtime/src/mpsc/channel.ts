import { SendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { life, registerHandle } from "../transport/handle.js";
import { type Line, newLine, openImage, post, shareLine, unbounded, word } from "./line.js";
import { Receiver } from "./receiver.js";
import { SendingEnd } from "./sendingEnd.js";

/**
 * Makes a channel: what goes into the sender comes out of the receiver, in the order each sender sent it. Nothing waits
 * when it sends; there is no limit to what is on its way.
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
export function channel<T>(): [Sender<T>, Receiver<T>] {
  const { line, port } = newLine(unbounded);
  return [new Sender<T>(line), new Receiver<T>(line.words, [port])];
}

/**
 * The end of a channel that values go into. `clone()` makes one more, for another thread. The receiver's loop ends when
 * the last one was dropped, by `using` or `drop`, or its thread has ended.
 *
 * Source: Rust's `std::sync::mpsc::Sender`.
 */
export class Sender<T> extends SendingEnd {
  /** @internal */
  constructor(line: Line, lease?: Int32Array) {
    super("Sender", line, lease);
  }

  /**
   * Sends a value. It is moved as `move` does: buffers in it are transferred, handles in it given away.
   *
   * @returns `Err(SendError)` with the value given back where the receiver was dropped.
   * @throws NotSendError where the value cannot be sent; UseAfterMoveError where the sender was moved away or dropped.
   */
  send(value: T): Result<void, SendError<T>> {
    this[life].assert();
    if (Atomics.load(this.line.words, word.receiving) === 0) return new Err(new SendError(value));
    post(this.line, value);
    return new Ok(undefined);
  }

  /** One more sender of the same channel. @throws UseAfterMoveError */
  clone(): Sender<T> {
    this[life].assert();
    return new Sender<T>(shareLine(this.line));
  }
}

registerHandle("Sender", (data) => {
  const { line, lease } = openImage(data);
  return new Sender<unknown>(line, lease);
});
