import type { ThreadPanic } from "../errors.js";
import { Err, type Result } from "../result.js";
import { keepAlive } from "../worker/keepAlive.js";
import type { Prepared, Running } from "./launch.js";

type Outcome = Result<unknown, ThreadPanic>;

/** A thread of a pool, which starts when it is its turn. */
export class Queued implements Running {
  readonly id: number;
  readonly name: string | undefined;
  readonly ended: Promise<Outcome>;
  readonly #prepared: Prepared;
  readonly #waitForTurn: () => void;
  readonly #early = new Int32Array(new SharedArrayBuffer(4));
  #running: Running | undefined;
  #result: Outcome | undefined;
  #settle: (result: Outcome) => void = () => {};

  constructor(prepared: Prepared, waitForTurn: () => void) {
    this.id = prepared.id;
    this.name = prepared.name;
    this.#prepared = prepared;
    this.#waitForTurn = waitForTurn;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get token(): Int32Array {
    return this.#running?.token ?? this.#early;
  }

  /** It is its turn. */
  start(): void {
    try {
      this.#running = this.#prepared.start();
      void this.#running.ended.then((result) => this.#end(result));
    } catch (error) {
      this.#end(new Err(this.#prepared.cancel(error instanceof Error ? error.message : String(error), error)));
    }
  }

  isFinished(): boolean {
    return this.#result !== undefined || this.#running?.isFinished() === true;
  }

  async wait(): Promise<Outcome> {
    const release = keepAlive();
    try {
      return await this.ended;
    } finally {
      release();
    }
  }

  waitSync(): Outcome {
    while (this.#result === undefined) {
      if (this.#running === undefined) this.#waitForTurn();
      else this.#end(this.#running.waitSync());
    }
    return this.#result;
  }

  keepAlive(): void {
    void this.wait();
  }

  terminate(): void {
    if (this.#running !== undefined) this.#running.terminate();
    else if (this.#result === undefined) {
      this.#end(new Err(this.#prepared.cancel("was terminated before it started", undefined)));
    }
  }

  abort(reason: unknown): void {
    if (this.#running !== undefined) this.#running.abort(reason);
    else if (this.#result === undefined) {
      this.#end(new Err(this.#prepared.cancel("was aborted before it started", reason)));
    }
  }

  note(type: "joined" | "detached"): void {
    this.#running?.note(type);
  }

  #end(result: Outcome): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    this.#settle(result);
  }
}
