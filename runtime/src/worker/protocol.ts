import type { SourceMapPayload } from "node:module";
import type { MessagePort } from "node:worker_threads";
import type { PanicKind } from "../errors.js";
import type { ThreadEvent } from "../trace/trace.js";
import type { SharedAbort } from "../transport/abortSignal.js";
import type { Parcel } from "../transport/encode.js";

/** What a worker is given once, when it starts. */
export interface Boot {
  readonly kind: "fearless-threads";
  /** Both ways: runs come in, messages go out. */
  readonly port: MessagePort;
  /** Int32: word 0 is the last run that finished, which `joinSync` waits on; word 1 is 1 once its event loop runs; word 2 is the token of `park`. */
  readonly status: SharedArrayBuffer;
  /** Whether the thread in the worker was asked to stop. */
  readonly abort: SharedAbort;
  /** Int32: word 0 is the last thread id of the process. */
  readonly ids: SharedArrayBuffer;
  /** URL of tsx's programming interface, where the process runs under tsx. */
  readonly tsx: string | undefined;
}

/** The word on which the thread in a worker parks. */
export function tokenOf(status: SharedArrayBuffer): Int32Array {
  return new Int32Array(status, 8, 1);
}

/** Where a closure's text begins in the script it was written in; counts from 0. */
export interface ClosureOrigin {
  /** The script's own name: a URL, or a path for a CommonJS module. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Parent to worker: run this closure. */
export interface Run {
  readonly run: number;
  readonly id: number;
  readonly name: string | undefined;
  readonly source: string;
  readonly origin: ClosureOrigin | undefined;
  /** The closure's parameters, an array. */
  readonly parameters: Parcel;
  /** Whether somebody listens to the trace, so that threads of this thread are worth reporting. */
  readonly traced: boolean;
  /** The source map of the closure's script, where only the parent has it and the closure may start threads. */
  readonly map: SourceMapPayload | undefined;
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
}

/** Worker to parent. */
export type FromWorker =
  /** The closure returned or panicked. */
  | {
      readonly type: "done";
      readonly run: number;
      readonly outcome:
        | { readonly ok: true; readonly value: Parcel }
        | { readonly ok: false; readonly failure: Failure };
      /** What it printed is still on its way; `printed` follows. */
      readonly printing: boolean;
      /** Whether another closure may run in this worker. */
      readonly reusable: boolean;
    }
  /** Everything it printed has arrived. */
  | { readonly type: "printed"; readonly run: number }
  /** A thread of this thread did something. */
  | { readonly type: "trace"; readonly event: ThreadEvent };
