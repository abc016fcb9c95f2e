import type { Parcel } from "../transport/encode.js";
import type { HandleImage } from "../transport/handle.js";
import type { MessagePort } from "../worker/node.js";

/**
 * What does not go through the ring goes through ports: one between each sending and each receiving thread. The ring says
 * when; what a port brings is put there before the record that stands for it.
 */

/** What a sender posts to each receiver. */
export type ToReceiver =
  | Body
  /** There is one more sender, and this is the way to it. */
  | { readonly is: "sender"; readonly end: number; readonly port: MessagePort }
  /** This sender sends no more. */
  | { readonly is: "bye" };

/** What a record stands for. */
export interface Body {
  readonly is: "body";
  readonly id: number;
  /** The position of its record: once that was taken, so was this. */
  readonly position: number;
  /** A message, or the memory of a chunk. */
  readonly content: Parcel | SharedArrayBuffer | Unread;
  /** What in it was transferred, should it have to go on to another thread. */
  readonly transfer: readonly object[];
}

/** What stands for a message that has come and could not be read: why. */
export interface Unread {
  readonly unread: string;
}

export function isUnread(content: object): content is Unread {
  return "unread" in content;
}

/** What a receiver posts to each sender. */
export type ToSender =
  /** There is one more receiver, and this is the way to it. */
  | { readonly is: "receiver"; readonly end: number; readonly port: MessagePort }
  /** This receiver receives no more. */
  | { readonly is: "bye" };

/** The ports of an end, each with the number of the end on its other side. */
export type LinkImage = readonly (readonly [end: number, port: MessagePort])[];

/** How one more image of the same end is made, for one more receiver of which only one will use it. */
type Fork = (data: unknown) => Pick<HandleImage, "data" | "transfer">;

const forks = new Map<string, Fork>();

/** Says how the image of a handle of `kind`, which holds ports, is doubled. */
export function registerFork(kind: string, fork: Fork): void {
  forks.set(kind, fork);
}

/** A parcel again, to be posted beside the first one. What was to be transferred with that is copied with this. */
export function copyOf(parcel: Parcel): { readonly parcel: Parcel; readonly transfer: readonly object[] } {
  if (parcel.stands === undefined) return { parcel, transfer: [] };
  const transfer: object[] = [];
  const stands = parcel.stands.map((stand) => {
    const fork = stand.as === "handle" ? forks.get(stand.kind) : undefined;
    if (stand.as !== "handle" || fork === undefined) return stand;
    const image = fork(stand.data);
    transfer.push(...image.transfer);
    return { ...stand, data: image.data };
  });
  return { parcel: { value: parcel.value, stands }, transfer };
}

/** Whether something in a parcel can only be in one place, and cannot be doubled either. */
export function isUnique(parcel: Parcel, transfer: readonly object[]): boolean {
  const ports = transfer.filter((part) => !(part instanceof ArrayBuffer));
  if (ports.length === 0) return false;
  const doubled = (parcel.stands ?? []).flatMap((stand) =>
    stand.as === "handle" && forks.has(stand.kind) ? portsIn(stand.data) : [],
  );
  return ports.some((port) => !doubled.includes(port));
}

/** The ports of an image, all of which know how to make themselves again. */
function portsIn(data: unknown): readonly object[] {
  if (typeof data !== "object" || data === null || !("transfer" in data) || !Array.isArray(data.transfer)) return [];
  return data.transfer;
}

/** A body for one more receiver. What can only be in one place stays where it is. */
export function again(body: Body): Body[] {
  if (body.content instanceof SharedArrayBuffer || isUnread(body.content)) return [body];
  if (isUnique(body.content, body.transfer)) return [];
  const copy = copyOf(body.content);
  return [{ ...body, content: copy.parcel, transfer: copy.transfer }];
}

/** A body that another receiver took: the ports in this copy of it lead nowhere. */
export function discard(body: Body): void {
  for (const part of body.transfer) if (isPort(part)) part.close();
}

function isPort(part: object): part is MessagePort {
  return "postMessage" in part;
}
