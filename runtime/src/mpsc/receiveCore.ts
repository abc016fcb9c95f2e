import type { Parcel } from "../transport/encode.js";
import { reviveHandle } from "../transport/handle.js";
import {
  deliversAtOnce,
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  whenDelivered,
} from "../worker/node.js";
import { Ahead } from "./ahead.js";
import { type Chunk, copyWords, endOf, firstIn, openChunk, skipIn } from "./chunk.js";
import { Decoder } from "./codec.js";
import { again, type Body, discard, type ToReceiver, type ToSender } from "./links.js";
import { record } from "./record.js";
import {
  dataOf,
  distance,
  filler,
  kindOf,
  lengthOf,
  lock,
  openRing,
  passOn,
  positionIn,
  type Ring,
  unbounded,
  unlock,
  word,
} from "./ring.js";
import { selfAsOwner } from "./sendCore.js";

/** The number of a body that could not be read, where that of the one before it is not known. */
const unknown = -1;

/** What a look into the channel found. */
export type Found = "value" | "parcel" | "empty" | "disconnected";

/** The way to one sending end, and what it brought that was not taken yet. */
interface Link {
  /** Absent where the sender is gone. */
  port: MessagePort | undefined;
  bodies: Body[];
  /** The number of the body that comes next, once it is known. */
  next?: number;
}

/** What a receiving end becomes on its way to another thread. */
export interface ReceiveCoreImage {
  readonly memory: SharedArrayBuffer;
  readonly end: number;
  readonly links: readonly { readonly end: number; readonly port: MessagePort | undefined; readonly bodies: Body[] }[];
  /** What in it is transferred. */
  readonly transfer: readonly object[];
}

/** One thread's way out of a channel; its receivers share it. */
export class ReceiveCore {
  readonly ring: Ring;
  /** How many receivers of this thread use it. */
  users = 1;
  /** What was found last: a value, or a parcel that has to be unpacked. */
  value: unknown;
  /** Whether the next message is known of, but comes in a turn of the event loop; see `deliversAtOnce`. */
  late = false;
  /** Numbers that were read ahead, which come first. */
  readonly ahead: Ahead;
  readonly #owner = selfAsOwner();
  readonly #end: number;
  readonly #links = new Map<number, Link>();
  #chunk: { readonly sender: number; readonly id: number; readonly chunk: Chunk } | undefined;
  #epoch = -1;

  constructor(ring: Ring, end: number, links: ReceiveCoreImage["links"]) {
    this.ring = ring;
    this.ahead = new Ahead(ring.words);
    this.#end = end;
    for (const { end: sender, port, bodies } of links) this.#links.set(sender, { port, bodies });
  }

  static open({ memory, end, links }: ReceiveCoreImage): ReceiveCore {
    return new ReceiveCore(openRing(memory), end, links);
  }

  /** Takes the next message, if there is one, and leaves it in `value`. */
  poll(): Found {
    if (this.ahead.count > 0) {
      this.value = this.ahead.take();
      this.#packed = false;
      return "value";
    }
    const { words } = this.ring;
    const end = Atomics.load(words, word.tail);
    if (positionIn(end) === positionIn(words[word.head] ?? 0)) return (end & 1) === 0 ? "empty" : "disconnected";
    lock(words, word.takeLock, this.#owner);
    let found: Found;
    try {
      found = this.#take(end);
    } finally {
      unlock(words, word.takeLock);
    }
    if (words[word.bound] !== unbounded && Atomics.load(words, word.waitingForRoom) > 0) {
      Atomics.notify(words, word.head);
    }
    if ((words[word.receivers] ?? 0) > 1) this.passOn();
    if (found === "value" && this.#packed) this.value = decoder().decode(4);
    return found;
  }

  /** Whoever is woken and does not empty the channel wakes the next one. */
  passOn(): void {
    passOn(this.ring.words);
  }

  /** Whether `value` is still to be decoded, outside of the lock. */
  #packed = false;

  /** Takes what is before `seen`, a tail that was seen, or what is behind it by now. Under the lock for receiving. */
  #take(seen: number): Found {
    const { words } = this.ring;
    this.late = false;
    if (words[word.epoch] !== this.#epoch) this.#refresh();
    let end = seen;
    for (;;) {
      const head = positionIn(words[word.head] ?? 0);
      if (distance(head, positionIn(end)) <= 0) {
        end = Atomics.load(words, word.tail);
        if (positionIn(end) === head) return (end & 1) === 0 ? "empty" : "disconnected";
      }
      const data = dataOf(this.ring);
      const at = head & (data.length - 1);
      const first = data[at] ?? 0;
      const kind = kindOf(first);
      if (kind === record.chunk) {
        const chunk = this.#chunkOf(data[at + 1] ?? 0, data[at + 2] ?? 0);
        const next = chunk === undefined ? -1 : firstIn(chunk);
        if (chunk !== undefined && next >= 0) {
          if (this.#readAhead(chunk.data, next, endOf(chunk), chunk)) return "value";
          this.#read(chunk.data, next);
          skipIn(chunk, lengthOf(chunk.data[next] ?? 0));
          return "value";
        }
        if (chunk === undefined && this.#mayCome()) return "empty";
        this.#chunk = undefined;
        this.#advance(head, first);
      } else if (kind === record.body) {
        const body = this.#bodyOf(data[at + 1] ?? 0, data[at + 2] ?? 0);
        if (body === undefined && this.#mayCome()) return "empty";
        this.#count();
        this.#advance(head, first);
        if (body === undefined) continue;
        this.value = body.content;
        return "parcel";
      } else {
        const rest = Math.min(distance(head, positionIn(end)), data.length - at);
        if (kind === record.int && this.#readAhead(data, at, at + rest, undefined)) return "value";
        if (kind !== filler) {
          this.#read(data, at);
          this.#count();
        }
        this.#advance(head, first);
        if (kind !== filler) return "value";
      }
    }
  }

  /** Where nobody else can take them, all numbers that are there are read at once, and taken one by one. */
  #readAhead(data: Int32Array, from: number, to: number, chunk: Chunk | undefined): boolean {
    const { words } = this.ring;
    if (words[word.bound] !== unbounded || words[word.receivers] !== 1) return false;
    if (this.ahead.read(data, from, to, chunk) === 0) return false;
    this.value = this.ahead.take();
    this.#packed = false;
    return true;
  }

  #advance(head: number, first: number): void {
    const { words } = this.ring;
    const gone = (words[word.head] ?? 0) & 1;
    Atomics.store(words, word.head, (head + lengthOf(first)) | gone);
  }

  /** What is discarded was not taken: whoever hands it over is told that nobody receives. */
  #count(): void {
    const { words } = this.ring;
    if (words[word.bound] !== unbounded && (words[word.receivers] ?? 0) > 0)
      words[word.taken] = ((words[word.taken] ?? 0) + 1) | 0;
  }

  #read(data: Int32Array, at: number): void {
    const first = data[at] ?? 0;
    this.#packed = false;
    switch (kindOf(first)) {
      case record.int:
        this.value = data[at + 1];
        return;
      case record.double:
        bits[0] = data[at + 2] ?? 0;
        bits[1] = data[at + 3] ?? 0;
        this.value = double[0];
        return;
      default:
        this.#packed = true;
        copyWords(data, at, decoder().words, 0, lengthOf(first));
    }
  }

  #chunkOf(sender: number, id: number): Chunk | undefined {
    if (this.#chunk?.sender === sender && this.#chunk.id === id) return this.#chunk.chunk;
    const content = this.#bodyOf(sender, id)?.content;
    if (!(content instanceof SharedArrayBuffer)) return undefined;
    this.#chunk = { sender, id, chunk: openChunk(content) };
    return this.#chunk.chunk;
  }

  /** What a record stands for. It was posted before the record was written, so it is here. */
  #bodyOf(sender: number, id: number): Body | undefined {
    const link = this.#links.get(sender);
    if (link === undefined) return undefined;
    const find = (id: number): number => link.bodies.findIndex((body) => body.id === id);
    if (find(id) < 0) this.#pump(link);
    const at = find(id) < 0 ? find(unknown) : find(id);
    if (at < 0) return undefined;
    for (const stale of link.bodies.splice(0, at)) discard(stale);
    const body = link.bodies.shift();
    if (link.port === undefined && link.bodies.length === 0) this.#links.delete(sender);
    return body;
  }

  /** Whether what a record stands for may still come, here or to another receiver. */
  #mayCome(): boolean {
    if (!deliversAtOnce) this.late = this.#isOnItsWay();
    return this.late || Atomics.load(this.ring.words, word.receivers) > 1;
  }

  /** Whoever waits looks again when a link has brought something: what it waits for, or the link that will bring that. */
  #isOnItsWay(): boolean {
    const ports = [...this.#links.values()].flatMap(({ port }) => port ?? []);
    for (const port of ports) whenDelivered(port, this.#wake);
    return ports.length > 0;
  }

  readonly #wake = (): void => {
    Atomics.notify(this.ring.words, word.tail);
  };

  /** Takes in what came through a link. */
  #pump(link: Link): void {
    const { port } = link;
    if (port === undefined) return;
    for (let said = this.#hear(port, link); said !== undefined; said = this.#hear(port, link)) {
      switch (said.is) {
        case "body":
          link.bodies.push(said);
          if (said.id !== unknown) link.next = said.id + 1;
          break;
        case "sender":
          this.#links.set(said.end, { port: said.port, bodies: [] });
          break;
        case "bye":
          port.close();
          link.port = undefined;
          return;
      }
    }
  }

  /** What comes next through a link. Only bodies can hold what cannot be read here. */
  #hear(port: MessagePort, { next }: Link): ToReceiver | undefined {
    try {
      return receiveMessageOnPort(port)?.message;
    } catch (error) {
      const position = positionIn(Atomics.load(this.ring.words, word.tail));
      return { is: "body", id: next ?? unknown, position, content: { unread: String(error) }, transfer: [] };
    }
  }

  /** Hears of the senders that have come and gone, and forgets what other receivers have taken. */
  #refresh(): void {
    const { words } = this.ring;
    this.#epoch = Atomics.load(words, word.epoch);
    const head = positionIn(Atomics.load(words, word.head));
    for (const [sender, link] of this.#links) {
      this.#pump(link);
      const isStale = (body: Body): boolean => distance(body.position, head) > 0;
      if (link.bodies.some(isStale)) {
        for (const body of link.bodies.filter(isStale)) discard(body);
        link.bodies = link.bodies.filter((body) => !isStale(body));
      }
      if (link.port === undefined && link.bodies.length === 0) this.#links.delete(sender);
    }
  }

  /** The image of this way, which this thread gives up. */
  moveOut(): ReceiveCoreImage {
    this.ahead.giveBack();
    for (const link of [...this.#links.values()]) this.#pump(link);
    this.#keepChunk();
    const links = [...this.#links].map(([end, { port, bodies }]) => ({ end, port, bodies }));
    return imageOf(this.ring.memory, this.#end, links);
  }

  /** The image of one more way out of the channel, for another thread. */
  fork(): ReceiveCoreImage {
    const { words, memory } = this.ring;
    const owner = this.#owner;
    this.ahead.giveBack();
    lock(words, word.sendLock, owner);
    lock(words, word.takeLock, owner);
    try {
      this.#refresh();
      this.#keepChunk();
      const end = Atomics.add(words, word.ends, 1) + 1;
      const links = [...this.#links].map(([sender, link]) => {
        const bodies = link.bodies.flatMap(again);
        if (link.port === undefined) return { end: sender, port: undefined, bodies };
        const { port1, port2 } = new MessageChannel();
        const message: ToSender = { is: "receiver", end, port: port2 };
        link.port.postMessage(message, [port2]);
        return { end: sender, port: port1, bodies };
      });
      Atomics.add(words, word.epoch, 1);
      return imageOf(memory, end, links);
    } finally {
      unlock(words, word.takeLock);
      unlock(words, word.sendLock);
    }
  }

  /** The chunk that is being read goes where the other bodies go. */
  #keepChunk(): void {
    if (this.#chunk === undefined) return;
    const { sender, id, chunk } = this.#chunk;
    const position = positionIn(Atomics.load(this.ring.words, word.head));
    const link = this.#links.get(sender) ?? { port: undefined, bodies: [] };
    link.bodies.unshift({ is: "body", id, position, content: chunk.memory, transfer: [] });
    this.#links.set(sender, link);
    this.#chunk = undefined;
  }

  /** Nobody in this thread receives any more. */
  close(): void {
    for (const { port, bodies } of this.#links.values()) {
      for (const body of bodies) discard(body);
      const message: ToSender = { is: "bye" };
      port?.postMessage(message);
      port?.close();
    }
    this.#links.clear();
    this.#chunk = undefined;
    Atomics.add(this.ring.words, word.epoch, 1);
  }

  /** Lets go of what nobody will receive: a sender in there would keep somebody waiting. */
  discardAll(): void {
    for (let found = this.poll(); found === "value" || found === "parcel"; found = this.poll()) {
      if (found === "parcel") dropHandles(this.value as Parcel);
    }
    this.value = undefined;
  }
}

function imageOf(memory: SharedArrayBuffer, end: number, links: ReceiveCoreImage["links"]): ReceiveCoreImage {
  const transfer = links.flatMap(({ port, bodies }) => [
    ...(port === undefined ? [] : [port]),
    ...bodies.flatMap((body) => body.transfer),
  ]);
  return { memory, end, links, transfer };
}

function dropHandles(parcel: Parcel): void {
  for (const stand of parcel.stands ?? []) {
    if (stand.as !== "handle") continue;
    const handle = reviveHandle(stand.kind, stand.data);
    if (isDisposable(handle)) handle[Symbol.dispose]();
  }
}

function isDisposable(handle: object): handle is Disposable {
  return Symbol.dispose in handle;
}

const double = new Float64Array(1);
const bits = new Int32Array(double.buffer);

let shared: Decoder | undefined;

/** The decoder of this thread: nothing that it calls calls it. */
function decoder(): Decoder {
  shared ??= new Decoder();
  return shared;
}
