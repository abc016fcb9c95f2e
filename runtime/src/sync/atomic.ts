import { Err, Ok, type Result } from "../result.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";

const view: unique symbol = Symbol("fearless-threads.atomic");

/** What the atomic numbers share. `V` is their kind of number. */
abstract class AtomicNumber<V extends number | bigint> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life]: Life;

  /** @internal */
  constructor(what: string) {
    this[life] = new Life(what, { shareable: true });
  }

  /**
   * The number.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * console.log(clicks.load()); // 5
   */
  abstract load(): V;
  /**
   * Replaces the number.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * clicks.store(6);
   * console.log(clicks.load()); // 6
   */
  abstract store(value: V): void;
  /**
   * Replaces the number and gives the one before.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * console.log(clicks.swap(6), clicks.load()); // 5 6
   */
  abstract swap(value: V): V;
  /**
   * Adds, wrapping around at the ends of the range; gives the number before.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * console.log(clicks.fetchAdd(2), clicks.load()); // 5 7
   */
  abstract fetchAdd(value: V): V;
  /**
   * Subtracts, wrapping around at the ends of the range; gives the number before.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * console.log(clicks.fetchSub(2), clicks.load()); // 5 3
   */
  abstract fetchSub(value: V): V;
  /**
   * Keeps the bits that are set in both; gives the number before.
   *
   * @example
   * const flags = new atomic.AtomicU32(0b101);
   * flags.fetchAnd(0b110);
   * console.log(flags.load()); // 4
   */
  abstract fetchAnd(value: V): V;
  /**
   * Sets the bits that are set in either; gives the number before.
   *
   * @example
   * const flags = new atomic.AtomicU32(0b101);
   * flags.fetchOr(0b110);
   * console.log(flags.load()); // 7
   */
  abstract fetchOr(value: V): V;
  /**
   * Flips the bits that are set in `value`; gives the number before.
   *
   * @example
   * const flags = new atomic.AtomicU32(0b101);
   * flags.fetchXor(0b110);
   * console.log(flags.load()); // 3
   */
  abstract fetchXor(value: V): V;
  /**
   * Sets the bits that are not set in both, and clears the others; gives the number before.
   *
   * @example
   * const flags = new atomic.AtomicI32(0x13);
   * flags.fetchNand(0x31);
   * console.log(flags.load() === ~0x11); // true
   */
  abstract fetchNand(value: V): V;
  /**
   * Replaces `current` by `next`.
   *
   * @returns `Ok` with `current`, or `Err` with the number that is there where that is another one.
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * console.log(clicks.compareExchange(5, 6).isOk(), clicks.compareExchange(5, 7).isErr()); // true true
   */
  abstract compareExchange(current: V, next: V): Result<V, V>;

  /**
   * Replaces the number by `value` where that is larger; gives the number before.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * clicks.fetchMax(9);
   * console.log(clicks.load()); // 9
   */
  fetchMax(value: V): V {
    return this.fetchUpdate((is) => (value > is ? value : is));
  }

  /**
   * Replaces the number by `value` where that is smaller; gives the number before.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * clicks.fetchMin(9);
   * console.log(clicks.load()); // 5
   */
  fetchMin(value: V): V {
    return this.fetchUpdate((is) => (value < is ? value : is));
  }

  /**
   * Replaces the number by what `f` makes of it; gives the number before. `f` is called again where another thread was
   * faster, so it should do nothing else.
   *
   * @example
   * const clicks = new atomic.AtomicI32(5);
   * clicks.fetchUpdate((n) => n * n);
   * console.log(clicks.load()); // 25
   */
  fetchUpdate(f: (value: V) => V): V {
    for (;;) {
      const before = this.load();
      if (this.compareExchange(before, f(before)).ok) return before;
    }
  }

  /**
   * As `fetchUpdate`, but leaves the number as it is where `f` gives `undefined`.
   *
   * @returns `Ok` with the number before, or `Err` with the number that `f` did not want to change.
   * @example
   * const seats = new atomic.AtomicI32(1);
   * const take = () => seats.tryUpdate((free) => (free > 0 ? free - 1 : undefined));
   * console.log(take().isOk(), take().isOk()); // true false
   */
  tryUpdate(f: (value: V) => V | undefined): Result<V, V> {
    for (;;) {
      const before = this.load();
      const next = f(before);
      if (next === undefined) return new Err(before);
      if (this.compareExchange(before, next).ok) return new Ok(before);
    }
  }
}

/** The operations on 32 bits, signed or not. */
abstract class Atomic32 extends AtomicNumber<number> {
  /** @internal */
  readonly [view]: Int32Array | Uint32Array;

  /** @internal */
  constructor(what: string, cells: Int32Array | Uint32Array) {
    super(what);
    this[view] = cells;
  }

  override load(): number {
    return Atomics.load(live(this), 0);
  }

  override store(value: number): void {
    Atomics.store(live(this), 0, value);
  }

  override swap(value: number): number {
    return Atomics.exchange(live(this), 0, value);
  }

  override fetchAdd(value: number): number {
    return Atomics.add(live(this), 0, value);
  }

  override fetchSub(value: number): number {
    return Atomics.sub(live(this), 0, value);
  }

  override fetchAnd(value: number): number {
    return Atomics.and(live(this), 0, value);
  }

  override fetchOr(value: number): number {
    return Atomics.or(live(this), 0, value);
  }

  override fetchXor(value: number): number {
    return Atomics.xor(live(this), 0, value);
  }

  override fetchNand(value: number): number {
    return this.fetchUpdate((is) => ~(is & value));
  }

  override compareExchange(current: number, next: number): Result<number, number> {
    const cells = live(this);
    const wanted = cells instanceof Uint32Array ? current >>> 0 : current | 0;
    const found = Atomics.compareExchange(cells, 0, wanted, next);
    return found === wanted ? new Ok(found) : new Err(found);
  }

  /** @internal */
  [moveOut](): HandleImage {
    return { kind: this[life].what, data: this[view], transfer: [] };
  }
}

/**
 * A whole number from -2147483648 to 2147483647 that several threads change without a lock: each operation is one step.
 * All its methods throw `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::atomic::AtomicI32`, always with the strictest ordering; JavaScript's `Atomics`.
 *
 * @example
 * const clicks = Arc.new(new atomic.AtomicI32(0));
 * const handle = thread.spawn(move(clicks.clone()), (clicks) => clicks.fetchAdd(1));
 * await handle.join();
 * console.log(clicks.load()); // 1
 */
export class AtomicI32 extends Atomic32 {
  constructor(value: number);
  /** @internal */
  constructor(revived: Int32Array);
  constructor(first: number | Int32Array) {
    super("AtomicI32", typeof first === "number" ? new Int32Array(new SharedArrayBuffer(4)).fill(first) : first);
  }
}

/**
 * A whole number from 0 to 4294967295 that several threads change without a lock; see `AtomicI32`. All its methods throw
 * `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::atomic::AtomicU32`.
 *
 * @example
 * const bytes = Arc.new(new atomic.AtomicU32(0));
 * bytes.fetchAdd(4096);
 * console.log(bytes.load()); // 4096
 */
export class AtomicU32 extends Atomic32 {
  constructor(value: number);
  /** @internal */
  constructor(revived: Uint32Array);
  constructor(first: number | Uint32Array) {
    super("AtomicU32", typeof first === "number" ? new Uint32Array(new SharedArrayBuffer(4)).fill(first) : first);
  }
}

/**
 * A `bigint` of 64 bits, with a sign, that several threads change without a lock; see `AtomicI32`. All its methods throw
 * `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::atomic::AtomicI64`.
 *
 * @example
 * const total = Arc.new(new atomic.AtomicI64(0n));
 * total.fetchAdd(10_000_000_000n);
 * console.log(total.load()); // 10000000000n
 */
export class AtomicI64 extends AtomicNumber<bigint> {
  /** @internal */
  readonly [view]: BigInt64Array;

  constructor(value: bigint);
  /** @internal */
  constructor(revived: BigInt64Array);
  constructor(first: bigint | BigInt64Array) {
    super("AtomicI64");
    this[view] = typeof first === "bigint" ? new BigInt64Array(new SharedArrayBuffer(8)).fill(first) : first;
  }

  override load(): bigint {
    return Atomics.load(live(this), 0);
  }

  override store(value: bigint): void {
    Atomics.store(live(this), 0, value);
  }

  override swap(value: bigint): bigint {
    return Atomics.exchange(live(this), 0, value);
  }

  override fetchAdd(value: bigint): bigint {
    return Atomics.add(live(this), 0, value);
  }

  override fetchSub(value: bigint): bigint {
    return Atomics.sub(live(this), 0, value);
  }

  override fetchAnd(value: bigint): bigint {
    return Atomics.and(live(this), 0, value);
  }

  override fetchOr(value: bigint): bigint {
    return Atomics.or(live(this), 0, value);
  }

  override fetchXor(value: bigint): bigint {
    return Atomics.xor(live(this), 0, value);
  }

  override fetchNand(value: bigint): bigint {
    return this.fetchUpdate((is) => ~(is & value));
  }

  override compareExchange(current: bigint, next: bigint): Result<bigint, bigint> {
    const wanted = BigInt.asIntN(64, current);
    const found = Atomics.compareExchange(live(this), 0, wanted, next);
    return found === wanted ? new Ok(found) : new Err(found);
  }

  /** @internal */
  [moveOut](): HandleImage {
    return { kind: "AtomicI64", data: this[view], transfer: [] };
  }
}

/**
 * `true` or `false`, changed by several threads without a lock; see `AtomicI32`. All its methods throw
 * `UseAfterMoveError` where it was moved away.
 *
 * Source: Rust's `std::sync::atomic::AtomicBool`.
 *
 * @example
 * const stop = Arc.new(new atomic.AtomicBool(false));
 * const handle = thread.spawn(move(stop.clone()), (stop) => {
 *   while (!stop.load());
 *   return "stopped";
 * });
 * stop.store(true);
 * console.log((await handle.join()).unwrap()); // stopped
 */
export class AtomicBool {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("AtomicBool", { shareable: true });
  /** @internal */
  readonly [view]: Int32Array;

  constructor(value: boolean);
  /** @internal */
  constructor(revived: Int32Array);
  constructor(first: boolean | Int32Array) {
    this[view] = typeof first === "boolean" ? new Int32Array(new SharedArrayBuffer(4)).fill(Number(first)) : first;
  }

  /**
   * The value.
   *
   * @example
   * console.log(new atomic.AtomicBool(true).load()); // true
   */
  load(): boolean {
    return Atomics.load(live(this), 0) === 1;
  }

  /**
   * Replaces the value.
   *
   * @example
   * const stop = new atomic.AtomicBool(false);
   * stop.store(true);
   * console.log(stop.load()); // true
   */
  store(value: boolean): void {
    Atomics.store(live(this), 0, Number(value));
  }

  /**
   * Replaces the value and gives the one before.
   *
   * @example
   * const first = new atomic.AtomicBool(true);
   * console.log(first.swap(false), first.swap(false)); // true false
   */
  swap(value: boolean): boolean {
    return Atomics.exchange(live(this), 0, Number(value)) === 1;
  }

  /**
   * Replaces `current` by `next`.
   *
   * @returns `Ok` with `current`, or `Err` with the value that is there where that is the other one.
   * @example
   * const taken = new atomic.AtomicBool(false);
   * console.log(taken.compareExchange(false, true).isOk()); // true
   */
  compareExchange(current: boolean, next: boolean): Result<boolean, boolean> {
    const found = Atomics.compareExchange(live(this), 0, Number(current), Number(next)) === 1;
    return found === current ? new Ok(found) : new Err(found);
  }

  /**
   * `true` where it was and `value` is; gives the value before.
   *
   * @example
   * const allGood = new atomic.AtomicBool(true);
   * allGood.fetchAnd(false);
   * console.log(allGood.load()); // false
   */
  fetchAnd(value: boolean): boolean {
    return Atomics.and(live(this), 0, Number(value)) === 1;
  }

  /**
   * `true` where it was or `value` is; gives the value before.
   *
   * @example
   * const anyFailed = new atomic.AtomicBool(false);
   * console.log(anyFailed.fetchOr(true), anyFailed.load()); // false true
   */
  fetchOr(value: boolean): boolean {
    return Atomics.or(live(this), 0, Number(value)) === 1;
  }

  /**
   * The opposite where `value` is `true`; gives the value before.
   *
   * @example
   * const odd = new atomic.AtomicBool(false);
   * for (let i = 0; i < 3; i++) odd.fetchXor(true);
   * console.log(odd.load()); // true
   */
  fetchXor(value: boolean): boolean {
    return Atomics.xor(live(this), 0, Number(value)) === 1;
  }

  /**
   * `false` where it was and `value` is `true`, and `true` otherwise; gives the value before.
   *
   * @example
   * const flag = new atomic.AtomicBool(true);
   * flag.fetchNand(true);
   * console.log(flag.load()); // false
   */
  fetchNand(value: boolean): boolean {
    return value ? this.fetchXor(true) : this.swap(true);
  }

  /**
   * The opposite; gives the value before.
   *
   * @example
   * const flag = new atomic.AtomicBool(true);
   * console.log(flag.fetchNot(), flag.load()); // true false
   */
  fetchNot(): boolean {
    return this.fetchXor(true);
  }

  /** @internal */
  [moveOut](): HandleImage {
    return { kind: "AtomicBool", data: this[view], transfer: [] };
  }
}

registerHandle("AtomicI32", (data) => new AtomicI32(data as Int32Array));
registerHandle("AtomicU32", (data) => new AtomicU32(data as Uint32Array));
registerHandle("AtomicI64", (data) => new AtomicI64(data as BigInt64Array));
registerHandle("AtomicBool", (data) => new AtomicBool(data as Int32Array));

/** @throws UseAfterMoveError where it was moved away. */
function live<V>(value: { readonly [life]: Life; readonly [view]: V }): V {
  value[life].assert();
  return value[view];
}
