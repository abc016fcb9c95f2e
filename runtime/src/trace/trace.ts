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

/** What a thread waits for: a lock, a message, room in a channel, the end of a thread. */
export type WaitedFor =
  | "Mutex"
  | "RwLock"
  | "Semaphore"
  | "Condvar"
  | "Barrier"
  | "Once"
  | "message"
  | "room"
  | "join"
  | "park"
  | "sleep";

/**
 * What a thread is doing, published on the channel `fearless-threads:activity` of `node:diagnostics_channel` in the main
 * thread, for all threads. A closure is `running` once its worker has begun with it, and has `ended` when it returned or
 * threw: earlier than `finished`, which is when its parent heard of it. Of a wait that lasts for more than a millisecond
 * there are `waiting` and `resumed`, with the same number; a wait without an end has no `resumed`.
 *
 * Listening costs: a position is looked up for each wait, and threads send messages of their own.
 *
 * @example
 * import { subscribe, unsubscribe } from "node:diagnostics_channel";
 * const waits: string[] = [];
 * const note = (event: unknown) => {
 *   const activity = event as ActivityEvent;
 *   if (activity.type === "waiting") waits.push(activity.what);
 * };
 * subscribe(activityChannel, note);
 * const handle = thread.spawn(() => {
 *   for (const end = Date.now() + 20; Date.now() < end; );
 * });
 * await handle.join();
 * unsubscribe(activityChannel, note);
 * console.log(waits.join()); // join
 */
export type ActivityEvent =
  | { readonly type: "running" | "ended"; readonly id: number; readonly time: number }
  | {
      readonly type: "waiting";
      /** The thread that waits; 0 is the main thread. */
      readonly id: number;
      /** The number of the wait, unique in its thread: an event loop can wait for several things at a time. */
      readonly wait: number;
      readonly what: WaitedFor;
      /** The thread that is waited for: the one that is joined, or that had the lock when the wait began. */
      readonly of: number | undefined;
      /** The call that waits, in the source. */
      readonly at: SourcePosition | undefined;
      /** When the wait began, in milliseconds since 1970, with fractions. */
      readonly time: number;
    }
  | { readonly type: "resumed"; readonly id: number; readonly wait: number; readonly time: number };

/** The name of the channel that says what threads are doing. */
export const activityChannel = "fearless-threads:activity";

/** Which events somebody listens to: of threads, or what they are doing as well. */
export type TraceLevel = "threads" | "activity";

interface Forward {
  readonly send: (event: ThreadEvent | ActivityEvent) => void;
  readonly level: TraceLevel;
}

const channel = diagnosticsChannel(threadChannel);
const activity = diagnosticsChannel(activityChannel);
let forward: Forward | undefined;
let toSource = (position: SourcePosition): SourcePosition => position;

/** In a worker: events go to the parent, on their way to the main thread; `undefined` stops them. */
export function forwardEvents(to: Forward | undefined): void {
  forward = to;
}

/** Says how positions in running scripts, which workers cannot always map to the source, become positions in it. */
export function mapPositions(map: typeof toSource): void {
  toSource = map;
}

/** What somebody listens to. */
export function traceLevel(): TraceLevel | undefined {
  if (forward !== undefined) return forward.level;
  if (activity.hasSubscribers) return "activity";
  return channel.hasSubscribers ? "threads" : undefined;
}

/** Whether anybody listens. */
export function isTraced(): boolean {
  return traceLevel() !== undefined;
}

/** Publishes an event; `event` is only called where somebody listens. */
export function trace(event: () => ThreadEvent): void {
  if (forward !== undefined) forward.send(event());
  else if (channel.hasSubscribers) channel.publish(event());
}

/** As {@link trace}, what a thread is doing; its position is that in the running script. */
export function traceActivity(event: () => ActivityEvent): void {
  if (forward?.level === "activity") forward.send(event());
  else if (forward === undefined && activity.hasSubscribers) activity.publish(inSource(event()));
}

function inSource(event: ActivityEvent): ActivityEvent {
  return event.type !== "waiting" || event.at === undefined ? event : { ...event, at: toSource(event.at) };
}

/** The time for an event. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
