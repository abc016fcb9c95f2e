import { announce, type Signal } from "../sync/signal.js";
import { type Parcel, pack } from "../transport/encode.js";
import { MessageChannel, type MessagePort } from "../worker/node.js";

/** The words of a channel in shared memory, as indices into an Int32Array. */
export const word = {
  /** How many senders there are, in all threads. */
  senders: 0,
  /** 1 while there is a receiver. */
  receiving: 1,
  /** Changes whenever there is something new: what a receiver waits on. */
  sequence: 2,
  /** How many receivers wait. */
  waiting: 3,
  /** How many messages may be on their way; `unbounded` where there is no limit. */
  bound: 4,
  /** Of a channel with a bound: how many messages are on their way. */
  queued: 5,
  /** Of a channel with a bound: changes whenever a message was taken. */
  taken: 6,
  /** Changes whenever there may be room: what a sender waits on. */
  room: 7,
  /** How many senders wait for room. */
  waitingForRoom: 8,
} as const;

/** The bound of a channel that has none. */
export const unbounded = -1;

/** What a receiver waits on: something new. */
export function newsOf(words: Int32Array): Signal {
  return { words, sequence: word.sequence, waiting: word.waiting };
}

/** What a sender waits on: room. */
export function roomOf(words: Int32Array): Signal {
  return { words, sequence: word.room, waiting: word.waitingForRoom };
}

/** Nobody receives any more. */
export function stopReceiving(words: Int32Array): void {
  Atomics.store(words, word.receiving, 0);
  announce(newsOf(words));
  announce(roomOf(words));
}

/** One thread's way into a channel; its senders share it. */
export interface Line {
  readonly words: Int32Array;
  readonly port: MessagePort;
  /** How many senders of this thread use it. */
  users: number;
}

/** What goes through a port: a message, or the receiving end of one more line. */
export type Packet = { readonly parcel: Parcel } | { readonly port: MessagePort };

/** What a sender becomes on its way to another thread. */
export interface SenderImage {
  readonly words: Int32Array;
  readonly port: MessagePort;
  readonly lease: Int32Array;
}

/** Sends a value. @throws NotSendError where it cannot be sent. */
export function post({ words, port }: Line, value: unknown): void {
  const { parcel, transfer } = pack(value, "message", "through a channel");
  const packet: Packet = { parcel };
  port.postMessage(packet, transfer as readonly MessagePort[]);
  announce(newsOf(words));
}

/** One more sender is going to use the line. */
export function shareLine(line: Line): Line {
  Atomics.add(line.words, word.senders, 1);
  line.users++;
  return line;
}

/** Both ends of the first line of a new channel. */
export function newLine(bound: number): { readonly line: Line; readonly port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const words = new Int32Array(new SharedArrayBuffer(36));
  words[word.senders] = 1;
  words[word.receiving] = 1;
  words[word.bound] = bound;
  return { line: { words, port: port1, users: 1 }, port: port2 };
}

/** The line and the lease of a sender that has arrived. */
export function openImage(data: unknown): { readonly line: Line; readonly lease: Int32Array } {
  const { words, port, lease } = data as SenderImage;
  return { line: { words, port, users: 1 }, lease };
}
