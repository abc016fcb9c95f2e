import { UseAfterMoveError } from "../errors.js";
import { bringWhole } from "../worker/entry.js";
import type { Lease } from "../worker/holdings.js";

/**
 * The key under which a handle keeps its life; what tells a handle of this library from other objects. A bundle may have the
 * library twice: in a page, and in the thread that imports it.
 */
export const life: unique symbol = Symbol.for("fearless-threads.life");

/** The key of the method that gives a handle away. */
export const moveOut: unique symbol = Symbol.for("fearless-threads.moveOut");

/** What a handle becomes on its way to another thread. */
export interface HandleImage {
  /** Which kind of handle to make of it on the other side. */
  readonly kind: string;
  readonly data: unknown;
  /** What in `data` is to be transferred, not copied. */
  readonly transfer: readonly object[];
  /** What the handle holds on its way. */
  readonly leases?: readonly Lease[];
  /** Called in the thread that gave the handle away if the new owner is killed: lets go in its place. */
  readonly abandon?: (thread: number) => void;
}

/** A handle of this library: a small object of one thread that stands for something several threads share. */
export interface Handle {
  readonly [life]: Life;
  /** The image that stands for this handle in another thread. Called once, on a live handle, which is dead afterwards. */
  [moveOut](): HandleImage;
}

/** Whether a handle is still its thread's own. */
export class Life {
  /** The kind of handle, for messages. */
  readonly what: string;
  /** Whether any number of images can be made of the handle: what an `Arc` needs of what it shares. */
  readonly shareable: boolean;
  #end: string | undefined;

  constructor(what: string, options: { readonly shareable: boolean }) {
    this.what = what;
    this.shareable = options.shareable;
  }

  get live(): boolean {
    return this.#end === undefined;
  }

  /** Ends it; `end` completes the sentence "this Mutex …". */
  finish(end: string): void {
    this.#end ??= end;
  }

  /** @throws UseAfterMoveError where the handle was moved away or dropped. */
  assert(): void {
    if (this.#end !== undefined) this.#refuse(); // Apart from here, so that this is small enough to be inlined.
  }

  #refuse(): never {
    throw new UseAfterMoveError(`this ${this.what} ${this.#end}`);
  }
}

const makers = new Map<string, (data: unknown) => object>();

/** Says how a handle of `kind` is made from its image in the thread that received it. */
export function registerHandle(kind: string, make: (data: unknown) => object): void {
  makers.set(kind, make);
}

/** Makes the handle an image stands for. */
export function reviveHandle(kind: string, data: unknown): object {
  if (!makers.has(kind)) bringWhole();
  const make = makers.get(kind);
  if (make === undefined) throw new Error(`a handle of the unknown kind "${kind}" arrived`);
  return make(data);
}

/** Whether a value is a handle of this library. */
export function isHandle(value: object): value is Handle {
  return life in value;
}

/** Objects of the platform that cross as handles do, but stay usable where they were. */
export interface Foreign {
  owns(value: object): boolean;
  imageOf(value: object): HandleImage;
}

const foreign: Foreign[] = [];

/** Says how objects of the platform are sent; `registerHandle` says what is made of them on the other side. */
export function registerForeign(kind: Foreign): void {
  foreign.push(kind);
}

/** Who sends an object of the platform, if it crosses as handles do. */
export function foreignKindOf(value: object): Foreign | undefined {
  if (foreign.length === 0) bringWhole();
  return foreign.find((kind) => kind.owns(value));
}
