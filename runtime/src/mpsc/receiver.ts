import { RecvError, RecvTimeoutError, TryRecvError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { announce, assertTimeout, blockUntil, waitUntil } from "../sync/signal.js";
import { needsImport, type Parcel, unpack, unpackNow } from "../transport/encode.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { hold, letGo } from "../worker/ending.js";
import { type MessagePort, receiveMessageOnPort } from "../worker/node.js";
import { newsOf, type Packet, roomOf, stopReceiving, unbounded, word } from "./line.js";

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
    const found = await waitUntil(newsOf(this.#words), () => this.#look());
    return typeof found === "object" ? new Ok((await this.#open(found)) as T) : new Err(new RecvError());
  }

  /**
   * Blocks the thread until the next value comes.
   *
   * @returns `Err(RecvError)` where nothing will come any more.
   * @throws UseAfterMoveError where the receiver was moved away or dropped.
   */
  recvSync(): Result<T, RecvError> {
    const found = blockUntil(newsOf(this.#words), () => this.#look());
    return typeof found === "object" ? new Ok(unpackNow(found) as T) : new Err(new RecvError());
  }

  /**
   * As `recv`, but waits at most `ms` milliseconds.
   *
   * @returns `Err(RecvTimeoutError)` whose `reason` says whether something may still come.
   * @throws (rejects with) RangeError unless `ms` is 0 or more; UseAfterMoveError.
   */
  async recvTimeout(ms: number): Promise<Result<T, RecvTimeoutError>> {
    assertTimeout(ms);
    const found = await waitUntil(newsOf(this.#words), () => this.#look(), ms);
    return typeof found === "object" ? new Ok((await this.#open(found)) as T) : new Err(tooLate(found));
  }

  /** As `recvTimeout`, but blocks the thread. @throws RangeError, UseAfterMoveError */
  recvTimeoutSync(ms: number): Result<T, RecvTimeoutError> {
    assertTimeout(ms);
    const found = blockUntil(newsOf(this.#words), () => this.#look(), ms);
    return typeof found === "object" ? new Ok(unpackNow(found) as T) : new Err(tooLate(found));
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
    stopReceiving(this.#words);
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
      abandon: () => stopReceiving(words),
    };
  }

  /** What one who waits looks for: a message, or that none will come. */
  #look(): Parcel | "disconnected" | undefined {
    this[life].assert();
    const found = this.#poll();
    return found === "empty" ? undefined : found;
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
        makeRoom(this.#words);
        return got.message.parcel;
      }
    }
    return senders === 0 ? "disconnected" : "empty";
  }

  async #open(parcel: Parcel): Promise<unknown> {
    return needsImport(parcel) ? await unpack(parcel) : unpackNow(parcel);
  }
}

/** A message was taken: whoever waits for that, or for the room that it leaves, may go on. */
function makeRoom(words: Int32Array): void {
  if (words[word.bound] === unbounded) return;
  Atomics.add(words, word.taken, 1);
  Atomics.sub(words, word.queued, 1);
  announce(roomOf(words));
}

function tooLate(found: "disconnected" | undefined): RecvTimeoutError {
  return new RecvTimeoutError(found ?? "timeout");
}

interface ReceiverImage {
  readonly words: Int32Array;
  readonly ports: readonly MessagePort[];
}

registerHandle("Receiver", (data) => {
  const { words, ports } = data as ReceiverImage;
  return new Receiver<unknown>(words, ports);
});
