import { NotSendError } from "../errors.js";
import { currentSelf } from "../thread/self.js";
import { type Packed, type Parcel, pack } from "../transport/encode.js";
import { sendInMessage } from "../worker/holdings.js";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "../worker/node.js";
import { appendTo, type Chunk, newChunk, type Source, writeRecord } from "./chunk.js";
import { Encoder } from "./codec.js";
import { letGoOfGiven, noteGiven } from "./given.js";
import { copyOf, isUnique, type LinkImage, type ToReceiver, type ToSender } from "./links.js";
import { bodyLength, record } from "./record.js";
import {
  distance,
  header,
  lock,
  noLimit,
  openRing,
  placeFor,
  positionIn,
  publish,
  type Ring,
  reserve,
  unbounded,
  unlock,
  wakeReceiver,
  word,
} from "./ring.js";

/** How many words the ring of a channel without a bound holds, before further messages go to memory that is freed. */
const softLimit = 256 * 1024;
const smallestChunk = 256;
const largestChunk = 32 * 1024;

/** What a sending end becomes on its way to another thread. */
export interface SendCoreImage {
  readonly memory: SharedArrayBuffer;
  readonly end: number;
  readonly bodies: number;
  readonly links: LinkImage;
  /** The ports in it. */
  readonly transfer: readonly MessagePort[];
}

/** Who holds a lock, as its word says it. */
export function selfAsOwner(): number {
  return currentSelf().id + 1;
}

/** One thread's way into a channel; its senders share it. */
export class SendCore {
  readonly ring: Ring;
  /** How many senders of this thread use it. */
  users = 1;
  /** Of a channel with a bound: which message of all the one that was offered last is. */
  ordinal = 0;
  readonly #owner = selfAsOwner();
  readonly #end: number;
  readonly #links: Map<number, MessagePort>;
  #epoch = -1;
  #bodies: number;
  #chunk: Chunk | undefined;
  #chunkLength = smallestChunk;

  constructor(ring: Ring, end: number, links: LinkImage, bodies: number) {
    this.ring = ring;
    this.#end = end;
    this.#links = new Map(links);
    this.#bodies = bodies;
  }

  static open({ memory, end, links, bodies }: SendCoreImage): SendCore {
    return new SendCore(openRing(memory), end, links, bodies);
  }

  /**
   * Puts a message in.
   *
   * @returns false where a channel with a bound has no room for it.
   * @throws NotSendError where it cannot be sent.
   */
  offer(value: unknown): boolean {
    if (typeof value === "number") return this.#offerNumber(value);
    const encoder = takeEncoder();
    try {
      const end = encoder.encode(value, 4);
      if (end >= 0) {
        const length = ((end + 7) >> 3) << 1;
        encoder.words[0] = header(record.packed, length);
        return this.#put(encoder.words, length);
      }
    } finally {
      giveEncoder(encoder);
    }
    return this.#offerBody(value);
  }

  #offerNumber(value: number): boolean {
    if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
      return this.#put(value, 2);
    }
    double[1] = value;
    doubleRecord[0] = header(record.double, 4);
    return this.#put(doubleRecord, 4);
  }

  #put(source: Source, length: number): boolean {
    const { words } = this.ring;
    if (this.#chunk !== undefined && this.#putInChunk(this.#chunk, source, length)) return true;
    if (words[word.senders] === 1 && this.#putAlone(source, length)) return true;
    const owner = this.#owner;
    lock(words, word.sendLock, owner);
    try {
      if (!hasRoom(words)) return false;
      const limit = words[word.bound] === unbounded ? softLimit : noLimit;
      const at = reserve(this.ring, length, limit, owner);
      if (at < 0) {
        this.#startChunk(source, length, owner);
      } else {
        writeRecord(source, this.ring.data, at, length);
        publish(this.ring, length);
        this.#countSent(1);
      }
    } finally {
      unlock(words, word.sendLock);
    }
    wakeReceiver(words);
    return true;
  }

  /** Who sends alone puts in what there is room for, without the lock: nobody else becomes a sender but by its doing. */
  #putAlone(source: Source, length: number): boolean {
    if (this.ring.words[word.bound] !== unbounded) return false;
    const at = placeFor(this.ring, length, softLimit);
    if (at < 0) return false;
    writeRecord(source, this.ring.data, at, length);
    publish(this.ring, length);
    wakeReceiver(this.ring.words);
    return true;
  }

  #putInChunk(chunk: Chunk, source: Source, length: number): boolean {
    if (appendTo(chunk, source, length)) {
      wakeReceiver(this.ring.words);
      return true;
    }
    this.#chunk = undefined;
    return false;
  }

  /** Under the lock for sending. */
  #startChunk(source: Source, length: number, owner: number): void {
    const chunk = newChunk(Math.max(this.#chunkLength, length));
    this.#chunkLength = Math.min(this.#chunkLength * 2, largestChunk);
    appendTo(chunk, source, length);
    this.#post(record.chunk, { content: chunk.memory, transfer: [], abandon: [] }, owner);
    this.#chunk = chunk;
  }

  #offerBody(value: unknown): boolean {
    const { words } = this.ring;
    const owner = this.#owner;
    if (!this.#takeRoom(1)) return false;
    let packed: Packed;
    try {
      packed = pack(value, "message", () => "through a channel");
    } catch (error) {
      this.#takeRoom(-1);
      throw error;
    }
    this.#chunk = undefined;
    this.#chunkLength = smallestChunk;
    for (const lease of packed.lent.flatMap(({ leases }) => leases)) sendInMessage(lease);
    try {
      this.#postBody(packed, owner);
    } catch (error) {
      for (const abandon of packed.abandon) abandon(this.#owner - 1);
      this.#takeRoom(-1);
      throw error;
    }
    wakeReceiver(words);
    noteGiven(this.ring.memory, packed.lent);
    return true;
  }

  #postBody(packed: Packed, owner: number): void {
    const { words } = this.ring;
    lock(words, word.sendLock, owner);
    try {
      this.#post(record.body, { ...packed, content: packed.parcel }, owner);
    } finally {
      unlock(words, word.sendLock);
    }
  }

  /**
   * Takes back what was offered to be handed over: there is nothing else in such a channel.
   *
   * @returns false where it was taken.
   */
  takeBack(ordinal: number): boolean {
    const { words, memory } = this.ring;
    lock(words, word.sendLock, this.#owner);
    lock(words, word.takeLock, this.#owner);
    const isTaken = distance(ordinal, Atomics.load(words, word.taken)) >= 0;
    if (!isTaken) {
      words[word.taken] = ordinal;
      Atomics.store(words, word.head, positionIn(words[word.tail] ?? 0) | ((words[word.head] ?? 0) & 1));
    }
    unlock(words, word.takeLock);
    unlock(words, word.sendLock);
    if (isTaken) return false;
    letGoOfGiven(memory);
    Atomics.notify(words, word.head);
    return true;
  }

  /** Takes the room for one message, or gives it back. */
  #takeRoom(change: 1 | -1): boolean {
    const { words } = this.ring;
    lock(words, word.sendLock, this.#owner);
    const taken = change < 0 || hasRoom(words);
    if (taken) this.#countSent(change);
    unlock(words, word.sendLock);
    if (change < 0) Atomics.notify(words, word.head);
    return taken;
  }

  #countSent(change: 1 | -1): void {
    const { words } = this.ring;
    this.ordinal = ((words[word.sent] ?? 0) + change) | 0;
    words[word.sent] = this.ordinal;
  }

  /** Posts what is not in the ring, and puts in the record that stands for it. Under the lock for sending. */
  #post(kind: number, outgoing: Outgoing, owner: number): void {
    this.#refresh();
    const { words } = this.ring;
    const at = reserve(this.ring, bodyLength, noLimit, owner);
    const id = this.#bodies++;
    this.#postToEach(id, positionIn(words[word.tail] ?? 0), outgoing);
    const { data } = this.ring;
    data[at] = header(kind, bodyLength);
    data[at + 1] = this.#end;
    data[at + 2] = id;
    publish(this.ring, bodyLength);
  }

  #postToEach(id: number, position: number, { content, transfer, abandon }: Outgoing): void {
    if (this.#links.size === 0) {
      for (const letGo of abandon) letGo(this.#owner - 1);
      return;
    }
    const ports = [...this.#links.values()];
    if (ports.length > 1 && !(content instanceof SharedArrayBuffer) && isUnique(content, transfer)) {
      throw new NotSendError("message", "a port or stream", "a channel with several receivers cannot transfer it");
    }
    for (const [i, port] of ports.entries()) {
      const body = { is: "body", id, position } as const;
      const isLast = i === ports.length - 1;
      if (isLast || content instanceof SharedArrayBuffer) {
        postTo(port, { ...body, content, transfer }, transfer);
      } else {
        const copy = copyOf(content);
        postTo(port, { ...body, content: copy.parcel, transfer: copy.transfer }, copy.transfer);
      }
    }
  }

  /** Hears of the receivers that have come and gone. */
  #refresh(): void {
    const epoch = Atomics.load(this.ring.words, word.epoch);
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    for (const [end, port] of this.#links) {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
        const said: ToSender = got.message;
        if (said.is === "receiver") {
          this.#links.set(said.end, said.port);
        } else {
          port.close();
          this.#links.delete(end);
        }
      }
    }
  }

  /** The image of this way, which this thread gives up. */
  moveOut(): SendCoreImage {
    const links = [...this.#links];
    const transfer = links.map(([, port]) => port);
    return { memory: this.ring.memory, end: this.#end, bodies: this.#bodies, links, transfer };
  }

  /** The image of one more way into the channel, for another thread. */
  fork(): SendCoreImage {
    const { words } = this.ring;
    lock(words, word.sendLock, this.#owner);
    try {
      this.#refresh();
      const end = Atomics.add(words, word.ends, 1) + 1;
      const links = [...this.#links].map(([receiver, port]): LinkImage[number] => {
        const { port1, port2 } = new MessageChannel();
        postTo(port, { is: "sender", end, port: port2 }, [port2]);
        return [receiver, port1];
      });
      Atomics.add(words, word.epoch, 1);
      return { memory: this.ring.memory, end, bodies: 0, links, transfer: links.map(([, port]) => port) };
    } finally {
      unlock(words, word.sendLock);
    }
  }

  /** Nobody in this thread sends any more. */
  close(): void {
    for (const port of this.#links.values()) {
      postTo(port, { is: "bye" }, []);
      port.close();
    }
    this.#links.clear();
    Atomics.add(this.ring.words, word.epoch, 1);
  }
}

interface Outgoing {
  readonly content: Parcel | SharedArrayBuffer;
  readonly transfer: readonly object[];
  readonly abandon: readonly ((thread: number) => void)[];
}

function postTo(port: MessagePort, message: ToReceiver, transfer: readonly object[]): void {
  port.postMessage(message, transfer as readonly MessagePort[]);
}

/** Whether a channel with a bound has room for one more. Handing over needs room, too. Under the lock for sending. */
function hasRoom(words: Int32Array): boolean {
  const bound = words[word.bound] ?? unbounded;
  if (bound === unbounded) return true;
  const queued = ((words[word.sent] ?? 0) - Atomics.load(words, word.taken)) | 0;
  return queued < Math.max(1, bound);
}

const double = new Float64Array(2);
const doubleRecord = new Int32Array(double.buffer);

/** A getter in a message may send a message, and must not write over this one: it takes another encoder. */
let spare: Encoder | undefined;

function takeEncoder(): Encoder {
  const encoder = spare ?? new Encoder();
  spare = undefined;
  return encoder;
}

function giveEncoder(encoder: Encoder): void {
  spare = encoder;
}
