import { send } from "./transport/sendable.js";

/**
 * The outcome of an operation that can fail: `Ok` with a value or `Err` with an error, told apart by `ok`.
 *
 * A thread may be given one, and give one back, where what it holds can be sent.
 *
 * Source: Rust's `std::result::Result`.
 *
 * @example
 * const result: Result<number, Error> = await thread.spawn(() => 6 * 7).join();
 * if (result.ok) console.log(result.value); // 42
 * else console.error(result.error.message);
 */
export type Result<T, E> = Ok<T, E> | Err<T, E>;

/**
 * The success of a {@link Result}: holds the value.
 *
 * @example
 * const result: Result<number, Error> = new Ok(42);
 * if (result.ok) console.log(result.value); // 42
 */
export class Ok<T, E = never> {
  /** @internal */
  static readonly [send] = { module: "fearless-threads", export: "Ok" };
  /** @hidden Only a type: it may be sent where its value may be. */
  declare readonly [send]: { readonly value: T };
  /** Tells `Ok` from `Err`; narrows the union. */
  readonly ok = true;
  /** What the operation gave. */
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }

  /**
   * Whether this is an `Ok`.
   *
   * @example
   * console.log(new Ok(42).isOk()); // true
   */
  isOk(): this is Ok<T, E> {
    return true;
  }

  /**
   * Whether this is an `Err`.
   *
   * @example
   * console.log(new Ok(42).isErr()); // false
   */
  isErr(): this is Err<T, E> {
    return false;
  }

  /**
   * The value. Of an `Err` it throws the error instead.
   *
   * @example
   * const sum = (await thread.spawn(() => 6 * 7).join()).unwrap();
   * console.log(sum); // 42
   */
  unwrap(): T {
    return this.value;
  }

  /**
   * The value. Of an `Err` it throws an `Error` with `message`, whose `cause` is the error.
   *
   * @example
   * const sum = (await thread.spawn(() => 6 * 7).join()).expect("the sum of the parts");
   * console.log(sum); // 42
   */
  expect(_message: string): T {
    return this.value;
  }

  /**
   * The value, or `fallback` of an `Err`.
   *
   * @example
   * console.log(new Ok(42).unwrapOr(0)); // 42
   */
  unwrapOr<U>(_fallback: U): T | U {
    return this.value;
  }

  /**
   * A `Result` with the value changed by `f`; an `Err` stays as it is.
   *
   * @example
   * console.log(new Ok(6).map((n) => n * 7).unwrap()); // 42
   */
  map<U>(f: (value: T) => U): Result<U, E> {
    return new Ok(f(this.value));
  }

  /**
   * A `Result` with the error changed by `f`; an `Ok` stays as it is.
   *
   * @returns this `Ok`: only an `Err` has an error to change.
   * @example
   * const result = new Ok<number, Error>(42).mapErr((error) => error.message);
   * console.log(result.unwrap()); // 42
   */
  mapErr<F>(_f: (error: E) => F): Result<T, F> {
    return new Ok(this.value);
  }

  /**
   * Calls the arm that fits and gives what it returns.
   *
   * @example
   * const text = new Ok<number, Error>(42).match({ ok: (n) => `${n} rows`, err: (error) => error.message });
   * console.log(text); // 42 rows
   */
  match<A, B = A>(arms: { readonly ok: (value: T) => A; readonly err: (error: E) => B }): A | B {
    return arms.ok(this.value);
  }
}

/**
 * The failure of a {@link Result}: holds the error.
 *
 * @example
 * const result: Result<number, Error> = new Err(new Error("no number"));
 * if (!result.ok) console.log(result.error.message); // no number
 */
export class Err<T = never, E = unknown> {
  /** @internal */
  static readonly [send] = { module: "fearless-threads", export: "Err" };
  /** @hidden Only a type: it may be sent where its error may be. */
  declare readonly [send]: { readonly error: E };
  /** Tells `Ok` from `Err`; narrows the union. */
  readonly ok = false;
  /** What went wrong. */
  readonly error: E;

  constructor(error: E) {
    this.error = error;
  }

  /**
   * Whether this is an `Ok`.
   *
   * @example
   * console.log(new Err("no number").isOk()); // false
   */
  isOk(): this is Ok<T, E> {
    return false;
  }

  /**
   * Whether this is an `Err`.
   *
   * @example
   * console.log(new Err("no number").isErr()); // true
   */
  isErr(): this is Err<T, E> {
    return true;
  }

  /**
   * Throws the error: an `Err` has no value.
   *
   * @throws the error itself where it is an `Error`, otherwise an `Error` whose `cause` it is.
   * @example
   * try {
   *   new Err(new RangeError("too many rows")).unwrap();
   * } catch (error) {
   *   console.log(String(error)); // RangeError: too many rows
   * }
   */
  unwrap(): never {
    if (this.error instanceof Error) throw this.error;
    throw new Error(`called unwrap() on an Err: ${String(this.error)}`, { cause: this.error });
  }

  /**
   * Throws: an `Err` has no value.
   *
   * @throws Error with `message`, whose `cause` is the error.
   * @example
   * try {
   *   new Err(new RangeError("too many rows")).expect("a table");
   * } catch (error) {
   *   console.log(String(error)); // Error: a table: too many rows
   * }
   */
  expect(message: string): never {
    const reason = this.error instanceof Error ? this.error.message : String(this.error);
    throw new Error(`${message}: ${reason}`, { cause: this.error });
  }

  /**
   * `fallback`: an `Err` has no value.
   *
   * @example
   * console.log(new Err("no number").unwrapOr(0)); // 0
   */
  unwrapOr<U>(fallback: U): T | U {
    return fallback;
  }

  /**
   * This `Err`, unchanged.
   *
   * @example
   * const result = new Err<number, string>("no number").map((n) => n * 7);
   * console.log(result.unwrapOr(0)); // 0
   */
  map<U>(_f: (value: T) => U): Result<U, E> {
    return new Err(this.error);
  }

  /**
   * An `Err` with the error changed by `f`.
   *
   * @example
   * const result = new Err("no number").mapErr((text) => new Error(text));
   * if (!result.ok) console.log(result.error.message); // no number
   */
  mapErr<F>(f: (error: E) => F): Result<T, F> {
    return new Err(f(this.error));
  }

  /**
   * Calls the arm that fits and gives what it returns.
   *
   * @example
   * const text = new Err<number, string>("no rows").match({ ok: (n) => `${n} rows`, err: (error) => error });
   * console.log(text); // no rows
   */
  match<A, B = A>(arms: { readonly ok: (value: T) => A; readonly err: (error: E) => B }): A | B {
    return arms.err(this.error);
  }
}
