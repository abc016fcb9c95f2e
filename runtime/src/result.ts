/**
 * The outcome of an operation that can fail: `Ok` with a value or `Err` with an error, told apart by `ok`.
 *
 * Source: Rust's `std::result::Result`.
 *
 * @example
 * const result = await handle.join();
 * if (result.ok) console.log(result.value);
 * else console.error(result.error.message);
 */
export type Result<T, E> = Ok<T, E> | Err<T, E>;

/** The success of a {@link Result}: holds the value. */
export class Ok<T, E = never> {
  /** Tells `Ok` from `Err`; narrows the union. */
  readonly ok = true;
  /** What the operation gave. */
  readonly value: T;

  constructor(value: T) {
    this.value = value;
  }

  /** Whether this is an `Ok`. */
  isOk(): this is Ok<T, E> {
    return true;
  }

  /** Whether this is an `Err`. */
  isErr(): this is Err<T, E> {
    return false;
  }

  /** The value. Of an `Err` it throws the error instead. */
  unwrap(): T {
    return this.value;
  }

  /** The value. Of an `Err` it throws an `Error` with `message`, whose `cause` is the error. */
  expect(_message: string): T {
    return this.value;
  }

  /** The value, or `fallback` of an `Err`. */
  unwrapOr<U>(_fallback: U): T | U {
    return this.value;
  }

  /** A `Result` with the value changed by `f`; an `Err` stays as it is. */
  map<U>(f: (value: T) => U): Result<U, E> {
    return new Ok(f(this.value));
  }

  /** A `Result` with the error changed by `f`; an `Ok` stays as it is. */
  mapErr<F>(_f: (error: E) => F): Result<T, F> {
    return new Ok(this.value);
  }

  /** Calls the arm that fits and gives what it returns. */
  match<A, B = A>(arms: { readonly ok: (value: T) => A; readonly err: (error: E) => B }): A | B {
    return arms.ok(this.value);
  }
}

/** The failure of a {@link Result}: holds the error. */
export class Err<T = never, E = unknown> {
  /** Tells `Ok` from `Err`; narrows the union. */
  readonly ok = false;
  /** What went wrong. */
  readonly error: E;

  constructor(error: E) {
    this.error = error;
  }

  /** Whether this is an `Ok`. */
  isOk(): this is Ok<T, E> {
    return false;
  }

  /** Whether this is an `Err`. */
  isErr(): this is Err<T, E> {
    return true;
  }

  /**
   * Throws the error: an `Err` has no value.
   *
   * @throws the error itself where it is an `Error`, otherwise an `Error` whose `cause` it is.
   */
  unwrap(): never {
    if (this.error instanceof Error) throw this.error;
    throw new Error(`called unwrap() on an Err: ${String(this.error)}`, { cause: this.error });
  }

  /** Throws an `Error` with `message`, whose `cause` is the error. */
  expect(message: string): never {
    const reason = this.error instanceof Error ? this.error.message : String(this.error);
    throw new Error(`${message}: ${reason}`, { cause: this.error });
  }

  /** `fallback`: an `Err` has no value. */
  unwrapOr<U>(fallback: U): T | U {
    return fallback;
  }

  /** This `Err`, unchanged. */
  map<U>(_f: (value: T) => U): Result<U, E> {
    return new Err(this.error);
  }

  /** An `Err` with the error changed by `f`. */
  mapErr<F>(f: (error: E) => F): Result<T, F> {
    return new Err(f(this.error));
  }

  /** Calls the arm that fits and gives what it returns. */
  match<A, B = A>(arms: { readonly ok: (value: T) => A; readonly err: (error: E) => B }): A | B {
    return arms.err(this.error);
  }
}
