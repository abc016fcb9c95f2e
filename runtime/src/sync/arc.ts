import { NotSendError } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { copyOnly, type Parcel, unpackNow } from "../transport/encode.js";
import { type HandleImage, isHandle, Life, life, moveOut, registerHandle, reviveHandle } from "../transport/handle.js";
import type { Sendable } from "../transport/types.js";
import { type Accounts, recall, settle } from "../worker/accounts.js";
import { hold, isThread, letGo } from "../worker/ending.js";
import {
  freeHolding,
  type Holding,
  type Lease,
  leaseOf,
  newHolding,
  privateHolding,
  takeHolding,
} from "../worker/holdings.js";
import type { Arc as Owner } from "./arcType.js";

const share: unique symbol = Symbol("fearless-threads.share");

/** What an Arc keeps: the value, and the count of its owners in shared memory. */
interface Share {
  readonly value: object;
  readonly words: Int32Array;
  /** Counts the owners that this thread has of those that came to it, so that they go if it is killed. */
  holding: Holding;
}

/** How many owners there are, in all threads, which object it is, and after how many deaths they were counted. */
const word = { owners: 0, object: 1, settled: 2 } as const;

/** What an `Arc` has besides the value's own methods and fields; the module beside this one says what it is. */
export class Arc<T> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  declare readonly [life]: Life;
  /** @internal */
  declare readonly [share]: Share;
  /** @internal Only for the type: what is shared. */
  declare readonly shared: T;

  private constructor() {}

  /**
   * Shares a value: a lock, an array or object of plain data, a typed array.
   *
   * @returns the value's first owner.
   * @throws NotSendError where threads cannot share it; UseAfterMoveError where it was moved away.
   * @example
   * const menu = Arc.new({ soup: 4 });
   * const handle = thread.spawn(move(menu.clone()), (menu) => menu.soup);
   * console.log((await handle.join()).unwrap()); // 4
   */
  static new<T extends object>(value: Sendable<T>): Owner<T> {
    assertShareable(value);
    const words = new Int32Array(new SharedArrayBuffer(12));
    words[word.owners] = 1;
    const holding = privateHolding();
    holding.counts[0] = 1;
    return makeArc({ value, words, holding }) as Owner<T>;
  }

  /**
   * One more owner of the same value, to be moved to another thread.
   *
   * @throws UseAfterMoveError where this one was moved away.
   * @example
   * const menu = Arc.new({ soup: 4 });
   * const other = menu.clone();
   * console.log(menu.strongCount(), other.soup); // 2 4
   */
  clone(): Owner<T> {
    this[life].assert();
    const shared = this[share];
    const { words, holding } = shared;
    const { counts } = holding;
    Atomics.add(words, word.owners, 1);
    counts[0]! += 1;
    return makeArc(shared) as Owner<T>;
  }

  /**
   * How many owners there are, in all threads. An owner goes when it is dropped or its thread ends; one that the main
   * thread merely forgets still counts.
   *
   * @throws UseAfterMoveError where this one was moved away.
   * @example
   * const menu = Arc.new({ soup: 4 });
   * using other = menu.clone();
   * console.log(menu.strongCount()); // 2
   */
  strongCount(): number {
    this[life].assert();
    const { words } = this[share];
    settle(accountsOf(words));
    return Atomics.load(words, word.owners);
  }

  /**
   * Takes the value out where this is its only owner; the Arc is dropped then.
   *
   * @returns `Ok` with the value, or `Err` with the Arc given back where there are other owners.
   * @throws UseAfterMoveError where it was moved away.
   * @example
   * const counter = Arc.new(new Mutex(3));
   * console.log(Arc.tryUnwrap(counter).unwrap().intoInner().unwrap()); // 3
   */
  static tryUnwrap<T>(arc: Owner<T>): Result<T, Owner<T>> {
    arc[life].assert();
    const { value, words, holding } = arc[share];
    settle(accountsOf(words));
    if (Atomics.compareExchange(words, word.owners, 1, 0) !== 1) return new Err(arc);
    arc[life].finish("gave its value away with tryUnwrap() and cannot be used any more");
    freeHolding(holding);
    letGo(arc);
    return new Ok(value as T);
  }

  /** Gives this share up: what `using` and `drop` call. */
  [Symbol.dispose](): void {
    if (!this[life].live) return;
    this[life].finish("was dropped and cannot be used any more");
    const { words, holding } = this[share];
    const { counts } = holding;
    letGo(this);
    if (counts[0] === 0) return; // It was given back already, as it was on its way when nobody was there to take it.
    Atomics.sub(words, word.owners, 1);
    counts[0]! -= 1;
    if (counts[0] === 0) freeHolding(holding);
  }

  /** @internal */
  release(): void {
    this[Symbol.dispose]();
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { value, words } = this[share];
    letGo(this);
    shareOut(this[share]);
    const { counts: mine } = this[share].holding;
    const lent = newHolding(words, word.object);
    const { counts: theirs } = lent;
    theirs[0] = 1; // Nothing is called in between: a thread is killed where a function or a loop begins.
    mine[0]! -= 1;
    if (mine[0] === 0) freeHolding(this[share].holding);
    const lease = leaseOf(lent);
    const image = isHandle(value) ? value[moveOut]() : undefined;
    const data: ArcImage =
      image === undefined
        ? { words, lease, parcel: copyOnly(value) }
        : { words, lease, inner: { kind: image.kind, data: image.data } };
    const abandon = (thread: number): void => {
      recall(lease, accountsOf(words));
      image?.abandon?.(thread);
    };
    const leases = image?.leases ?? [];
    return { kind: "Arc", data, transfer: image?.transfer ?? [], leases: [lease, ...leases], abandon };
  }

  /** An Arc is made from the value, not from this class. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && share in value;
  }
}

/** Whoever made it had no need to tell others what it has, as long as there were none. */
function shareOut(shared: Share): void {
  const { holding, words } = shared;
  if (holding.at >= 0 || !isThread) return;
  const told = newHolding(words, word.object);
  told.counts[0] = holding.counts[0] ?? 0;
  shared.holding = told;
}

function accountsOf(words: Int32Array): Accounts {
  const { owners, object, settled } = word;
  return { words, object, settled, first: owners, second: owners, secondCounts: "held" };
}

type ArcImage = { readonly words: Int32Array; readonly lease: Lease } & (
  | { readonly inner: { readonly kind: string; readonly data: unknown } }
  | { readonly parcel: Parcel }
);

registerHandle("Arc", (data) => {
  const image = data as ArcImage;
  const value = "inner" in image ? reviveHandle(image.inner.kind, image.inner.data) : unpackNow(image.parcel);
  return makeArc({ value: value as object, words: image.words, holding: takeHolding(image.lease) });
});

function assertShareable(value: object): void {
  if (!isHandle(value)) {
    copyOnly(value);
    return;
  }
  value[life].assert();
  const what = value[life].what;
  if (!value[life].shareable) throw new NotSendError("Arc.new", `a shared ${what}`, `give each thread its own clone()`);
}

/** An owner's handle. Of a lock it has what the lock has; other values are looked at through a proxy. */
function makeArc(shared: Share): object {
  const { value } = shared;
  const label = isHandle(value) ? `Arc<${value[life].what}>` : "Arc";
  const properties: PropertyDescriptorMap = {
    [share]: { value: shared },
    [life]: { value: new Life(label, { shareable: true }) },
  };
  const arc = isHandle(value)
    ? Object.create(prototypeFor(value), { ...Object.getOwnPropertyDescriptors(value), ...properties })
    : readOnly(value, Object.create(null, { ...methods(), ...properties }));
  hold(arc);
  return arc;
}

function methods(): PropertyDescriptorMap {
  const { constructor: _, ...others } = Object.getOwnPropertyDescriptors(Arc.prototype);
  return others;
}

const prototypes = new Map<object, object>();

/**
 * The methods of a lock, and before them those of an Arc. All owners of the same kind of lock share them: were the lock
 * itself the prototype, each Arc would be an object of another shape to V8, and the lock's methods as slow as can be.
 */
function prototypeFor(lock: object): object {
  const above: object = Object.getPrototypeOf(lock);
  const known = prototypes.get(above);
  if (known !== undefined) return known;
  const prototype: object = Object.create(above, methods());
  prototypes.set(above, prototype);
  return prototype;
}

/** The value with the Arc's own methods in front, and nothing to change it by. */
function readOnly(value: object, own: object): object {
  const refuse = (): never => {
    throw new TypeError("what an Arc shares cannot be changed through it; share a Mutex: Arc.new(new Mutex(value))");
  };
  const changes = ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer;
  return new Proxy(value, {
    get(target, key) {
      if (key in own) return Reflect.get(own, key);
      const field: unknown = Reflect.get(target, key);
      return typeof field === "function" ? field.bind(target) : field;
    },
    has: (target, key) => key in own || key in target,
    set: changes ? Reflect.set : refuse,
    deleteProperty: refuse,
    defineProperty: changes ? Reflect.defineProperty : refuse,
  });
}
