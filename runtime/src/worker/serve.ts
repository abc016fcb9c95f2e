import { NotSendError, type PanicKind } from "../errors.js";
import { becomeThread } from "../thread/self.js";
import { forwardEvents } from "../trace/trace.js";
import { copyOnly, needsImport, type Packed, type Parcel, pack, unpack } from "../transport/encode.js";
import { endThread } from "./ending.js";
import { captureGlobals, globalsChanged } from "./globals.js";
import { helpersIn } from "./helpers.js";
import { bringIn, importsFiles } from "./loader.js";
import { compileFunction, findSourceMap, type MessagePort, process, vmConstants } from "./node.js";
import { giveSourceMap } from "./position.js";
import type { Boot, Failure, FromWorker, Payload, Run } from "./protocol.js";
import { filesOf } from "./stack.js";

/** The worker's side: runs the closures that come in through the port, one at a time. */
export function serve(boot: Boot): void {
  const port = boot.port;
  const status = new Int32Array(boot.status);
  let running: Run | undefined;
  const post = (message: FromWorker, transfer: readonly object[] = []): void => {
    port.postMessage(message, transfer as readonly MessagePort[]);
  };

  const finish = (run: Run, outcome: Ending, reusable: boolean): void => {
    if (running !== run) return;
    running = undefined;
    const poisoning = outcome.packed === undefined;
    endThread(poisoning ? "panicked" : "returned");
    const printing = process.stdout.writableLength + process.stderr.writableLength > 0;
    const done = { type: "done", run: run.run, printing, reusable: reusable && !globalsChanged() } as const;
    if (outcome.packed !== undefined) {
      post({ ...done, outcome: { ok: true, value: outcome.packed.parcel } }, outcome.packed.transfer);
    } else {
      post({ ...done, outcome: { ok: false, failure: outcome.failure } });
    }
    Atomics.store(status, 0, run.run);
    Atomics.notify(status, 0);
    if (printing) void printed().then(() => post({ type: "printed", run: run.run }));
  };

  const panic = (error: unknown): void => {
    if (running !== undefined) finish(running, { failure: failureOf(error, "thrown", running) }, false);
  };
  process.on("uncaughtException", panic);
  process.on("unhandledRejection", panic);
  process.on("exit", (code) => {
    if (running === undefined) return;
    const stop = new Error(`called process.exit(${code}), which ends the thread, not the process`);
    finish(running, { failure: failureOf(stop, "exit", running) }, false);
  });

  port.on("message", (run: Run) => {
    running = run;
    becomeThread({ id: run.id, name: run.name });
    forwardEvents(run.traced ? (event) => post({ type: "trace", event }) : undefined);
    if (run.map !== undefined && run.origin !== undefined) giveSourceMap(run.origin.file, run.map);
    void execute(run, boot.tsx).then((outcome) => finish(run, outcome, isReusable(outcome)));
  });
  captureGlobals();
  Atomics.store(status, 1, 1);
}

type Ending =
  | { readonly packed: Packed; readonly failure?: undefined }
  | { readonly packed?: undefined; readonly failure: Failure };

/** After a full stack or heap, the worker's state is not to be trusted. */
function isReusable(outcome: Ending): boolean {
  return (
    outcome.failure === undefined || outcome.failure.kind === "thrown" || outcome.failure.kind === "unsendable-result"
  );
}

async function execute(run: Run, tsx: string | undefined): Promise<Ending> {
  let value: unknown;
  try {
    if (tsx !== undefined && (importsFiles(run.source) || needsImport(run.parameters))) {
      await bringIn(tsx);
      captureGlobals();
    }
    const parameters = await unpack(run.parameters);
    const closure = compile(run);
    value = await closure(...(parameters as unknown[]));
  } catch (error) {
    return { failure: failureOf(error, kindOf(error), run) };
  }
  try {
    return { packed: pack(value, "the result", "out of the thread as its result") };
  } catch (error) {
    return { failure: failureOf(error, "unsendable-result", run) };
  }
}

function kindOf(error: unknown): PanicKind {
  return error instanceof RangeError && error.message === "Maximum call stack size exceeded"
    ? "stack-overflow"
    : "thrown";
}

type Closure = (...parameters: unknown[]) => unknown;
const compiled = new Map<string, Closure>();

function compile(run: Run): Closure {
  const { source, origin } = run;
  const key = `${origin?.file}:${origin?.line}:${origin?.column}:${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const { names, values } = helpersIn(source);
  const head = '"use strict"; return (';
  const make = compileFunction(`${head}${source}\n)`, names, {
    filename: origin?.file ?? "thread-closure",
    lineOffset: origin?.line ?? 0,
    columnOffset: (origin?.column ?? 0) - head.length,
    importModuleDynamically: vmConstants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const closure: Closure = make(...values);
  if (compiled.size > 1000) compiled.clear();
  compiled.set(key, closure);
  return closure;
}

function failureOf(error: unknown, kind: PanicKind, run: Run): Failure {
  const stack = error instanceof Error ? String(error.stack ?? error) : `${describe(error)}`;
  return {
    kind,
    message: messageOf(error, run),
    stack,
    payload: payloadOf(error),
    mapped:
      process.sourceMapsEnabled === true ? filesOf(stack).filter((file) => findSourceMap(file) !== undefined) : [],
  };
}

function messageOf(error: unknown, _run: Run): string {
  return error instanceof Error ? error.message : describe(error);
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return `threw ${JSON.stringify(value) ?? String(value)}`;
  } catch {
    return `threw ${String(value)}`;
  }
}

/** What was thrown, as far as it can be sent. */
function payloadOf(error: unknown): Payload {
  if (!(error instanceof Error)) return { as: "value", value: tryPack(error) ?? { value: String(error) } };
  const fields: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "stack" || key === "message" || key === "name") continue;
    const field: unknown = Reflect.get(error, key);
    if (tryPack(field) !== undefined) fields[key] = field;
  }
  return { as: "error", name: error.name, message: error.message, fields: tryPack(fields) ?? { value: {} } };
}

/** The parcel of a value, or nothing where it cannot be copied: a panic gives no handle away. */
function tryPack(value: unknown): Parcel | undefined {
  try {
    return copyOnly(value);
  } catch (error) {
    if (error instanceof NotSendError) return undefined;
    throw error;
  }
}

/** Resolves when everything printed so far has reached the parent. */
function printed(): Promise<unknown> {
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
  return Promise.all([flush(process.stdout), flush(process.stderr)]);
}
