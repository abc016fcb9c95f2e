import { NotSendError, type SourcePosition, type ThreadPanic } from "../errors.js";
import { Err, Ok, type Result } from "../result.js";
import { isTraced, now, type ThreadEvent, trace } from "../trace/trace.js";
import { raise } from "../transport/abortSignal.js";
import { needsImport, type Packed, pack, unpack, unpackNow } from "../transport/encode.js";
import type { Moved } from "../transport/move.js";
import { type ClosureText, closureText } from "../worker/closure.js";
import { process } from "../worker/node.js";
import { type ScriptPosition, toSource, ungivenSourceMap } from "../worker/position.js";
import type { FromWorker } from "../worker/protocol.js";
import {
  drain,
  endSlot,
  hasEndedUnseen,
  type Limits,
  nextId,
  parkSlot,
  type RunListener,
  type Slot,
  startRun,
  takeSlot,
  type WorkerEnd,
} from "../worker/slot.js";
import { callSite } from "../worker/stack.js";
import { block, whileBlocked } from "../worker/vigil.js";
import { displayName, panicOf, panicOfWorker, payloadWithoutClass } from "./panic.js";
import { reportPanic } from "./panicHook.js";
import { currentSelf } from "./self.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** What a thread is started with. */
export interface Launch extends Limits {
  readonly name: string | undefined;
}

/** A started thread, from its parent's side. */
export interface Running {
  readonly id: number;
  readonly name: string | undefined;
  /** Whether the closure has ended, known without waiting for the event loop. */
  isFinished(): boolean;
  /** Resolves when the thread has ended; keeps the process alive meanwhile. */
  wait(): Promise<Result<unknown, ThreadPanic>>;
  /** Blocks until the thread has ended. */
  waitSync(): Result<unknown, ThreadPanic>;
  /** Resolves when the thread has ended, without keeping the process alive. */
  readonly ended: Promise<Result<unknown, ThreadPanic>>;
  /** What the thread parks on. */
  readonly token: Int32Array;
  /** Keeps the process alive until the thread has ended. */
  keepAlive(): void;
  /** Ends the thread wherever it is, if it has not ended. */
  terminate(): void;
  /** Asks the thread to stop, if it has not ended. */
  abort(reason: unknown): void;
  /** Tells the trace what became of the handle. */
  note(type: "joined" | "detached"): void;
}

/** Threads that have not ended: what is killed when the process exits. */
const alive = new Map<number, () => ThreadEvent>();
let watching = false;
/** Threads of this thread that have not ended, as far as it knows. */
const running = new Set<RunningThread>();

whileBlocked(() => {
  for (const thread of running) thread.lookAfter();
});

/** The event that says that a thread which was running is no more. */
function reportKilled(): void {
  for (const killed of alive.values()) trace(killed);
}

/** A thread that has been given what was moved to it, and has not started. */
export interface Prepared {
  readonly id: number;
  readonly name: string | undefined;
  /** @throws SpawnError, NotSendError */
  start(): Running;
  /** It will not start: lets go of what it was given. The panic says why. */
  cancel(message: string, payload: unknown): ThreadPanic;
}

/** Starts a thread. @throws SpawnError, NotSendError, UseAfterMoveError */
export function launch(options: Launch, moved: Moved | undefined, f: AnyFunction, caller: AnyFunction): Running {
  return prepare(options, moved, f, caller).start();
}

/** Gives a thread what is moved to it. @throws NotSendError, UseAfterMoveError */
export function prepare(options: Launch, moved: Moved | undefined, f: AnyFunction, caller: AnyFunction): Prepared {
  const site = callSite(caller);
  const text = closureText(f, site);
  const id = nextId();
  const name = options.name;
  const packed = pack(moved?.values ?? [], "move", `to thread '${displayName(name)}' (${id})`);
  const origin: Origin = { id, name, site, closure: text, abandon: packed.abandon };
  return {
    id,
    name,
    start: () => start(options, origin, packed),
    cancel: (message, payload) => {
      for (const abandon of packed.abandon) abandon(id);
      const spawnedAt = () => (site === undefined ? undefined : toSource(site));
      return panicOfWorker("terminated", message, { id, name, closure: text, spawnedAt }, payload);
    },
  };
}

function start(options: Launch, from: Origin, packed: Packed): Running {
  const { id, name } = from;
  let slot: Slot | undefined;
  let thread: RunningThread;
  try {
    slot = takeSlot(options, name);
    thread = new RunningThread(slot, from);
    slot.listener = thread;
    const { source, origin } = from.closure;
    const map = origin !== undefined && /\bspawn\b/.test(source) ? ungivenSourceMap(origin.file) : undefined;
    const run = { id, name, source, origin, map, parameters: packed.parcel, traced: isTraced() };
    thread.run = startRun(slot, run, packed.transfer);
  } catch (error) {
    for (const abandon of packed.abandon) abandon(id);
    if (slot === undefined) throw error;
    parkSlot(slot);
    throw new NotSendError("move", "a value in it", `structured clone says: ${String(error)}`);
  }
  thread.begin();
  return thread;
}

/** Where a thread comes from. */
interface Origin {
  readonly id: number;
  readonly name: string | undefined;
  /** The call that spawned it. */
  readonly site: ScriptPosition | undefined;
  readonly closure: ClosureText;
  /** Lets go of the handles it was given, if it is killed. */
  readonly abandon: readonly ((thread: number) => void)[];
}

type Done = Extract<FromWorker, { readonly type: "done" }>;
type Outcome = Done["outcome"];

class RunningThread implements Running, RunListener {
  readonly id: number;
  readonly name: string | undefined;
  run = 0;
  readonly #slot: Slot;
  readonly #origin: Origin;
  readonly ended: Promise<Result<unknown, ThreadPanic>>;
  readonly #parent = currentSelf().id;
  #settle: (result: Result<unknown, ThreadPanic>) => void = () => {};
  #terminated = false;
  #result: Result<unknown, ThreadPanic> | undefined;
  #done: Done | undefined;
  /** What has come, but holds instances of classes that are being imported. */
  #importing: Outcome | undefined;

  constructor(slot: Slot, origin: Origin) {
    this.#slot = slot;
    this.#origin = origin;
    this.id = origin.id;
    this.name = origin.name;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  begin(): void {
    if (!watching) {
      watching = true;
      process.prependListener("exit", reportKilled); // Before those who print what was told.
    }
    running.add(this);
    alive.set(this.id, () => ({ type: "killed", ...this.#facts() }));
    trace(() => ({ type: "started", ...this.#facts() }));
  }

  message(message: FromWorker): void {
    switch (message.type) {
      case "trace":
        this.#forward(message.event);
        return;
      case "done":
        if (message.run !== this.run) return;
        this.#done = message;
        if (!message.printing) this.#conclude(message);
        return;
      case "printed":
        if (message.run === this.run && this.#done !== undefined) this.#conclude(this.#done);
        return;
      default:
        message satisfies never;
    }
  }

  workerEnded(end: WorkerEnd): void {
    if (this.#done !== undefined) {
      this.#conclude(this.#done);
      return;
    }
    for (const abandon of this.#origin.abandon) abandon(this.id);
    this.#finish(new Err(this.#terminated ? this.#panicOfTermination() : panicOfEnd(end, this.#thread())));
  }

  isFinished(): boolean {
    return this.#result !== undefined || Atomics.load(this.#slot.status, 0) >= this.run;
  }

  async wait(): Promise<Result<unknown, ThreadPanic>> {
    if (this.#result !== undefined) return this.#result;
    this.#slot.worker.ref();
    return await this.ended;
  }

  waitSync(): Result<unknown, ThreadPanic> {
    while (this.#result === undefined) {
      if (this.#importing !== undefined) this.#openWithoutImport(this.#importing);
      const finished = Atomics.load(this.#slot.status, 0);
      if (finished < this.run) block(this.#slot.status, 0, finished, 100);
      drain(this.#slot);
      if (this.#result === undefined && this.#done !== undefined) this.#conclude(this.#done);
      this.lookAfter();
    }
    return this.#result;
  }

  /** While this thread blocks: notices that the other one was killed, and lets go of what it held. */
  lookAfter(): void {
    if (this.#result === undefined && hasEndedUnseen(this.#slot)) this.#endUnseen();
  }

  /** What the worker said before it ended is still in the port. */
  #endUnseen(): void {
    drain(this.#slot);
    if (this.#done !== undefined) {
      this.#conclude(this.#done);
      return;
    }
    for (const abandon of this.#origin.abandon) abandon(this.id);
    if (this.#terminated) {
      this.#finish(new Err(this.#panicOfTermination()));
      return;
    }
    const message = "its worker ended without a word: it ran out of memory, or was terminated from outside";
    this.#finish(new Err(panicOfWorker("terminated", message, this.#thread(), undefined)));
  }

  get token(): Int32Array {
    return this.#slot.token;
  }

  terminate(): void {
    if (this.#result !== undefined || this.isFinished()) return;
    this.#terminated = true;
    void this.#slot.worker.terminate();
  }

  abort(reason: unknown): void {
    if (!this.isFinished()) raise(this.#slot.abort, reason);
  }

  #panicOfTermination(): ThreadPanic {
    return panicOfWorker("terminated", "was terminated with terminate()", this.#thread(), undefined);
  }

  keepAlive(): void {
    if (this.#result === undefined) this.#slot.worker.ref();
  }

  note(type: "joined" | "detached"): void {
    trace(() => ({ type, ...this.#facts() }));
  }

  #conclude(done: Done): void {
    if (this.#result !== undefined || this.#slot.listener !== this) return;
    if (done.reusable) parkSlot(this.#slot);
    else endSlot(this.#slot);
    const { outcome } = done;
    const parcel = outcome.ok ? outcome.value : outcome.failure.payload;
    if (!needsImport(parcel)) {
      try {
        this.#finish(this.#resultOf(outcome, unpackNow(parcel)));
      } catch (error) {
        this.#finish(this.#unreadable(outcome, String(error)));
      }
      return;
    }
    this.#importing = outcome;
    void unpack(parcel).then(
      (value) => this.#finish(this.#resultOf(outcome, value)),
      (error) => this.#finish(this.#unreadable(outcome, String(error))),
    );
  }

  #resultOf(outcome: Outcome, value: unknown): Result<unknown, ThreadPanic> {
    return outcome.ok ? new Ok(value) : new Err(panicOf(outcome.failure, value, this.#thread()));
  }

  /** The result holds an instance of a class that is not here. */
  #unreadable(outcome: Outcome, why: string): Result<unknown, ThreadPanic> {
    if (outcome.ok) return new Err(panicOfWorker("unsendable-result", why, this.#thread(), undefined));
    return this.#resultOf(outcome, payloadWithoutClass(outcome.failure));
  }

  /** One who blocks cannot import the class that an instance in the result is of. */
  #openWithoutImport(outcome: Outcome): void {
    const why = "the result holds an instance of a class that this thread has not imported; import it before joinSync";
    this.#finish(this.#unreadable(outcome, why));
  }

  #finish(result: Result<unknown, ThreadPanic>): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    running.delete(this);
    alive.delete(this.id);
    if (result.ok) {
      trace(() => ({ type: "finished", ...this.#facts() }));
    } else {
      const { kind, message, position } = result.error;
      reportPanic(result.error);
      trace(() => ({ type: "panicked", ...this.#facts(), kind, message, position }));
    }
    this.#settle(result);
  }

  /** Threads of this thread are killed with the process too. */
  #forward(event: ThreadEvent): void {
    if (event.type === "started") alive.set(event.id, () => ({ ...event, type: "killed", time: now() }));
    if (event.type === "finished" || event.type === "panicked" || event.type === "killed") alive.delete(event.id);
    trace(() => event);
  }

  #spawnedAt(): SourcePosition | undefined {
    const { site } = this.#origin;
    return site === undefined ? undefined : toSource(site);
  }

  #thread() {
    const { id, name, closure } = this.#origin;
    return { id, name, closure, spawnedAt: () => this.#spawnedAt() };
  }

  #facts() {
    return { id: this.id, name: this.name, parent: this.#parent, spawnedAt: this.#spawnedAt(), time: now() };
  }
}

function panicOfEnd(end: WorkerEnd, thread: Parameters<typeof panicOfWorker>[2]): ThreadPanic {
  const { error, code } = end;
  if (error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") {
    const message = "ran out of memory: its heap was full; give it more with Builder.maxHeap(bytes)";
    return panicOfWorker("out-of-memory", message, thread, error);
  }
  if (error !== undefined) {
    return panicOfWorker("thrown", error instanceof Error ? error.message : String(error), thread, error);
  }
  return panicOfWorker("terminated", `its worker was terminated from outside (exit code ${code})`, thread, undefined);
}
