import type { SourceMapPayload } from "node:module";
import type { MessagePort } from "node:worker_threads";
import type { PanicKind } from "../errors.js";
import type { ActivityEvent, ThreadEvent, TraceLevel } from "../trace/trace.js";
import type { SharedAbort } from "../transport/abortSignal.js";
import type { Parcel } from "../transport/encode.js";
import { type Lane, laneSize, openLane } from "./lane.js";

/** The memory that a worker shares with its parent. */
export interface Shared {
  /** A word for each of {@link statusWord}. */
  readonly status: Int32Array;
  /** Why the thread that runs was asked to stop; grows. */
  readonly reason: SharedArrayBuffer;
}

/** What a worker is given once, when it starts. */
export interface Boot extends Shared {
  readonly kind: "fearless-threads";
  /** Both ways: runs come in, messages go out. */
  readonly port: MessagePort;
  /** The memory that all threads of the process share. */
  readonly ledger: SharedArrayBuffer;
  /** The place of this worker in it. */
  readonly place: number;
  /** URL of tsx's programming interface, where the process runs under tsx. */
  readonly tsx: string | undefined;
}

/** Whether a worker's data says that this library started it. */
export function isBoot(data: unknown): data is Boot {
  return typeof data === "object" && data !== null && "kind" in data && data.kind === "fearless-threads";
}

/** What a worker and its parent tell each other without messages. */
export const statusWord = {
  /** The number of the last run that finished, which `joinSync` waits on. */
  finished: 0,
  /** 1 once the worker's event loop runs. */
  online: 1,
  /** The number of the last run that started. A run starts only while the one before it stands here, so that the parent can take back those that wait. */
  started: 2,
  /** The number of the run after which no other closure may run, for one to whom its {@link Done} is lost. */
  spoiled: 3,
  /** The first of the words of each run: the one its thread parks on, and those of its `SharedAbort`. */
  runs: 4,
} as const;

const wordsOfRun = 3;

/** How many runs a worker may have been sent that have not ended. */
export const maxAhead = 32;

const statusSize = 4 * (statusWord.runs + wordsOfRun * maxAhead);

/** The memory of a status, and behind it that of the lanes to the worker and back. */
export function newStatus(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(statusSize + 2 * laneSize));
}

/** What goes to the worker through memory. */
export function laneToWorker({ status }: Shared): Lane {
  return openLane(status.buffer, statusSize);
}

/** What comes from the worker through memory. */
export function laneFromWorker({ status }: Shared): Lane {
  return openLane(status.buffer, statusSize + laneSize);
}

/** What is posted to one who is to look into the lane. */
export const nudge = 0;

function wordOf(run: number): number {
  return statusWord.runs + wordsOfRun * (run % maxAhead);
}

/** The word on which the thread of a run parks. */
export function tokenOf({ status }: Shared, run: number): Int32Array {
  return new Int32Array(status.buffer, 4 * wordOf(run), 1);
}

/** Whether the thread of a run was asked to stop. */
export function abortOf({ status, reason }: Shared, run: number): SharedAbort {
  return { flag: new Int32Array(status.buffer, 4 * (wordOf(run) + 1), 2), reason };
}

/** A new run is not asked to stop, and nobody has unparked it. */
export function resetRun({ status }: Shared, run: number): void {
  const at = wordOf(run);
  for (let word = at; word < at + wordsOfRun; word++) Atomics.store(status, word, 0);
}

/** Where a closure's text begins in the script it was written in; counts from 0. */
export interface ClosureOrigin {
  /** The script's own name: a URL, or a path for a CommonJS module. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A closure's text, which a worker is told once. */
export interface Code {
  readonly source: string;
  readonly origin: ClosureOrigin | undefined;
  /** The source map of the closure's script, where only the parent has it and the closure may start threads. */
  readonly map: SourceMapPayload | undefined;
}

/** Parent to worker: run this closure. */
export interface Run {
  readonly run: number;
  readonly id: number;
  name?: string;
  /** The number of the closure's text. */
  readonly code: number;
  /** The text from now on under that number. */
  text?: Code;
  /** The closure's parameters, an array; absent where there are none. */
  parameters?: Parcel;
  /** What somebody listens to, so that it is worth reporting; absent where nobody does. */
  traced?: TraceLevel;
}

/** What a panic looks like before its positions are mapped to the source. */
export interface Failure {
  readonly kind: PanicKind;
  /** The name of the error's class; empty where what was thrown is no error. */
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** What was thrown, as far as it can be sent. */
  readonly payload: Parcel;
  /** Files whose positions the worker has mapped to the source already. */
  readonly mapped: readonly string[];
  /** What the thread was given could not be read; or what another one was given that came in the same message. */
  readonly unread?: true;
}

/** Worker to parent. */
export type FromWorker = Done | Printed | Traced | Kept | typeof nudge;

/** The closure returned or panicked. */
export interface Done {
  readonly type: "done";
  readonly run: number;
  /** What it returned; absent where that is `undefined`, and where it panicked. */
  value?: Parcel | undefined;
  readonly failure?: Failure;
  /** What it printed is still on its way; `printed` follows. */
  printing?: true;
  /** No other closure may run in this worker. */
  spoiled?: true;
  /** Threads that the closure started still run: the worker ends by itself when they have. */
  lingers?: true;
}

/** Everything the closure printed has arrived. */
export interface Printed {
  readonly type: "printed";
  readonly run: number;
}

/** There is one more thing, or one less, for which the process is to stay alive. */
export interface Kept {
  readonly type: "kept";
  readonly change: 1 | -1;
}

/** A thread of this thread did something. */
export interface Traced {
  readonly type: "trace";
  readonly event: ThreadEvent | ActivityEvent;
}
