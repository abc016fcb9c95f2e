import type { SourcePosition, ThreadPanic } from "../errors.js";
import { Err, Ok } from "../result.js";
import { beginWait } from "../trace/activity.js";
import { now, trace } from "../trace/trace.js";
import { raise } from "../transport/abortSignal.js";
import { needsImport, type Parcel, unpack, unpackNow } from "../transport/encode.js";
import type { ClosureText } from "../worker/closure.js";
import { disown } from "../worker/holdings.js";
import { keepProcess } from "../worker/keepProcess.js";
import { type ScriptPosition, toSource } from "../worker/position.js";
import { oweTurn } from "../worker/printing.js";
import { abortOf, type Done, type Printed, statusWord, tokenOf } from "../worker/protocol.js";
import { flush } from "../worker/sending.js";
import {
  drain,
  endUnseen,
  hasEndedUnseen,
  type RunListener,
  type Slot,
  unlisten,
  type WorkerEnd,
} from "../worker/slot.js";
import { block, whileBlocked } from "../worker/vigil.js";
import { watchExit } from "./alive.js";
import { registerChildren } from "./children.js";
import { Line, type Place } from "./line.js";
import { type Outcome, Pending } from "./outcome.js";
import { type Panicker, panicOf, panicOfWorker, payloadWithoutClass } from "./panic.js";
import { reportPanic } from "./panicHook.js";
import { currentSelf } from "./self.js";

/** A started thread, from its parent's side. */
export interface Running {
  readonly id: number;
  readonly name: string | undefined;
  /** Whether the closure has ended, known without waiting for the event loop. */
  isFinished(): boolean;
  /** Resolves when the thread has ended; keeps the process alive meanwhile. */
  wait(): Promise<Outcome>;
  /** Blocks until the thread has ended. */
  waitSync(): Outcome;
  /** What the thread parks on. */
  readonly token: Int32Array;
  /** Keeps the process alive until the thread has ended. */
  keepAlive(): void;
  /** Ends the thread wherever it is, if it has not ended. */
  terminate(): void;
  /** Asks the thread to stop, if it has not ended. */
  abort(reason: unknown): void;
  /** Has `told` called when the thread has ended, without keeping the process alive. */
  whenEnded(told: () => void): void;
  /** Tells the trace what became of the handle. */
  note(type: "joined" | "detached"): void;
}

/** Where a thread comes from. */
export interface Origin {
  readonly id: number;
  readonly name: string | undefined;
  /** The call that spawned it. */
  readonly site: ScriptPosition | undefined;
  readonly closure: ClosureText;
  /** Lets go of the handles it was given, if it is killed. */
  readonly abandon: readonly ((thread: number) => void)[];
}

/** Who gave a thread its worker. */
export interface Host {
  /** The closure has ended; nothing else may run in a worker that is spoiled. */
  release(slot: Slot, state: "clean" | "spoiled"): void;
  /** The thread has ended, with a result or without its worker. */
  ended?(result: Outcome): void;
  /** Its worker could not read what came with it. @returns whether it starts in another one, to which it is sent by itself. */
  startAlone?(): boolean;
}

/** What a closure returned that returned nothing. */
const nothing: Parcel = { value: undefined };

/** The closures of this thread that run in workers and have not ended, as far as it knows. */
const running = new Line<RunningThread>();

whileBlocked(() => {
  for (const thread of running.values()) thread.lookAfter();
});

/** Told when the last of them has ended. */
let whenLast: (() => void) | undefined;

const isAnyLeft = (): boolean => !running.isEmpty || lingering.size > 0;

registerChildren({
  has: isAnyLeft,
  whenEnded: (told) => {
    whenLast = told;
    if (!isAnyLeft()) told();
  },
  forget: () => {
    for (const thread of running.values()) thread.forget();
  },
});

/** The workers of threads that have ended before those that they had started. */
const lingering = new Set<Slot>();

function noteLingering(slot: Slot): void {
  slot.lingers = true;
  lingering.add(slot);
  slot.worker.once("exit", () => {
    lingering.delete(slot);
    if (!isAnyLeft()) whenLast?.();
  });
}

function reportKilled(): void {
  for (const thread of running.values()) thread.reportKilled();
}

/** A thread that runs in a worker. */
export class RunningThread implements Running, RunListener {
  readonly id: number;
  readonly name: string | undefined;
  readonly #slot: Slot;
  /** The number of its run in the worker. */
  readonly run: number;
  readonly #origin: Origin;
  readonly #host: Host;
  readonly #parent = currentSelf().id;
  readonly #pending = new Pending();
  readonly #standing: Place<RunningThread>;
  #terminated = false;
  #done: Done | undefined;
  /** What has come, but holds instances of classes that are being imported. */
  #importing: Done | undefined;

  constructor(slot: Slot, run: number, origin: Origin, host: Host) {
    this.#slot = slot;
    this.run = run;
    this.#origin = origin;
    this.#host = host;
    this.id = origin.id;
    this.name = origin.name;
    slot.listeners.push(this);
    this.#standing = running.add(this);
    watchExit(reportKilled);
    trace(() => ({ type: "started", ...this.#facts() }));
  }

  message(message: Done | Printed): void {
    if (message.type === "done") {
      this.#done = message;
      if (message.lingers === true) noteLingering(this.#slot);
      if (message.printing === undefined && !endsWorker(message)) this.#conclude(message);
    } else if (this.#done !== undefined && !endsWorker(this.#done)) {
      this.#conclude(this.#done);
    }
  }

  workerEnded(end: WorkerEnd): void {
    this.#endWithWorker(() => panicOfEnd(end, this.#thread()));
  }

  get hasEnded(): boolean {
    return this.#done !== undefined;
  }

  isFinished(): boolean {
    return this.#pending.result !== undefined || Atomics.load(this.#slot.status, statusWord.finished) >= this.run;
  }

  wait(): Promise<Outcome> {
    return this.#pending.wait(this.id);
  }

  waitSync(): Outcome {
    if (this.#pending.result !== undefined) return this.#pending.result;
    const resume = beginWait("join", () => this.id);
    for (;;) {
      this.blockOnce();
      if (this.#pending.result === undefined) continue;
      resume?.();
      return this.#pending.result;
    }
  }

  /** Blocks until it has ended, but not for long. */
  blockOnce(): void {
    if (this.#importing !== undefined) this.#openWithoutImport(this.#importing);
    flush(this.#slot);
    const finished = Atomics.load(this.#slot.status, statusWord.finished);
    if (finished < this.run) block(this.#slot.status, statusWord.finished, finished, 100);
    this.poll();
  }

  /** Whether it has not started, as others in its worker come first. */
  isWaiting(): boolean {
    return this.#pending.result === undefined && Atomics.load(this.#slot.status, statusWord.started) < this.run;
  }

  /** While this thread blocks: what the other one said is in its port, and what it is to be sent waits here. */
  poll(): void {
    flush(this.#slot);
    drain(this.#slot);
    if (this.#done !== undefined && !endsWorker(this.#done)) this.#concludeUnprinted(this.#done);
    this.lookAfter();
  }

  /** While this thread blocks: notices that the other one was killed, and lets go of what it held. */
  lookAfter(): void {
    const isOver = this.#pending.result !== undefined || !running.has(this.#standing);
    if (!isOver && hasEndedUnseen(this.#slot)) endUnseen(this.#slot);
  }

  get token(): Int32Array {
    return tokenOf(this.#slot, this.run);
  }

  keepAlive(): void {
    if (this.#pending.result === undefined) this.whenEnded(keepProcess());
  }

  terminate(): void {
    if (this.isFinished()) drain(this.#slot); // What it said last is here.
    const isExiting = this.#done !== undefined && endsWorker(this.#done); // Which may take for ever.
    if (this.#pending.result !== undefined || (this.isFinished() && !isExiting)) return;
    this.#terminated = true;
    void this.#slot.worker.terminate();
  }

  abort(reason: unknown): void {
    if (!this.isFinished()) raise(abortOf(this.#slot, this.run), reason);
  }

  whenEnded(told: () => void): void {
    this.#pending.whenSettled(told);
  }

  note(type: "joined" | "detached"): void {
    trace(() => ({ type, ...this.#facts() }));
  }

  /** It never started, and will run in another worker. */
  withdraw(): void {
    unlisten(this.#slot, this);
    running.remove(this.#standing);
  }

  /** It dies with the thread that started it. */
  forget(): void {
    running.remove(this.#standing);
  }

  #endWithWorker(panic: () => ThreadPanic): void {
    if (this.#done !== undefined) {
      this.#conclude(this.#done);
      return;
    }
    this.#abandon();
    const asked = "was terminated with terminate()";
    this.#finish(new Err(this.#terminated ? panicOfWorker("terminated", asked, this.#thread(), undefined) : panic()));
  }

  #conclude(done: Done): void {
    if (this.#pending.result !== undefined) return;
    if (done.failure?.unread === true && this.#host.startAlone?.() === true) return;
    if (!unlisten(this.#slot, this)) return;
    this.#host.release(this.#slot, done.spoiled === undefined ? "clean" : "spoiled");
    // A thread that could not open what it was given has not taken it.
    if (done.failure !== undefined) this.#abandon();
    const parcel = done.failure?.payload ?? done.value ?? nothing;
    if (needsImport(parcel)) this.#concludeLater(done, parcel);
    else this.#finish(this.#open(done, parcel));
  }

  #open(done: Done, parcel: Parcel): Outcome {
    try {
      return this.#resultOf(done, unpackNow(parcel));
    } catch (error) {
      return this.#unreadable(done, String(error));
    }
  }

  #concludeLater(done: Done, parcel: Parcel): void {
    this.#importing = done;
    void unpack(parcel).then(
      (value) => this.#finish(this.#resultOf(done, value)),
      (error) => this.#finish(this.#unreadable(done, String(error))),
    );
  }

  /** Lets go of what it was given. */
  #abandon(): void {
    for (const abandon of this.#origin.abandon) abandon(this.id);
  }

  /** What it printed is here, and not shown. */
  #concludeUnprinted(done: Done): void {
    if (done.printing !== undefined && this.#pending.result === undefined) oweTurn();
    this.#conclude(done);
  }

  #resultOf({ failure }: Done, value: unknown): Outcome {
    return failure === undefined ? new Ok(value) : new Err(panicOf(failure, value, this.#thread()));
  }

  /** The result holds an instance of a class that is not here. */
  #unreadable(done: Done, why: string): Outcome {
    if (done.failure !== undefined) return this.#resultOf(done, payloadWithoutClass(done.failure));
    disown(this.id);
    return new Err(panicOfWorker("unsendable-result", why, this.#thread(), undefined));
  }

  /** One who blocks cannot import the class that an instance in the result is of. */
  #openWithoutImport(done: Done): void {
    const why = "the result holds an instance of a class that this thread has not imported; import it before joinSync";
    this.#finish(this.#unreadable(done, why));
  }

  #finish(result: Outcome): void {
    if (!this.#pending.settle(result)) return;
    unlisten(this.#slot, this);
    running.remove(this.#standing);
    if (!isAnyLeft()) whenLast?.();
    if (result.ok) {
      trace(() => ({ type: "finished", ...this.#facts() }));
    } else {
      const { kind, message, position } = result.error;
      reportPanic(result.error);
      trace(() => ({
        type: "panicked",
        ...this.#facts(),
        kind,
        message,
        position,
      }));
    }
    this.#host.ended?.(result);
  }

  reportKilled(): void {
    trace(() => ({ type: "killed", ...this.#facts() }));
  }

  #spawnedAt(): SourcePosition | undefined {
    const { site } = this.#origin;
    return site === undefined ? undefined : toSource(site);
  }

  #thread(): Panicker {
    const { id, name, closure } = this.#origin;
    return { id, name, closure, spawnedAt: () => this.#spawnedAt() };
  }

  #facts() {
    return {
      id: this.id,
      name: this.name,
      parent: this.#parent,
      spawnedAt: this.#spawnedAt(),
      time: now(),
    };
  }
}

/** A thread that exits has not ended before its worker has, and those that were started in it. */
function endsWorker({ failure }: Done): boolean {
  return failure?.kind === "exit";
}

function panicOfEnd(end: WorkerEnd, thread: Panicker): ThreadPanic {
  const { error, code, unseen } = end;
  if (unseen === "loaded") {
    const message = "its worker ended without a word: it ran out of memory, or was terminated from outside";
    return panicOfWorker("terminated", message, thread, undefined);
  }
  if (unseen === "not loaded") {
    const message =
      "its worker did not load: what is loaded before every program, such as with --import, fails in a worker";
    return panicOfWorker("terminated", message, thread, undefined);
  }
  if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    const message = "ran out of memory: its heap was full; give it more with Builder.maxHeap(bytes)";
    return panicOfWorker("out-of-memory", message, thread, error);
  }
  if (error !== undefined) {
    return panicOfWorker("thrown", error instanceof Error ? error.message : String(error), thread, error);
  }
  return panicOfWorker("terminated", `its worker was terminated from outside (exit code ${code})`, thread, undefined);
}
