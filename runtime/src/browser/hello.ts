// What a worker was told when it was started.
import { nodeLike } from "./ports.js";

/** What a worker of this library is told first. */
export interface Hello {
  /** What Node calls `workerData`. */
  readonly data: object;
  /** Where workers that it starts find their code. */
  readonly code: string;
}

/** The key under which a worker keeps what it was told first. */
export const helloKey = Symbol.for("fearless-threads.hello");

/** What a worker says to the one that started it, beside what goes through its port. */
export const closing = "fearless-threads.closing";

export const hello: Hello | undefined = Reflect.get(globalThis, helloKey);
for (const value of Object.values(hello?.data ?? {})) if (value instanceof MessagePort) nodeLike(value);

/** Whether this is no worker of this library's. */
export const isMainThread = hello === undefined;
