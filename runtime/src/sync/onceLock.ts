import { Err, Ok, type Result } from "../result.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import type { Send } from "../transport/types.js";
import { assertMayBlock } from "../worker/vigil.js";
import { type Cell, type CellImage, imageOf, newCell, openCell, read, write } from "./cell.js";
import {
  abandonInitializing,
  doIt,
  doItSync,
  type Initializing,
  initializing,
  isDone,
  over,
  overSync,
  stage,
  turn,
  turnSync,
} from "./initializing.js";
import type { WaitOptions } from "./waiting.js";

const slotOf: unique symbol = Symbol("fearless-threads.onceLock");

interface OnceSlot {
  readonly cell: Cell;
  readonly once: Initializing;
  /** This thread's copy of the value. */
  copy: { readonly value: unknown } | undefined;
}

interface OnceLockImage {
  readonly cell: CellImage;
  readonly once: Int32Array;
}

/**
 * A value that is set once, by whichever thread comes first, and then read by all without a lock. Each thread reads a
 * copy of its own, which stays the same object.
 *
 * Source: Rust's `std::sync::OnceLock`.
 *
 * @example
 * const config = Arc.new(new OnceLock<{ port: number }>());
 * const handle = thread.spawn(move(config.clone()), (config) => config.getOrInitSync(() => ({ port: 80 })).port);
 * const { port } = await config.getOrInit(() => ({ port: 80 }));
 * console.log(port, (await handle.join()).unwrap()); // 80 80
 */
export class OnceLock<in out T extends Send<T>> {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("OnceLock", { shareable: true });
  /** @internal Only for the type: what it holds. */
  declare readonly held: T;
  /** @internal */
  readonly [slotOf]: OnceSlot;

  constructor();
  /** @internal */
  constructor(revived: OnceLockImage);
  constructor(revived?: OnceLockImage) {
    const cell = revived === undefined ? newCell(undefined) : openCell(revived.cell);
    this[slotOf] = { cell, once: initializing(stage.fresh, revived?.once), copy: undefined };
  }

  /**
   * The value, or `undefined` where none was set yet. Does not wait.
   *
   * @throws UseAfterMoveError
   * @example
   * const port = new OnceLock<number>();
   * console.log(port.get()); // undefined
   */
  get(): T | undefined {
    this[life].assert();
    return isDone(this[slotOf].once) ? (copyOf(this[slotOf]) as T) : undefined;
  }

  /**
   * Sets the value; waits while a thread is making it.
   *
   * @returns `Err` with the value given back where there is one already.
   * @throws (rejects with) NotSendError where the value cannot be shared; UseAfterMoveError; the signal's reason, as soon as
   * it is aborted: the value was not set then.
   * @example
   * const port = new OnceLock<number>();
   * (await port.set(80)).unwrap();
   * console.log((await port.set(443)).isErr(), port.get()); // true 80
   */
  async set(value: T, options?: WaitOptions): Promise<Result<void, T>> {
    this[life].assert();
    const slot = this[slotOf];
    if ((await turn(slot.once, options)) === "done") return new Err(value);
    await doIt(slot.once, () => write(slot.cell, value));
    return new Ok(undefined);
  }

  /**
   * As `set`, but blocks the thread while another one is making the value.
   *
   * @returns `Err` with the value given back where there is one already.
   * @throws NotSendError where the value cannot be shared; UseAfterMoveError.
   * @example
   * const port = new OnceLock<number>();
   * port.setSync(80).unwrap();
   * console.log(port.get()); // 80
   */
  setSync(value: T): Result<void, T> {
    assertMayBlock("set");
    this[life].assert();
    const slot = this[slotOf];
    if (turnSync(slot.once) === "done") return new Err(value);
    doItSync(slot.once, () => write(slot.cell, value));
    return new Ok(undefined);
  }

  /**
   * The value; where there is none, `f` makes it, in one thread only. Where `f` throws, the next one to come tries again.
   *
   * @throws (rejects with) what `f` throws; NotSendError where the value cannot be shared; UseAfterMoveError; the signal's
   * reason, where it is aborted while another thread makes the value: what `f` does is not interrupted.
   * @example
   * const config = new OnceLock<{ port: number }>();
   * const { port } = await config.getOrInit(async () => ({ port: 80 }));
   * console.log(port); // 80
   */
  async getOrInit(f: () => T | Promise<T>, options?: WaitOptions): Promise<T> {
    this[life].assert();
    const slot = this[slotOf];
    if ((await turn(slot.once, options)) === "mine") await doIt(slot.once, async () => write(slot.cell, await f()));
    return copyOf(slot) as T;
  }

  /**
   * As `getOrInit`, but blocks the thread while another one is making the value.
   *
   * @throws what `f` throws; NotSendError where the value cannot be shared; UseAfterMoveError.
   * @example
   * const config = new OnceLock<{ port: number }>();
   * console.log(config.getOrInitSync(() => ({ port: 80 })).port); // 80
   */
  getOrInitSync(f: () => T): T {
    assertMayBlock("getOrInit");
    this[life].assert();
    const slot = this[slotOf];
    if (turnSync(slot.once) === "mine") doItSync(slot.once, () => write(slot.cell, f()));
    return copyOf(slot) as T;
  }

  /**
   * Waits until the value is there, whichever thread makes it.
   *
   * @throws (rejects with) UseAfterMoveError; the signal's reason, as soon as it is aborted.
   * @example
   * const config = Arc.new(new OnceLock<number>());
   * const handle = thread.spawn(move(config.clone()), (config) => void config.setSync(80));
   * console.log(await config.wait()); // 80
   * await handle.join();
   */
  async wait(options?: WaitOptions): Promise<T> {
    this[life].assert();
    await over(this[slotOf].once, options);
    return copyOf(this[slotOf]) as T;
  }

  /**
   * As `wait`, but blocks the thread.
   *
   * @throws Error where this thread is making the value; UseAfterMoveError.
   * @example
   * const config = new OnceLock<number>();
   * config.setSync(80);
   * console.log(config.waitSync()); // 80
   */
  waitSync(): T {
    assertMayBlock("wait");
    this[life].assert();
    overSync(this[slotOf].once);
    return copyOf(this[slotOf]) as T;
  }

  /** @internal */
  [moveOut](): HandleImage {
    const { cell, once } = this[slotOf];
    const data: OnceLockImage = { cell: imageOf(cell), once: once.words };
    return { kind: "OnceLock", data, transfer: [], abandon: (thread) => abandonInitializing(once, thread) };
  }
}

registerHandle("OnceLock", (data) => new OnceLock<unknown>(data as OnceLockImage));

function copyOf(slot: OnceSlot): unknown {
  slot.copy ??= { value: read(slot.cell) };
  return slot.copy.value;
}
