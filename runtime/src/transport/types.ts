import type { life } from "./handle.js";
import type { send } from "./sendable.js";

/** What the type checker shows where a value cannot be sent to a thread: the text says why. */
export interface NotSendable<Reason extends string> {
  /** The reason. */
  readonly "cannot be sent to a thread": Reason;
}

type Primitive = string | number | boolean | bigint | null | undefined;

/** Objects that structured clone copies, transfers or shares as they are. */
type Platform =
  | Date
  | RegExp
  | Error
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | { readonly [life]: unknown }
  | { readonly [send]: unknown }
  | PortLike
  | BlobLike
  | StreamLike;

interface PortLike {
  postMessage(value: unknown): void;
  start(): void;
  close(): void;
}

interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

type StreamLike =
  | { readonly locked: boolean; getReader(): unknown }
  | { readonly locked: boolean; getWriter(): unknown }
  | { readonly readable: object; readonly writable: object };

/**
 * `T` where its values can be sent to another thread; otherwise a type that nothing fits and that says why.
 * `unknown` and `any` pass: what they hold is checked when it is sent.
 *
 * Source: Rust's `std::marker::Send`.
 */
export type Sendable<T> = unknown extends T
  ? T
  : T extends Primitive | Platform
    ? T
    : T extends symbol
      ? NotSendable<"a symbol is only itself in the thread that made it; send a string">
      : T extends (...args: never[]) => unknown
        ? NotSendable<"a function stays in the thread that made it; send the data it needs">
        : T extends abstract new (
              ...args: never[]
            ) => unknown
          ? NotSendable<"a class stays in the thread that made it; import it inside the thread">
          : T extends PromiseLike<unknown>
            ? NotSendable<"a promise stays in the thread that made it; await it first">
            : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | WeakRef<WeakKey>
              ? NotSendable<"a weak collection stays in the thread that made it">
              : T extends ReadonlyMap<infer K, infer V>
                ? SendableParts<T, K | V>
                : T extends ReadonlySet<infer I>
                  ? SendableParts<T, I>
                  : { [K in keyof T]: Sendable<T[K]> };

type SendableParts<T, Part> = [Part] extends [Sendable<Part>] ? T : NotSendable<"something in it cannot be sent">;
