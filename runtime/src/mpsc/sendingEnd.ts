import { announce } from "../sync/signal.js";
import { type HandleImage, Life, life, moveOut } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { MessageChannel } from "../worker/node.js";
import { type Line, newsOf, type Packet, type SenderImage, word } from "./line.js";

/** What the ends that values go into share: their life, and the line they send through. */
export abstract class SendingEnd implements Disposable {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life]: Life;
  /** @internal */
  protected readonly line: Line;
  /** Int32 word 0 is 1 once this sender, which another thread gave to this one, was let go of. */
  readonly #lease: Int32Array | undefined;

  /** @internal */
  constructor(what: string, line: Line, lease: Int32Array | undefined) {
    this[life] = new Life(what, { shareable: false });
    this.line = line;
    this.#lease = lease;
    hold(this);
  }

  /** Drops the sender: the receiver's loop ends when the last one is dropped. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    this.#leave();
    if (this.#lease !== undefined) Atomics.store(this.#lease, 0, 1);
    dropSender(this.line.words);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { words, port } = this.line;
    if (this.#lease !== undefined) Atomics.store(this.#lease, 0, 1);
    const lease = new Int32Array(new SharedArrayBuffer(4));
    const abandon = (): void => {
      if (Atomics.compareExchange(lease, 0, 0, 1) === 0) dropSender(words);
    };
    letGo(this);
    let moving = port;
    if (this.line.users > 1) {
      const { port1, port2 } = new MessageChannel();
      const packet: Packet = { port: port2 };
      port.postMessage(packet, [port2]);
      moving = port1;
    }
    this.line.users--;
    const data: SenderImage = { words, port: moving, lease };
    return { kind: this[life].what, data, transfer: [moving], abandon };
  }

  #leave(): void {
    letGo(this);
    this.line.users--;
    if (this.line.users === 0) this.line.port.close();
  }
}

/** One sender less; after the last one, whoever waits is told. */
function dropSender(words: Int32Array): void {
  if (Atomics.sub(words, word.senders, 1) !== 1) return;
  announce(newsOf(words));
}
