import type { Parcel } from "../transport/encode.js";
import type { MessagePort } from "../worker/node.js";

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
} as const;

/** One thread's way into a channel; its senders share it. */
export interface Line {
  readonly words: Int32Array;
  readonly port: MessagePort;
  /** How many senders of this thread use it. */
  users: number;
}

/** What goes through a port: a message, or the receiving end of one more line. */
export type Packet = { readonly parcel: Parcel } | { readonly port: MessagePort };
