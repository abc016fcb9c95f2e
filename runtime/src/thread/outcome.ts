import type { ThreadPanic } from "../errors.js";
import type { Result } from "../result.js";
import { beginWait } from "../trace/activity.js";
import { keepAlive } from "../worker/keepAlive.js";

/** How a thread ended. */
export type Outcome = Result<unknown, ThreadPanic>;

/** The outcome of a thread, now or later. */
export class Pending {
  #result: Outcome | undefined;
  #promise: Promise<Outcome> | undefined;
  #resolve: ((result: Outcome) => void) | undefined;
  #release: (() => void) | undefined;
  #told: (() => void)[] | undefined;

  get result(): Outcome | undefined {
    return this.#result;
  }

  /** The first one counts. Returns whether this is it. */
  settle(result: Outcome): boolean {
    if (this.#result !== undefined) return false;
    this.#result = result;
    this.#release?.();
    this.#resolve?.(result);
    if (this.#told !== undefined) for (const tell of this.#told) tell();
    return true;
  }

  /** Resolves when it is there; keeps the process alive meanwhile. `of`: the thread whose result it is. */
  wait(of: number): Promise<Outcome> {
    if (this.#result === undefined) {
      const resume = beginWait("join", () => of);
      if (resume !== undefined) this.whenSettled(resume);
    }
    if (this.#promise !== undefined) return this.#promise;
    if (this.#result !== undefined) {
      this.#promise = Promise.resolve(this.#result);
      return this.#promise;
    }
    this.keepAlive();
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    return this.#promise;
  }

  /** Has `told` called when it is there, without keeping the process alive. */
  whenSettled(told: () => void): void {
    if (this.#result !== undefined) told();
    else this.#told = [...(this.#told ?? []), told];
  }

  /** Keeps the process alive until it is there. */
  keepAlive(): void {
    if (this.#result === undefined) this.#release ??= keepAlive();
  }
}
