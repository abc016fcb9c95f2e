import { Err } from "../result.js";
import { beginWait } from "../trace/activity.js";
import { keepProcess } from "../worker/keepProcess.js";
import type { MessagePort } from "../worker/node.js";
import type { Slot } from "../worker/slot.js";
import { JoinHandle } from "./joinHandle.js";
import { cancel, type Prepared, startIn, waitIn } from "./launch.js";
import type { Place } from "./line.js";
import { type Outcome, Pending } from "./outcome.js";
import type { Host, Running, RunningThread } from "./running.js";

/** What a thread of a pool asks of the pool. */
export interface QueueHost {
  /** The worker is done with it. */
  release(task: Queued, state: "clean" | "spoiled"): void;
  ended(task: Queued, result: Outcome): void;
  /** It waits in a worker: takes back all that wait there. */
  takeBack(task: Queued): void;
  /** Its worker is about to be killed: takes back all that wait there, and gives it nothing more. */
  doom(task: Queued): void;
  /** Blocks until it may have ended, or something else has that it waits for. */
  blockOnce(task: Queued): void;
  /**
   * Its worker could not read what came in one message: takes back all that were sent there, to send each by itself.
   *
   * @returns false where it is in no worker.
   */
  separate(task: Queued): boolean;
}

/** A thread of a pool, which starts when it is its turn. */
export class Queued implements Running, Host {
  readonly id: number;
  readonly name: string | undefined;
  readonly #host: QueueHost;
  readonly handle = new JoinHandle<unknown>(this);
  /** Among the threads of the pool, while it has not ended or nobody may have looked at its panic. */
  standing: Place<Queued> | undefined;
  readonly #pending = new Pending();
  #prepared: Prepared;
  /** Whether what it was given is its own, so that a second worker can be given it. */
  #isOwn: boolean;
  #early: Int32Array | undefined;
  #running: RunningThread | undefined;
  /** Whether it was sent to its worker in a message of its own. */
  #isAlone = true;
  /** Whether something could not be read that it was sent with: it may not have been this one. */
  mustBeAlone = false;
  /** What became of the handle before its turn came; told once the thread has started. */
  #noted: "joined" | "detached" | undefined;

  constructor(prepared: Prepared, host: QueueHost) {
    this.id = prepared.origin.id;
    this.name = prepared.origin.name;
    this.#prepared = prepared;
    this.#host = host;
    this.#isOwn = prepared.isOwn;
  }

  /** Whether it may wait in a worker, from which it can be taken back. */
  get mayWaitInWorker(): boolean {
    return this.#isOwn && !this.mustBeAlone && this.#prepared.packed.transfer.length === 0;
  }

  /** Whether it waits in a worker that has its buffers already: another worker cannot be given them. */
  get isBound(): boolean {
    return this.#prepared.packed.transfer.length > 0 && this.#running?.isWaiting() === true;
  }

  /** Takes what it was given for itself: it starts later, and its caller goes on with what was copied. */
  own(): void {
    if (this.#isOwn) return;
    const { parcel, transfer, ...rest } = this.#prepared.packed;
    const own = structuredClone({ parcel, transfer }, { transfer: [...transfer] as MessagePort[] });
    this.#prepared = { ...this.#prepared, packed: { ...rest, ...own } };
    this.#isOwn = true;
  }

  /** It is its turn, now or when the worker is done with others. */
  startIn(slot: Slot, turn: "now" | "next"): void {
    this.#isAlone = turn === "now";
    try {
      this.#running = (turn === "now" ? startIn : waitIn)(slot, this.#prepared, this);
      if (this.#noted !== undefined) this.#running.note(this.#noted);
      this.#noted = undefined;
      if (this.#early !== undefined && Atomics.load(this.#early, 0) === 1) Atomics.store(this.#running.token, 0, 1);
    } catch (error) {
      this.#end(new Err(cancel(this.#prepared, error instanceof Error ? error.message : String(error), error)));
    }
  }

  /** It waits in a worker that will not run it. */
  withdraw(): void {
    this.#running?.withdraw();
    this.#running = undefined;
  }

  release(_slot: Slot, state: "clean" | "spoiled"): void {
    this.#host.release(this, state);
  }

  ended(result: Outcome): void {
    this.#end(result);
  }

  startAlone(): boolean {
    return !this.#isAlone && this.#host.separate(this);
  }

  get token(): Int32Array {
    if (this.#running !== undefined) return this.#running.token;
    this.#early ??= new Int32Array(new SharedArrayBuffer(4));
    return this.#early;
  }

  isFinished(): boolean {
    return this.#pending.result !== undefined || this.#running?.isFinished() === true;
  }

  wait(): Promise<Outcome> {
    return this.#pending.wait(this.id);
  }

  waitSync(): Outcome {
    if (this.#pending.result !== undefined) return this.#pending.result;
    const resume = beginWait("join", () => this.id);
    for (;;) {
      this.#host.blockOnce(this);
      if (this.#pending.result === undefined) continue;
      resume?.();
      return this.#pending.result;
    }
  }

  keepAlive(): void {
    if (this.#pending.result === undefined) this.whenEnded(keepProcess());
  }

  terminate(): void {
    if (this.#running?.isWaiting() === true) this.#host.takeBack(this);
    if (this.#running !== undefined) {
      if (this.#running.isFinished()) return;
      this.#host.doom(this);
      this.#running.terminate();
    } else if (this.#pending.result === undefined) {
      this.#end(new Err(cancel(this.#prepared, "was terminated before it started", undefined)));
    }
  }

  abort(reason: unknown): void {
    if (this.#running?.isWaiting() === true) this.#host.takeBack(this);
    if (this.#running !== undefined) this.#running.abort(reason);
    else if (this.#pending.result === undefined) {
      this.#end(new Err(cancel(this.#prepared, "was aborted before it started", reason)));
    }
  }

  whenEnded(told: () => void): void {
    this.#pending.whenSettled(told);
  }

  note(type: "joined" | "detached"): void {
    if (this.#running === undefined) this.#noted = type;
    else this.#running.note(type);
  }

  /** In a worker. */
  get running(): RunningThread | undefined {
    return this.#running;
  }

  #end(result: Outcome): void {
    if (!this.#pending.settle(result)) return;
    this.#prepared = {
      ...this.#prepared,
      packed: { parcel: { value: undefined }, transfer: [], abandon: [], lent: [] },
    };
    this.#host.ended(this, result);
  }
}
