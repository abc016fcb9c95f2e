import { NotSendError } from "../errors.js";
import { becomeThread } from "../thread/self.js";
import { forwardEvents } from "../trace/trace.js";
import { needsImport, type Packed, pack, unpack } from "../transport/encode.js";
import { compile } from "./compile.js";
import { endThread } from "./ending.js";
import { failureOf, kindOf } from "./failure.js";
import { captureGlobals, globalsChanged, watchEnvironment } from "./globals.js";
import { bringIn, importsFiles } from "./loader.js";
import { type MessagePort, process } from "./node.js";
import { giveSourceMap } from "./position.js";
import { type Boot, type Failure, type FromWorker, type Run, tokenOf } from "./protocol.js";

/** The worker's side: runs the closures that come in through the port, one at a time. */
export function serve(boot: Boot): void {
  const port = boot.port;
  const status = new Int32Array(boot.status);
  let running: Run | undefined;
  let last: Run | undefined;
  const post = (message: FromWorker, transfer: readonly object[] = []): void => {
    port.postMessage(message, transfer as readonly MessagePort[]);
  };

  const finish = (run: Run, ending: Ending, reusable: boolean): void => {
    if (running !== run) return;
    running = undefined;
    last = run;
    const outcome = letGoOfAll(ending);
    const printing = process.stdout.writableLength + process.stderr.writableLength > 0;
    const done = { type: "done", run: run.run, printing, reusable: reusable && !globalsChanged() } as const;
    const fail = (failure: Failure): void => post({ ...done, outcome: { ok: false, failure } });
    if (outcome.packed === undefined) fail(outcome.failure);
    else {
      const { parcel, transfer, abandon } = outcome.packed;
      try {
        post({ ...done, outcome: { ok: true, value: parcel } }, transfer);
      } catch (error) {
        // Structured clone refuses a proxy, or a buffer that belongs to WebAssembly, which look like any other.
        for (const letGo of abandon) letGo(run.id);
        fail(failureOf(new NotSendError("the result", "a value in it", String(error)), "unsendable-result"));
      }
    }
    Atomics.store(status, 0, run.run);
    Atomics.notify(status, 0);
    if (printing) void printed().then(() => post({ type: "printed", run: run.run }));
  };

  const panic = (error: unknown): void => {
    if (running !== undefined) finish(running, { failure: failureOf(error, kindOf(error)) }, false);
    else reportLate(error, last);
  };
  process.on("uncaughtException", panic);
  process.on("unhandledRejection", panic);
  process.on("exit", (code) => {
    if (running === undefined) return;
    const stop = new Error(`called process.exit(${code}), which ends the thread, not the process`);
    finish(running, { failure: failureOf(stop, "exit") }, false);
  });

  port.on("message", (run: Run) => {
    Atomics.store(status, 1, 1);
    running = run;
    becomeThread({ id: run.id, name: run.name, token: tokenOf(boot.status), stopping: boot.abort });
    forwardEvents(run.traced ? (event) => post({ type: "trace", event }) : undefined);
    if (run.map !== undefined && run.origin !== undefined) giveSourceMap(run.origin.file, run.map);
    void execute(run, boot.tsx).then((outcome) => finish(run, outcome, isReusable(outcome)));
  });
  watchEnvironment();
  captureGlobals();
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
    return { failure: failureOf(error, kindOf(error)) };
  }
  try {
    return { packed: pack(value, "the result", "out of the thread as its result") };
  } catch (error) {
    return { failure: failureOf(error, "unsendable-result") };
  }
}

/** Lets go of what the thread still holds. A guard whose value cannot be stored makes a panic of a good end. */
function letGoOfAll(ending: Ending): Ending {
  try {
    endThread(ending.packed === undefined ? "panicked" : "returned");
    return ending;
  } catch (error) {
    return ending.packed === undefined ? ending : { failure: failureOf(error, "thrown") };
  }
}

/** What is thrown after the closure has returned can change its result no more, but is not kept quiet either. */
function reportLate(error: unknown, run: Run | undefined): void {
  const { message } = failureOf(error, "thrown");
  process.stderr.write(`thread '${run?.name ?? "<unnamed>"}' panicked after it had ended: ${message}\n`);
}

/** Resolves when everything printed so far has reached the parent. */
function printed(): Promise<unknown> {
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
  return Promise.all([flush(process.stdout), flush(process.stderr)]);
}
