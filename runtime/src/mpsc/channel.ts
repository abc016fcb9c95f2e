import { SendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { pack } from "../transport/encode.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { MessageChannel, type MessagePort } from "../worker/node.js";
import { type Line, type Packet, word } from "./line.js";
import { Receiver } from "./receiver.js";

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
 * for await (const n of rx) console.log(n);
 * (await producer.join()).unwrap();
 */
export function channel<T>(): [Sender<T>, Receiver<T>] {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(16));
  words[word.senders] = 1;
  words[word.receiving] = 1;
  return [new Sender<T>({ words, port: port1, users: 1 }), new Receiver<T>(words, [port2])];
}

/**
 * The end of a channel that values go into. `clone()` makes one more, for another thread.
 *
 * Source: Rust's `std::sync::mpsc::Sender`.
 */
export class Sender<T> implements Disposable {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Sender", { shareable: false });
  readonly #line: Line;
  /** Int32 word 0 is 1 once this sender, which another thread gave to this one, was let go of. */
  readonly #lease: Int32Array | undefined;

  /** @internal */
  constructor(line: Line, lease?: Int32Array) {
    this.#line = line;
    this.#lease = lease;
    hold(this);
  }

  /**
   * Sends a value. It is moved as `move` does: buffers in it are transferred, handles in it given away.
   *
   * @returns `Err(SendError)` with the value given back where the receiver was dropped.
   * @throws NotSendError where the value cannot be sent; UseAfterMoveError where the sender was moved away or dropped.
   */
  send(value: T): Result<void, SendError<T>> {
    this[life].assert();
    const { words, port } = this.#line;
    if (Atomics.load(words, word.receiving) === 0) return new Err(new SendError(value));
    const { parcel, transfer } = pack(value, "message", "through a channel");
    const packet: Packet = { parcel };
    port.postMessage(packet, transfer as readonly MessagePort[]);
    Atomics.add(words, word.sequence, 1);
    if (Atomics.load(words, word.waiting) > 0) Atomics.notify(words, word.sequence);
    return new Ok(undefined);
  }

  /** One more sender of the same channel. @throws UseAfterMoveError */
  clone(): Sender<T> {
    this[life].assert();
    Atomics.add(this.#line.words, word.senders, 1);
    this.#line.users++;
    return new Sender<T>(this.#line);
  }

  /** Drops the sender: the receiver's loop ends when the last one is dropped. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    this.#leave();
    if (this.#lease !== undefined) Atomics.store(this.#lease, 0, 1);
    dropSender(this.#line.words);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { words, port } = this.#line;
    if (this.#lease !== undefined) Atomics.store(this.#lease, 0, 1);
    const lease = new Int32Array(new SharedArrayBuffer(4));
    const abandon = (): void => {
      if (Atomics.compareExchange(lease, 0, 0, 1) === 0) dropSender(words);
    };
    letGo(this);
    let moving = port;
    if (this.#line.users > 1) {
      const { port1, port2 } = new MessageChannel();
      const packet: Packet = { port: port2 };
      port.postMessage(packet, [port2]);
      moving = port1;
    }
    this.#line.users--;
    return { kind: "Sender", data: { words, port: moving, lease }, transfer: [moving], abandon };
  }

  #leave(): void {
    letGo(this);
    this.#line.users--;
    if (this.#line.users === 0) this.#line.port.close();
  }
}

/** One sender less; after the last one, whoever waits is told. */
function dropSender(words: Int32Array): void {
  if (Atomics.sub(words, word.senders, 1) !== 1) return;
  Atomics.add(words, word.sequence, 1);
  Atomics.notify(words, word.sequence);
}

interface SenderImage {
  readonly words: Int32Array;
  readonly port: MessagePort;
  readonly lease: Int32Array;
}

registerHandle("Sender", (data) => {
  const { words, port, lease } = data as SenderImage;
  return new Sender<unknown>({ words, port, users: 1 }, lease);
});
