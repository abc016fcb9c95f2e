import { NotSendError, SpawnError } from "../errors.js";
import { passOn } from "../thread/alive.js";
import { newReason } from "../transport/abortSignal.js";
import { bury, silence } from "./accounts.js";
import { boot as ownBoot } from "./boot.js";
import type { ClosureText } from "./closure.js";
import { libraryForWorker, shareCode, workerEntry } from "./entry.js";
import { failureOf } from "./failure.js";
import { Glance } from "./glance.js";
import { disown } from "./holdings.js";
import { keepProcess } from "./keepProcess.js";
import { goToSleep, type Lane, read, stayAwake } from "./lane.js";
import { ledgerMemory } from "./ledger.js";
import { loaderPlan } from "./loader.js";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "./node.js";
import { enrol, familyOf } from "./places.js";
import {
  type Boot,
  type Done,
  type FromWorker,
  type Kept,
  laneFromWorker,
  laneToWorker,
  newStatus,
  nudge,
  type Printed,
  type Run,
  type Shared,
  statusWord,
} from "./protocol.js";
import { whileBlocked } from "./vigil.js";

/** What a worker of its own is asked for; closures that ask for the same share parked workers. */
export interface Limits {
  /** Bytes. */
  readonly stackSize: number | undefined;
  /** Bytes. */
  readonly maxHeap: number | undefined;
}

/** How a worker ended that was not asked to. */
export interface WorkerEnd {
  readonly error: unknown;
  readonly code: number | undefined;
  /** Of a worker whose end one who blocks has found: whether it had loaded. Nobody has told why it ended. */
  readonly unseen?: "loaded" | "not loaded";
}

/** Who gets what a worker says about a run. */
export interface RunListener {
  /** The number of the run. */
  readonly run: number;
  /** The id of its thread. */
  readonly id: number;
  message(message: Done | Printed): void;
  workerEnded(end: WorkerEnd): void;
  /** Whether the worker has said how the closure ended. */
  readonly hasEnded: boolean;
}

/** One living worker: idle, or running closures one after the other. */
export interface Slot extends Shared {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly limits: Limits;
  /** Its place among all workers of the process. */
  readonly place: number;
  /** The closures whose text the worker has, and their numbers. */
  readonly codes: Map<ClosureText, number>;
  /** The number of the last run that it was sent. */
  runs: number;
  /** Runs on their way to a worker that is busy anyway: they go together. */
  outbox: Run[];
  /** The last run that was posted. While the worker may not have it, nothing goes to it through memory. */
  posted: number;
  readonly toWorker: Lane;
  readonly fromWorker: Lane;
  /** Whether what comes through memory will be looked at in the event loop. */
  looking: boolean;
  /** Until when, if nothing comes. */
  lookUntil: number;
  readonly glance: Glance;
  /** Of the runs that have not ended, oldest first. */
  readonly listeners: RunListener[];
  failure: unknown;
  ended: boolean;
  /** It has ended, and its place may be another worker's. */
  isBuried: boolean;
  /** Its closure has ended, but threads that it started have not: the worker ends by itself. */
  lingers: boolean;
  /** Each keeps the process alive for something in the worker, until it is called. */
  readonly keeping: (() => void)[];
  /** When it was started. */
  readonly since: number;
}

/** Workers that end, or have ended unseen: when one who blocks has found that. */
const endings = new Map<Slot, number | undefined>();

/** Ends a worker that is not to be used again. */
export function endSlot(slot: Slot): void {
  slot.ended = true;
  if (!slot.lingers) void slot.worker.terminate();
  if (!slot.isBuried) endings.set(slot, undefined);
}

/** Handles the messages that have arrived, without waiting for the event loop. */
export function drain(slot: Slot): void {
  for (let got = nextFrom(slot); got !== undefined; got = nextFrom(slot)) receive(slot, got.message);
  readLane(slot);
}

function nextFrom(slot: Slot): { readonly message: FromWorker } | undefined {
  for (;;) {
    try {
      return receiveMessageOnPort(slot.port);
    } catch (error) {
      lose(slot, error);
    }
  }
}

/** A message of the worker could not be read here: it was how the oldest closure ended of which nothing was heard. */
function lose(slot: Slot, error: unknown): void {
  readLane(slot);
  const lost = slot.listeners.find(({ hasEnded }) => !hasEnded);
  if (lost === undefined) return;
  disown(lost.id);
  const refusal = new NotSendError("the result", "a value in it", `it could not be read where it came to: ${error}`);
  const done: Done = { type: "done", run: lost.run, failure: failureOf(refusal, "unsendable-result") };
  if (Atomics.load(slot.status, statusWord.spoiled) === lost.run) done.spoiled = true;
  lost.message(done);
}

/** Handles what came through memory. @returns whether something did. */
function readLane(slot: Slot): boolean {
  let note = read(slot.fromWorker);
  if (note === undefined) return false;
  for (; note !== undefined; note = read(slot.fromWorker)) {
    const { run, value } = note;
    const done: Done = { type: "done", run };
    if (value !== undefined) done.value = { value };
    tell(slot, done);
  }
  return true;
}

/** Milliseconds that the event loop looks for what may come through memory: as long as a worker that dozes takes to wake and answer. */
const longestLook = 0.05;

/** Handles what comes through memory for as long as it comes: meanwhile the worker need not say so. */
export function keepReading(slot: Slot): void {
  slot.lookUntil = performance.now() + slot.glance.ms;
  if (slot.looking) return;
  slot.looking = true;
  stayAwake(slot.fromWorker);
  setImmediate(lookAgain, slot);
}

function lookAgain(slot: Slot): void {
  const { glance } = slot;
  if (readLane(slot)) {
    glance.found();
    slot.lookUntil = performance.now() + glance.ms;
  } else if (slot.listeners.length === 0 || performance.now() > slot.lookUntil) {
    if (slot.listeners.length > 0) glance.inVain();
    goToSleep(slot.fromWorker);
    if (!readLane(slot)) {
      slot.looking = false;
      return;
    }
    stayAwake(slot.fromWorker);
  }
  setImmediate(lookAgain, slot);
}

function receive(slot: Slot, message: FromWorker): void {
  if (message === nudge) {
    readLane(slot);
    keepReading(slot);
  } else if (message.type === "trace") passOn(message.event);
  else if (message.type === "kept") keepFor(slot, message.change);
  else tell(slot, message);
}

/** Something in the worker is to keep the process alive, or is not any more. */
function keepFor(slot: Slot, change: Kept["change"]): void {
  if (change === 1) slot.keeping.push(keepProcess());
  else slot.keeping.pop()?.();
}

function tell({ listeners }: Slot, message: Done | Printed): void {
  const [first] = listeners;
  if (first?.run === message.run) first.message(message);
  else listeners.find(({ run }) => run === message.run)?.message(message);
}

/** Nothing more is said about a run. Returns whether somebody was told until now. */
export function unlisten(slot: Slot, listener: RunListener): boolean {
  const at = slot.listeners.indexOf(listener);
  if (at < 0) return false;
  if (at === 0) slot.listeners.shift();
  else slot.listeners.splice(at, 1);
  return true;
}

/** Whether its event loop runs. */
export function isLoaded(slot: Slot): boolean {
  return Atomics.load(slot.status, statusWord.online) !== 0;
}

/** Milliseconds that one who blocks gives a worker to load: whether it still does cannot be seen from there. */
const patienceToLoad = 10_000;

/**
 * Whether a worker has ended though this thread, which blocks, was not told yet. Node shows it in the times of the
 * worker's event loop: the idle time is -1, or all of them are 0. Node only looks once it has told this thread that the
 * worker started, which a blocked thread has not heard, so that is set here; and it may only look once the worker's loop
 * runs, which the worker says.
 */
export function hasEndedUnseen(slot: Slot): boolean {
  if (!isLoaded(slot)) {
    if (performance.now() - slot.since < patienceToLoad) return false;
    void slot.worker.terminate();
    return true;
  }
  const online = Object.getOwnPropertySymbols(slot.worker).find((key) => key.description === "kIsOnline");
  if (online !== undefined) Reflect.set(slot.worker, online, true);
  const { idle, active } = slot.worker.performance.eventLoopUtilization();
  return idle < 0 || (idle === 0 && active === 0);
}

/** Milliseconds that a worker has to stop that was told to. */
const moment = 10;
/** Milliseconds that the workers of a worker that has ended have to end as well. */
const patienceToEnd = 500;

/** A worker has ended unseen: what its thread held is given back now, and what was started in it is dead soon. */
export function endUnseen(slot: Slot): void {
  if (!slot.isBuried) {
    // Node shows a worker as ended once it is told to stop, which it does where the next function or loop begins.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, moment);
    silence([slot.place]);
    endings.set(slot, performance.now());
  }
  tellEnd(slot, { error: undefined, code: undefined, unseen: isLoaded(slot) ? "loaded" : "not loaded" });
}

function tellEnd(slot: Slot, end: WorkerEnd): void {
  drain(slot); // What the worker said before it ended is still in the port.
  for (const listener of [...slot.listeners]) {
    // Those that waited behind the first may have been taken back meanwhile.
    if (slot.listeners.includes(listener)) listener.workerEnded(end);
  }
}

whileBlocked(() => {
  for (const [slot, since] of endings) {
    if (since === undefined && hasEndedUnseen(slot)) endUnseen(slot);
    if (since === undefined || performance.now() - since < patienceToEnd) continue;
    silence(familyOf(slot.place));
    endings.delete(slot);
  }
});

/** @throws SpawnError */
function placeForWorker(): number {
  try {
    return enrol();
  } catch (error) {
    throw new SpawnError(String(error), { cause: error });
  }
}

/** Starts a worker. @throws SpawnError */
export function startSlot(limits: Limits, name: string | undefined): Slot {
  const entry = workerEntry();
  const { port1: port, port2 } = new MessageChannel();
  const shared: Shared = { status: newStatus(), reason: newReason() };
  const { execArgv, tsx } = loaderPlan(ownBoot?.tsx);
  const place = placeForWorker();
  const boot: Boot = { kind: "fearless-threads", port: port2, ...shared, ledger: ledgerMemory(), place, tsx };
  const megabyte = 1024 * 1024;
  let worker: Worker;
  try {
    worker = new Worker(entry, {
      name: name ?? "fearless-threads",
      workerData: { ...boot, library: libraryForWorker() },
      transferList: [port2],
      ...(execArgv === undefined ? {} : { execArgv }),
      resourceLimits: {
        ...(limits.stackSize === undefined ? {} : { stackSizeMb: limits.stackSize / megabyte }),
        ...(limits.maxHeap === undefined ? {} : { maxOldGenerationSizeMb: limits.maxHeap / megabyte }),
      },
    });
  } catch (error) {
    bury(place);
    throw new SpawnError(`the system did not start a worker: ${String(error)}`, { cause: error });
  }
  shareCode();
  const slot: Slot = {
    worker,
    port,
    ...shared,
    limits,
    place,
    codes: new Map(),
    runs: 0,
    outbox: [],
    posted: 0,
    toWorker: laneToWorker(shared),
    fromWorker: laneFromWorker(shared),
    looking: false,
    lookUntil: 0,
    glance: new Glance(longestLook),
    listeners: [],
    failure: undefined,
    ended: false,
    isBuried: false,
    lingers: false,
    keeping: [],
    since: performance.now(),
  };
  port.on("message", (message: FromWorker) => receive(slot, message));
  port.on("messageerror", (error: unknown) => lose(slot, error));
  port.on("close", () => endSlot(slot)); // Something in the worker closed its end: nothing can be said to it any more.
  port.unref();
  worker.on("error", (error) => {
    slot.failure = error;
  });
  worker.on("exit", (code) => {
    slot.ended = true;
    slot.isBuried = true;
    endings.delete(slot);
    bury(place); // Node has ended the workers that it had started before it tells of its end.
    tellEnd(slot, { error: slot.failure, code });
    for (const release of slot.keeping.splice(0)) release();
    port.close();
  });
  worker.unref();
  return slot;
}
