import { SpawnError } from "../errors.js";
import { newSharedAbort, type SharedAbort } from "../transport/abortSignal.js";
import { workerEntry } from "./entry.js";
import { loaderPlan } from "./loader.js";
import { isMainThread, MessageChannel, type MessagePort, receiveMessageOnPort, Worker, workerData } from "./node.js";
import { type Boot, type FromWorker, type Run, tokenOf } from "./protocol.js";

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
}

/** Who gets what a worker says about a run. */
export interface RunListener {
  message(message: FromWorker): void;
  workerEnded(end: WorkerEnd): void;
}

/** One living worker: idle, or running one closure. */
export interface Slot {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly status: Int32Array;
  /** What its thread parks on. */
  readonly token: Int32Array;
  /** Whether its thread was asked to stop. */
  readonly abort: SharedAbort;
  readonly limits: string;
  runs: number;
  listener: RunListener | undefined;
  failure: unknown;
  ended: boolean;
}

/** Idle workers; each takes some 10 MB, so there are not many, and those nobody needed for a while are ended. */
const parked: { readonly slot: Slot; readonly since: number }[] = [];
const maxParked = 16;
/** Milliseconds that a worker stays parked. */
const patience = 10_000;
let sweeping: NodeJS.Timeout | undefined;

/** The counter that gives every thread of the process its id. */
let ids: SharedArrayBuffer | undefined;

function sharedIds(): SharedArrayBuffer {
  ids ??= !isMainThread && isBoot(workerData) ? workerData.ids : new SharedArrayBuffer(4);
  return ids;
}

/** Whether a worker's data says that this library started it. */
export function isBoot(data: unknown): data is Boot {
  return typeof data === "object" && data !== null && "kind" in data && data.kind === "fearless-threads";
}

/** An id that no other thread of the process has. */
export function nextId(): number {
  return Atomics.add(new Int32Array(sharedIds()), 0, 1) + 1;
}

/** A worker for a closure: a parked one, or a new one. @throws SpawnError */
export function takeSlot(limits: Limits, name: string | undefined): Slot {
  const key = `${limits.stackSize} ${limits.maxHeap}`;
  for (let i = parked.length - 1; i >= 0; i--) {
    const slot = parked[i]?.slot;
    if (slot?.limits !== key) continue;
    parked.splice(i, 1);
    return slot;
  }
  return startSlot(limits, key, name);
}

/** Keeps an idle worker for the next closure. */
export function parkSlot(slot: Slot): void {
  slot.listener = undefined;
  slot.worker.unref();
  if (slot.ended) return;
  if (parked.length >= maxParked) {
    endSlot(slot);
    return;
  }
  parked.push({ slot, since: performance.now() });
  if (sweeping === undefined) sweeping = setTimeout(sweep, patience).unref();
}

/** Ends the workers that were parked for long; the last one taken is the last one in, so the oldest come first. */
function sweep(): void {
  sweeping = undefined;
  const limit = performance.now() - patience;
  const old = parked.filter(({ since }) => since <= limit);
  for (const idle of old) {
    parked.splice(parked.indexOf(idle), 1);
    endSlot(idle.slot);
  }
  if (parked.length > 0) sweeping = setTimeout(sweep, patience).unref();
}

/** Ends a worker that is not to be used again. */
export function endSlot(slot: Slot): void {
  slot.listener = undefined;
  slot.ended = true;
  slot.worker.unref();
  void slot.worker.terminate();
}

/** Hands a closure to a worker. Returns the number of the run, which the messages about it carry. */
export function startRun(slot: Slot, run: Omit<Run, "run">, transfer: readonly object[]): number {
  slot.runs++;
  Atomics.store(slot.token, 0, 0);
  Atomics.store(slot.abort.flag, 0, 0);
  const message: Run = { ...run, run: slot.runs };
  slot.port.postMessage(message, transfer as readonly MessagePort[]);
  return slot.runs;
}

/** Handles the messages that have arrived, without waiting for the event loop. */
export function drain(slot: Slot): void {
  for (let got = receiveMessageOnPort(slot.port); got !== undefined; got = receiveMessageOnPort(slot.port)) {
    slot.listener?.message(got.message);
  }
}

/**
 * Whether a worker has ended though this thread, which blocks, was not told yet. Node shows it in the times of the
 * worker's event loop: the idle time is -1, or all of them are 0. Node only looks once it has told this thread that the
 * worker started, which a blocked thread has not heard, so that is set here; and it may only look once the worker's loop
 * runs, which the worker says.
 */
export function hasEndedUnseen(slot: Slot): boolean {
  if (Atomics.load(slot.status, 1) === 0) return false;
  const online = Object.getOwnPropertySymbols(slot.worker).find((key) => key.description === "kIsOnline");
  if (online !== undefined) Reflect.set(slot.worker, online, true);
  const { idle, active } = slot.worker.performance.eventLoopUtilization();
  return idle < 0 || (idle === 0 && active === 0);
}

function startSlot(limits: Limits, key: string, name: string | undefined): Slot {
  const entry = workerEntry();
  const { port1: port, port2 } = new MessageChannel();
  const status = new SharedArrayBuffer(12);
  const { execArgv, tsx } = loaderPlan(isBoot(workerData) ? workerData.tsx : undefined);
  const abort = newSharedAbort();
  const boot: Boot = { kind: "fearless-threads", port: port2, status, abort, ids: sharedIds(), tsx };
  const megabyte = 1024 * 1024;
  let worker: Worker;
  try {
    worker = new Worker(entry, {
      name: name ?? "fearless-threads",
      workerData: boot,
      transferList: [port2],
      ...(execArgv === undefined ? {} : { execArgv }),
      resourceLimits: {
        ...(limits.stackSize === undefined ? {} : { stackSizeMb: limits.stackSize / megabyte }),
        ...(limits.maxHeap === undefined ? {} : { maxOldGenerationSizeMb: limits.maxHeap / megabyte }),
      },
    });
  } catch (error) {
    throw new SpawnError(`the system did not start a worker: ${String(error)}`, { cause: error });
  }
  const slot: Slot = {
    worker,
    port,
    status: new Int32Array(status),
    token: tokenOf(status),
    abort,
    limits: key,
    runs: 0,
    listener: undefined,
    failure: undefined,
    ended: false,
  };
  port.on("message", (message: FromWorker) => slot.listener?.message(message));
  port.unref();
  worker.on("error", (error) => {
    slot.failure = error;
  });
  worker.on("exit", (code) => {
    slot.ended = true;
    const at = parked.findIndex((idle) => idle.slot === slot);
    if (at >= 0) parked.splice(at, 1);
    drain(slot);
    slot.listener?.workerEnded({ error: slot.failure, code });
    port.close();
  });
  worker.unref();
  return slot;
}
