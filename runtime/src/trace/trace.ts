import type { PanicKind, SourcePosition } from "../errors.js";
import { diagnosticsChannel, performance } from "../worker/node.js";

/**
 * Something that happened to a thread, published on the channel `fearless-threads:thread` of `node:diagnostics_channel`
 * in the main thread, for threads started by other threads too. Every thread has one `started`, then at most one of
 * `finished` and `panicked`; `joined` and `detached` say that somebody took care of the handle. `killed` is published
 * while the process exits, for each thread that was still running.
 *
 * @example
 * import { subscribe, unsubscribe } from "node:diagnostics_channel";
 * const types: string[] = [];
 * const note = (event: unknown) => types.push((event as ThreadEvent).type);
 * subscribe(threadChannel, note);
 * await thread.spawn(() => 6 * 7).join();
 * unsubscribe(threadChannel, note);
 * console.log(types.includes("started"), types.includes("finished")); // true true
 */
export type ThreadEvent =
  | (ThreadFacts & { readonly type: "started" | "finished" | "joined" | "detached" | "killed" })
  | (ThreadFacts & {
      readonly type: "panicked";
      readonly kind: PanicKind;
      readonly message: string;
      /** Where it was thrown, where that is known. */
      readonly position: SourcePosition | undefined;
    });

/** What every event says. */
export interface ThreadFacts {
  /** The thread's id, as in `Thread.id`; unique in the process. */
  readonly id: number;
  /** Its name, where it has one. */
  readonly name: string | undefined;
  /** The id of the thread that started it; 0 is the main thread. */
  readonly parent: number;
  /** Where it was spawned, in the source. */
  readonly spawnedAt: SourcePosition | undefined;
  /** When it happened, in milliseconds since 1970, with fractions. */
  readonly time: number;
}

/** The channel's name. */
export const threadChannel = "fearless-threads:thread";

const channel = diagnosticsChannel(threadChannel);
let forward: ((event: ThreadEvent) => void) | undefined;

/** In a worker: events go to `send`, on their way to the main thread; `undefined` stops them. */
export function forwardEvents(send: ((event: ThreadEvent) => void) | undefined): void {
  forward = send;
}

/** Whether anybody listens. */
export function isTraced(): boolean {
  return forward !== undefined || channel.hasSubscribers;
}

/** Publishes an event; `event` is only called where somebody listens. */
export function trace(event: () => ThreadEvent): void {
  if (forward !== undefined) forward(event());
  else if (channel.hasSubscribers) channel.publish(event());
}

/** The time for an event. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
