/** What a run's events say about its threads, as a picture needs it: plain data, made of plain data. */
import type { Position, RunEvent, ThreadPanicked, ThreadStep, WaitBegan } from "../../../server/src/run/events.js";

/** Times are in milliseconds since the program began. */
export interface Timeline {
  readonly lanes: readonly Lane[];
  /** Threads that started after the last one that has a lane. */
  readonly unseen: number;
  readonly end: number;
  readonly state: "running" | "over";
}

/** How a thread ended; `running` of one that has not. */
export type Outcome = "running" | "finished" | "panicked" | "killed";

/** One thread. */
export interface Lane {
  readonly id: number;
  readonly name: string;
  /** How many threads are between it and the main thread, which has none. */
  readonly depth: number;
  readonly parent: number | undefined;
  readonly spawnedAt: Position | undefined;
  readonly start: number;
  /** When its closure began to run, where that was told. */
  readonly began: number;
  readonly end: number;
  readonly outcome: Outcome;
  /** What it panicked with, and where. */
  readonly panic: { readonly message: string; readonly at: Position | undefined } | undefined;
  /** What became of its handle. */
  readonly handle: "joined" | "detached" | "kept";
  /** When its parent asked for its result. */
  readonly joined: number | undefined;
  /** The longest ones, in the order in which they began. */
  readonly waits: readonly Wait[];
  /** How many shorter ones there were. */
  readonly shorter: number;
}

/** A stretch of a thread's time in which it waited. */
export interface Wait {
  readonly what: string;
  /** The name of the thread that was waited for. */
  readonly of: string | undefined;
  readonly at: Position | undefined;
  readonly from: number;
  readonly to: number;
  /** Whether it had not ended when the program did. */
  readonly endless: boolean;
}

/** As many as anybody can look at. */
const maxLanes = 200;
const maxWaits = 300;

interface Told {
  readonly facts: Pick<ThreadStep, "id" | "name" | "parent" | "spawnedAt">;
  readonly started: number;
  running?: number;
  closureEnded?: number;
  ended?: number;
  joined?: number;
  detached?: true;
  killed?: true;
  panic?: ThreadPanicked;
  readonly waits: (WaitBegan & { to?: number })[];
}

const mainThread: Told["facts"] = { id: 0, name: "main", parent: -1, spawnedAt: undefined };

/** @param events All that the run has told so far, in any order of their times. */
export function timelineOf(events: readonly RunEvent[], state: Timeline["state"]): Timeline {
  const times = events.flatMap((event) => ("time" in event ? [event.time] : []));
  const zero = times.reduce((first, time) => Math.min(first, time), times[0] ?? 0);
  const threads = new Map<number, Told>([[0, { facts: mainThread, started: zero, waits: [] }]]);
  let end = 0;
  for (const event of events) {
    if (!("time" in event)) continue;
    end = Math.max(end, event.time - zero);
    note(threads, event);
  }
  const ordered = inFamilies([...threads.values()]);
  const nameOf = (id: number): string => {
    const name = threads.get(id)?.facts.name;
    return name ?? `thread ${id}`;
  };
  const lanes = ordered.slice(0, maxLanes).map(({ told, depth }): Lane => {
    const { facts, panic } = told;
    // A task that waited for its turn in a pool may begin before its start is told.
    const start = Math.min(told.started, told.running ?? told.started) - zero;
    const last = laneEnd(told, zero, end);
    return {
      id: facts.id,
      name: nameOf(facts.id),
      depth,
      parent: facts.parent < 0 ? undefined : facts.parent,
      spawnedAt: facts.spawnedAt,
      start,
      began: facts.id === 0 ? start : Math.min((told.running ?? told.started) - zero, last),
      end: last,
      outcome: outcomeOf(told, state),
      panic: panic && { message: panic.message, at: panic.position },
      handle: told.joined !== undefined ? "joined" : told.detached ? "detached" : "kept",
      joined: told.joined === undefined ? undefined : told.joined - zero,
      waits: longest(told.waits, zero + end).map((wait) => ({
        what: wait.what,
        of: wait.of === undefined ? undefined : nameOf(wait.of),
        at: wait.at,
        from: wait.time - zero,
        to: wait.to === undefined ? last : wait.to - zero,
        endless: wait.to === undefined,
      })),
      shorter: Math.max(0, told.waits.length - maxWaits),
    };
  });
  return { lanes, unseen: ordered.length - lanes.length, end, state };
}

function note(threads: Map<number, Told>, event: Exclude<RunEvent, { kind: "output" | "failure" }>): void {
  if (event.kind === "program") {
    if (event.step === "ended") told(threads, 0, event.time).ended = event.time;
    return;
  }
  if (event.kind === "thread" && event.step === "started") {
    const before = threads.get(event.id);
    threads.set(event.id, { ...before, facts: event, started: event.time, waits: before?.waits ?? [] });
    return;
  }
  const thread = told(threads, event.id, event.time);
  switch (event.kind) {
    case "closure":
      if (event.step === "running") thread.running = event.time;
      else thread.closureEnded = event.time;
      return;
    case "wait":
      thread.waits.push({ ...event });
      return;
    case "resumed": {
      const wait = thread.waits.findLast(({ wait }) => wait === event.wait);
      if (wait !== undefined) wait.to = event.time;
      return;
    }
    case "panic":
      thread.panic = event;
      thread.ended = event.time;
      return;
    case "thread":
      if (event.step === "joined") thread.joined ??= event.time;
      else if (event.step === "detached") thread.detached = true;
      else {
        thread.ended = event.time;
        if (event.step === "killed") thread.killed = true;
      }
  }
}

function longest(waits: Told["waits"], end: number): Told["waits"] {
  if (waits.length <= maxWaits) return waits;
  const length = ({ time, to = end }: Told["waits"][number]): number => to - time;
  const kept = new Set([...waits].sort((a, b) => length(b) - length(a)).slice(0, maxWaits));
  return waits.filter((wait) => kept.has(wait));
}

/** What is known of a thread; one that another thread has started may be heard of before its parent tells of it. */
function told(threads: Map<number, Told>, id: number, time: number): Told {
  const known = threads.get(id);
  if (known !== undefined) return known;
  const unknown: Told = {
    facts: { id, name: undefined, parent: 0, spawnedAt: undefined },
    started: time,
    waits: [],
  };
  threads.set(id, unknown);
  return unknown;
}

function outcomeOf({ facts, panic, killed, ended, closureEnded }: Told, state: Timeline["state"]): Outcome {
  if (killed) return "killed";
  if (panic !== undefined) return "panicked";
  if (ended !== undefined || closureEnded !== undefined) return "finished";
  if (state === "running") return "running";
  // A process that was killed has told nothing of its end.
  return facts.id === 0 ? "finished" : "killed";
}

/** A thread has ended when its closure has, and not when somebody heard of it. */
function laneEnd({ closureEnded, ended }: Told, zero: number, end: number): number {
  const time = closureEnded ?? ended;
  return time === undefined ? end : time - zero;
}

/** Each thread behind the one that started it, in the order in which they were started. */
function inFamilies(threads: readonly Told[]): readonly { readonly told: Told; readonly depth: number }[] {
  const children = new Map<number, Told[]>();
  const known = new Set(threads.map(({ facts }) => facts.id));
  for (const told of [...threads].sort((a, b) => a.started - b.started)) {
    const { id, parent } = told.facts;
    const above = id === 0 || !known.has(parent) ? -1 : parent;
    children.set(above, [...(children.get(above) ?? []), told]);
  }
  const below = (id: number, depth: number): { told: Told; depth: number }[] =>
    (children.get(id) ?? []).flatMap((told) => [{ told, depth }, ...below(told.facts.id, depth + 1)]);
  return below(-1, 0);
}
