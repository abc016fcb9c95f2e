import type { life } from "./handle.js";
import type { send } from "./sendable.js";

/** What the type checker shows where a value cannot be sent to a thread: the text says which part of it, and why. */
export interface NotSendable<Reason extends string> {
  /** The reason. */
  readonly "cannot be sent to a thread": Reason;
  /** Whatever the value has: otherwise an error would be about the first of its fields, and not about this. */
  readonly [field: PropertyKey]: unknown;
}

/**
 * `T` where its values can be sent to another thread; otherwise a type that nothing fits and that says why. What `move`
 * takes, and what locks are made around. {@link Send} is the same as a bound of a type parameter.
 *
 * `unknown` and `any` pass, and so does a type parameter inside of a generic function: what they stand for is checked
 * when it is sent. So is what types do not tell, such as the class of an object.
 *
 * Source: Rust's `std::marker::Send`.
 *
 * @example
 * function share<T>(value: Sendable<T>) {
 *   return thread.spawn(move(value), (value) => value);
 * }
 * console.log((await share(42).join()).unwrap()); // prints: 42
 */
export type Sendable<T> = [T, Checked<T>] extends [unknown, Good] ? T : NotSendable<NoInfer<Reason<T>>>;

/**
 * `R` where a thread can give back what a closure that returns `R` gives: a sendable value, or a promise of one.
 *
 * @example
 * function run<R>(f: () => SendableResult<R>) {
 *   return new thread.Builder().name("runner").spawn<R>(f).unwrap();
 * }
 * console.log((await run(async () => 6 * 7).join()).unwrap()); // prints: 42
 */
export type SendableResult<R> = [R, Checked<Awaited<R>>] extends [unknown, Good]
  ? R
  : NotSendable<NoInfer<Reason<Awaited<R>>>>;

/**
 * The bound of a type parameter whose values are sent: `T extends Send<T>` is Rust's `T: Send`. What a channel and a
 * `OnceLock` ask of the type of their values, which nobody has when they are made.
 *
 * @example
 * function echo<T extends Send<T>>(): [mpsc.Sender<T>, mpsc.Receiver<T>] {
 *   return mpsc.channel<T>();
 * }
 * const [tx, rx] = echo<string>();
 * tx.send("hello").unwrap();
 * console.log(rx.recvSync().unwrap()); // hello
 */
export type Send<T> = [T, Checked<T>] extends [unknown, Good] ? unknown : NotSendable<NoInfer<Reason<T>>>;

/**
 * The verdict, in an object. Beside it in a tuple stands the type itself, so that the compiler waits until it knows that.
 *
 * It is declared invariant: otherwise the compiler finds the variance of the types above by going through all of `Reason`
 * for types that it does not know, which takes older ones half a minute and then fails. For the same reason nothing is
 * inferred from a reason.
 */
type Checked<in out T> = { readonly [K in "verdict"]: Verdict<T> };

/** What a value that can be sent has been found to be. */
interface Good {
  readonly verdict: "sendable";
}

/**
 * "sendable" for what can be sent, anything else for what cannot.
 *
 * TypeScript takes a value of a type parameter for a conditional type only where the false branch cannot be meant: where
 * what it knows of the condition satisfies it. What it knows of a conditional type that it cannot resolve yet are its
 * branches, without those that are `any`. So the branch of `Doubt` for what cannot be sent is `any`.
 */
type Verdict<T> = IsAny<T> extends true ? "sendable" : Resolve<Doubt<T>>;
// biome-ignore lint/suspicious/noExplicitAny: see above.
type Doubt<T> = [Reason<T>] extends [never] ? "none" : IsAny<Reason<T>> extends true ? "none" : any;
type Resolve<D> = D extends "none" ? "sendable" : "refused";

type IsAny<T> = 0 extends 1 & T ? true : false;

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
  | PortLike
  | BlobLike
  | StreamLike
  | SignalLike
  | PictureLike
  | ShapeLike
  | { readonly kind: string; isSameEntry(other: never): Promise<boolean> };

interface SignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

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

/** `ImageBitmap` and `OffscreenCanvas`, `VideoFrame` and `AudioData`: they are transferred. */
type PictureLike =
  | { readonly width: number; readonly height: number; close(): void }
  | { readonly width: number; readonly height: number; transferToImageBitmap(): object }
  | { readonly timestamp: number; clone(): object; close(): void };

/** `DOMPoint`, `DOMRect`, `DOMQuad` and `DOMMatrix`. */
type ShapeLike = { toJSON(): unknown } & (
  | { readonly z: number; matrixTransform(matrix?: never): object }
  | { readonly top: number; readonly right: number; readonly bottom: number; readonly left: number }
  | { readonly p1: object; getBounds(): object }
  | { readonly is2D: boolean; readonly isIdentity: boolean }
);

/** Objects that belong to the thread that made them, told by their shape: their types are not in every program. */
interface DomNode {
  readonly nodeType: number;
  readonly ownerDocument: unknown;
}

interface WindowLike {
  readonly window: unknown;
  readonly document: unknown;
}

type IteratorLike = { next(): unknown } & (Iterable<unknown> | AsyncIterable<unknown>);

interface UrlLike {
  readonly href: string;
  readonly searchParams: object;
  toJSON(): string;
}

type Callable = (...args: never[]) => unknown;
type Class = abstract new (...args: never[]) => unknown;

/**
 * Why a value cannot be sent, with the path to the part that is to blame; `never` where it can be.
 *
 * Kept flat: where the type is not known yet, the compiler goes through both branches of each condition, twice.
 */
type Reason<T, Path extends string = "", Above = never, Depth extends readonly unknown[] = []> = unknown extends T
  ? never
  : T extends Primitive | Platform
    ? never
    : [T extends Registered ? never : OwnReason<T>] extends [never]
      ? PartsReason<T, Path, Above, Depth>
      : At<Path, OwnReason<T>>;

/** An instance of a class that says, to the type checker, which parts of it are to be looked at. */
interface Registered<Parts = unknown> {
  readonly [send]: Parts;
}

/** Why an object cannot be sent, whatever it holds. */
type OwnReason<T> =
  | (T extends symbol ? "a symbol is only itself in the thread that made it; send a string" : never)
  | (T extends Class ? "a class stays in the thread that made it; import it inside the thread" : never)
  | (T extends Callable ? "a function stays in the thread that made it; send the data it needs" : never)
  | (AnyFunction extends T
      ? T extends AnyFunction
        ? "a function stays in the thread that made it; send the data it needs"
        : never
      : never)
  | (T extends PromiseLike<unknown> ? "a promise stays in the thread that made it; await it first" : never)
  | (T extends Weak ? "a weak collection stays in the thread that made it" : never)
  | (T extends IteratorLike ? "an iterator stays in the thread that made it; send an array of what it gives" : never)
  | (T extends UrlLike ? "a URL stays in the thread that made it; send its href" : never)
  | (T extends DomNode | WindowLike ? "a part of the page stays in the page; send the data it holds" : never)
  | (T extends IteratorLike
      ? never
      : T extends Disposable | AsyncDisposable
        ? "what is disposed of stays in the thread that made it; make it inside the thread"
        : never);

// biome-ignore lint/complexity/noBannedTypes: what somebody declared as no more than a function.
type AnyFunction = Function;

/** To the compiler, the methods of a `Map` or `Set` of objects are those of a weak one. */
type Weak = WeakRef<WeakKey> | ((WeakMap<WeakKey, unknown> | WeakSet<WeakKey>) & { readonly size?: never });

/** Why a part of an object cannot be sent. Types that hold themselves are looked at once, endless ones some way down. */
type PartsReason<T, Path extends string, Above, Depth extends readonly unknown[]> = Depth["length"] extends 8
  ? never
  : Exactly<T> extends Above
    ? never
    : T extends Registered<infer Parts>
      ? Reason<Parts, Path, Above | Exactly<T>, [...Depth, 0]>
      : T extends ReadonlyMap<infer K, infer V>
        ?
            | Reason<K, `${Path}[<key>]`, Above | Exactly<T>, [...Depth, 0]>
            | Reason<V, `${Path}[<value>]`, Above | Exactly<T>, [...Depth, 0]>
        : T extends ReadonlySet<infer I>
          ? Reason<I, `${Path}[<item>]`, Above | Exactly<T>, [...Depth, 0]>
          : T extends readonly unknown[]
            ? { [K in keyof T]: Reason<T[K], `${Path}[${Index<K>}]`, Above | Exactly<T>, [...Depth, 0]> }[number]
            : [Methods<T>] extends [never]
              ? { [K in Field<T>]-?: Reason<T[K], Join<Path, K>, Above | Exactly<T>, [...Depth, 0]> }[Field<T>]
              : MethodsReason<Methods<T>, Path>;

/** Structured clone leaves out fields whose key is a symbol. */
type Field<T> = Extract<keyof T, string | number>;

/** The fields that are functions for certain. An object that has one is not looked into any further. */
type Methods<T> = { [K in Field<T>]-?: IsFunction<T[K]> extends true ? K : never }[Field<T>] & string;
type IsFunction<F> =
  IsAny<F> extends true ? false : [F] extends [never] ? false : [F] extends [Callable] ? true : false;

/** One function is named, as it may be a field; where there are more, it is an object of a class. */
type MethodsReason<M extends string, Path extends string> =
  IsUnion<M> extends true ? At<Path, Methodical> : At<Join<Path, M>, Method>;
type IsUnion<U, Whole = U> = [U] extends [never]
  ? false
  : U extends unknown
    ? [Whole] extends [U]
      ? false
      : true
    : never;
type Methodical =
  "its methods stay in the thread that made it; send its data, or register the class with static [thread.send]";
type Method =
  "a function stays in the thread that made it; send the data it needs, or register the class with static [thread.send]";

/** Equal only for equal types. */
type Exactly<T> = (value: T) => T;

type Index<K> = K extends string ? K : "number";

type Join<Path extends string, K> = string extends K
  ? `${Path}[string]`
  : number extends K
    ? `${Path}[number]`
    : K extends string | number
      ? Path extends ""
        ? `${K}`
        : `${Path}.${K}`
      : Path;

type At<Path extends string, Why extends string> = Path extends "" ? Why : `${Path}: ${Why}`;
