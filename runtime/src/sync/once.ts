import { PoisonError } from "../errors.js";
import { type HandleImage, Life, life, moveOut, registerHandle } from "../transport/handle.js";
import { assertMayBlock } from "../worker/vigil.js";
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
  type Turn,
  turn,
  turnSync,
} from "./initializing.js";
import type { WaitOptions } from "./waiting.js";

const onceOf: unique symbol = Symbol("fearless-threads.once");

/**
 * Something that is done once in the whole process, by whichever thread comes first; the others wait until it is done.
 *
 * Source: Rust's `std::sync::Once`.
 *
 * @example
 * const started = Arc.new(new Once());
 * const handle = thread.spawn(move(started.clone()), (started) => {
 *   started.callOnceSync(() => console.log("only one thread prints this"));
 * });
 * await handle.join();
 * await started.callOnce(() => console.log("only one thread prints this")); // only one thread prints this
 */
export class Once {
  /** What tells the type checker that it may be sent; so it must be in the declarations. */
  readonly [life] = new Life("Once", { shareable: true });
  /** @internal */
  readonly [onceOf]: Initializing;

  constructor();
  /** @internal */
  constructor(revived: Int32Array);
  constructor(revived?: Int32Array) {
    this[onceOf] = initializing(stage.poisoned, revived);
  }

  /**
   * Calls `f` and waits for what it returns, unless a thread has done so; waits while one is doing it. Once it resolves,
   * it has been done.
   *
   * @throws (rejects with) what `f` throws; PoisonError where `f` has thrown, or its thread has ended, before it was done;
   * UseAfterMoveError; the signal's reason, where it is aborted before it is this thread's turn: what `f` does once it was
   * called is not interrupted.
   *
   * @example
   * const started = new Once();
   * await started.callOnce(() => console.log("first")); // first
   * await started.callOnce(() => console.log("second"), { signal: AbortSignal.timeout(1000) });
   */
  async callOnce(f: () => unknown, options?: WaitOptions): Promise<void> {
    this[life].assert();
    if (isMine(await turn(this[onceOf], options))) await doIt(this[onceOf], f);
  }

  /**
   * As `callOnce`, but blocks the thread; `f` is not waited for.
   *
   * @throws what `f` throws; PoisonError where `f` has thrown, or its thread has ended, before it was done; Error where
   * `f` calls it again; UseAfterMoveError.
   * @example
   * const started = new Once();
   * started.callOnceSync(() => console.log("first")); // first
   * started.callOnceSync(() => console.log("second"));
   */
  callOnceSync(f: () => void): void {
    assertMayBlock("callOnce");
    this[life].assert();
    if (isMine(turnSync(this[onceOf]))) doItSync(this[onceOf], f);
  }

  /**
   * Waits until it has been done, by whichever thread; does nothing itself.
   *
   * @throws (rejects with) PoisonError where doing it has failed; UseAfterMoveError; the signal's reason, as soon as it is
   * aborted.
   * @example
   * const started = Arc.new(new Once());
   * const handle = thread.spawn(move(started.clone()), (started) => started.callOnceSync(() => {}));
   * await started.wait();
   * console.log(started.isCompleted()); // true
   * await handle.join();
   */
  async wait(options?: WaitOptions): Promise<void> {
    this[life].assert();
    isMine(await over(this[onceOf], options));
  }

  /**
   * As `wait`, but blocks the thread.
   *
   * @throws PoisonError where doing it has failed; Error where this thread does it itself; UseAfterMoveError.
   * @example
   * const started = new Once();
   * started.callOnceSync(() => {});
   * started.waitSync();
   * console.log(started.isCompleted()); // true
   */
  waitSync(): void {
    assertMayBlock("wait");
    this[life].assert();
    isMine(overSync(this[onceOf]));
  }

  /**
   * Whether it has been done.
   *
   * @throws UseAfterMoveError
   * @example
   * const started = new Once();
   * console.log(started.isCompleted()); // false
   */
  isCompleted(): boolean {
    this[life].assert();
    return isDone(this[onceOf]);
  }

  /** @internal */
  [moveOut](): HandleImage {
    const once = this[onceOf];
    return { kind: "Once", data: once.words, transfer: [], abandon: (thread) => abandonInitializing(once, thread) };
  }
}

registerHandle("Once", (data) => new Once(data as Int32Array));

function isMine(turn: Turn): boolean {
  if (turn === "poisoned") throw new PoisonError("Once");
  return turn === "mine";
}
