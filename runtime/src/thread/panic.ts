import { type PanicKind, type SourcePosition, ThreadPanic } from "../errors.js";
import type { ClosureText } from "../worker/closure.js";
import { formatPosition, nameInSource } from "../worker/position.js";
import type { Failure } from "../worker/protocol.js";
import { mapStack } from "../worker/stack.js";
import { explain } from "./explain.js";

/** The name a thread goes by in messages. */
export function displayName(name: string | undefined): string {
  return name ?? "<unnamed>";
}

/** The thread a panic happened in. */
export interface Panicker {
  readonly id: number;
  readonly name: string | undefined;
  readonly spawnedAt: () => SourcePosition | undefined;
  readonly closure: ClosureText;
}

/** The panic a worker reported, in the positions of the source. `payload` is what was thrown. */
export function panicOf(failure: Failure, payload: unknown, thread: Panicker): ThreadPanic {
  const mapped = mapStack(failure.stack, failure.mapped);
  const { source, origin } = thread.closure;
  const help = explain({
    name: failure.name,
    message: failure.message,
    closure: source,
    file: origin?.file,
    original: mapped.script === undefined ? undefined : nameInSource(mapped.script),
  });
  const message = help === undefined ? failure.message : `${failure.message}: ${help}`;
  const { position } = mapped;
  const stack = mapped.stack.replace(failure.message, () => message);
  return new ThreadPanic({
    kind: failure.kind,
    message,
    stack,
    payload,
    position: position ?? thread.spawnedAt(),
    threadName: displayName(thread.name),
    threadId: thread.id,
  });
}

/** The panic of a thread whose worker ended without a word. */
export function panicOfWorker(kind: PanicKind, message: string, thread: Panicker, payload: unknown): ThreadPanic {
  const position = thread.spawnedAt();
  const at = position === undefined ? "" : `\n    at thread spawned at ${formatPosition(position)}`;
  return new ThreadPanic({
    kind,
    message,
    payload,
    position,
    stack: `ThreadPanic: ${message}${at}`,
    threadName: displayName(thread.name),
    threadId: thread.id,
  });
}

/** What was thrown, where it was an instance of a class that this thread has not imported and cannot wait for. */
export function payloadWithoutClass(failure: Failure): Error {
  const error = new Error(failure.message);
  Object.defineProperty(error, "name", { value: failure.name, writable: true, configurable: true });
  error.stack = mapStack(failure.stack, failure.mapped).stack;
  return error;
}
