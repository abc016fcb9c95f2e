import { RecvError, TryRecvError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { needsImport, type Parcel, unpack, unpackNow } from "../transport/encode.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { keepAlive } from "../worker/keepAlive.js";
import { type MessagePort, receiveMessageOnPort } from "../worker/node.js";
import { type Packet, word } from "./line.js";

/** What `poll` finds where there is no message. */
type Nothing = "empty" | "disconnected";

/**
 * The end of a channel that values come out of.
 *
 * `for await (const value of rx)` takes them one by one and ends when the last sender was dropped, or its thread ended.
 *
 * Source: Rust's `std::sync::mpsc::Receiver`.
 */
export class Receiver<T> implements Disposable, AsyncIterable<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Receiver", { shareable: false });
  readonly #words: Int32Array;
  #ports: MessagePort[];
  #next = 0;

  /** @internal */
  constructor(words: Int32Array, ports: readonly MessagePort[]) {
    this.#words = words;
    this.#ports = [...ports];
    hold(this);
  }

  /**
   * Waits for the next value without blocking the thread; keeps the process alive meanwhile.
   *
   * @returns `Err(RecvError)` where nothing will come any more.
   * @throws (rejects with) UseAfterMoveError where the receiver was moved away or dropped.
   */
  async recv(): Promise<Result<T, RecvError>> {
    const words = this.#words;
    let release: (() => void) | undefined;
    try {
      for (;;) {
        this[life].assert();
        const before = Atomics.load(words, word.sequence);
        const found = this.#poll();
        if (typeof found === "object") return new Ok((await this.#open(found)) as T);
        if (found === "disconnected") return new Err(new RecvError());
        release ??= keepAlive();
        Atomics.add(words, word.waiting, 1);
        const waiting = Atomics.waitAsync(words, word.sequence, before);
        if (waiting.async) await waiting.value;
        Atomics.sub(words, word.waiting, 1);
      }
    } finally {
      release?.();
    }
  }

  /**
   * Blocks the thread until the next value comes.
   *
   * @returns `Err(RecvError)` where nothing will come any more.
   * @throws UseAfterMoveError where the receiver was moved away or dropped.
   */
  recvSync(): Result<T, RecvError> {
    const words = this.#words;
    for (;;) {
      this[life].assert();
      const before = Atomics.load(words, word.sequence);
      const found = this.#poll();
      if (typeof found === "object") return new Ok(unpackNow(found) as T);
      if (found === "disconnected") return new Err(new RecvError());
      Atomics.add(words, word.waiting, 1);
      Atomics.wait(words, word.sequence, before);
      Atomics.sub(words, word.waiting, 1);
    }
  }

  /**
   * Takes a value that has come already.
   *
   * @returns `Err(TryRecvError)` whose `reason` says whether something may still come.
   * @throws UseAfterMoveError where the receiver was moved away or dropped.
   */
  tryRecv(): Result<T, TryRecvError> {
    this[life].assert();
    const found = this.#poll();
    return typeof found === "object" ? new Ok(unpackNow(found) as T) : new Err(new TryRecvError(found));
  }

  /** The values as they come, until the last sender is dropped. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const next = await this.recv();
      if (!next.ok) return;
      yield next.value;
    }
  }

  /** Drops the receiver: sending is an `Err` from now on. What `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    letGo(this);
    Atomics.store(this.#words, word.receiving, 0);
    Atomics.add(this.#words, word.sequence, 1);
    Atomics.notify(this.#words, word.sequence);
    for (const port of this.#ports) port.close();
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    letGo(this);
    const words = this.#words;
    const ports = this.#ports;
    this.#ports = [];
    return {
      kind: "Receiver",
      data: { words, ports },
      transfer: ports,
      abandon: () => Atomics.store(words, word.receiving, 0),
    };
  }

  /** The next message of any line; the lines take turns. */
  #poll(): Parcel | Nothing {
    const senders = Atomics.load(this.#words, word.senders);
    for (let silent = 0; silent < this.#ports.length; ) {
      const at = this.#next % this.#ports.length;
      this.#next = at + 1;
      const port = this.#ports[at];
      const got: { message: Packet } | undefined = port === undefined ? undefined : receiveMessageOnPort(port);
      if (got === undefined) {
        silent++;
      } else if ("port" in got.message) {
        this.#ports.push(got.message.port);
        silent = 0;
      } else {
        return got.message.parcel;
      }
    }
    return senders === 0 ? "disconnected" : "empty";
  }

  async #open(parcel: Parcel): Promise<unknown> {
    return needsImport(parcel) ? await unpack(parcel) : unpackNow(parcel);
  }
}

interface ReceiverImage {
  readonly words: Int32Array;
  readonly ports: readonly MessagePort[];
}

registerHandle("Receiver", (data) => {
  const { words, ports } = data as ReceiverImage;
  return new Receiver<unknown>(words, ports);
});
