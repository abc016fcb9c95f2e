/** What the timeline says in words: under the picture, and to screen readers. */
import type { Lane, Timeline, Wait } from "../src/timeline/timeline.js";

/** @example `12.4 ms`, `3.1 s` */
export function duration(milliseconds: number): string {
  if (milliseconds >= 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds === 0) return "0 ms";
  return milliseconds >= 100 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`;
}

const waitsFor: Readonly<Record<string, string>> = {
  RwLock: "waits for an RwLock",
  Semaphore: "waits for a permit of a Semaphore",
  Condvar: "waits to be notified by a Condvar",
  Barrier: "waits for the others at a Barrier",
  Once: "waits until it is done once",
  message: "waits for a message",
  room: "waits for room in a channel",
  park: "is parked",
  sleep: "sleeps",
};

export function waitText({ what, of }: Wait): string {
  if (what === "join") return `waits for ${quoted(of)} to end`;
  if (what === "Mutex") return of === undefined ? "waits for a Mutex" : `waits for a Mutex that ${quoted(of)} has`;
  const text = waitsFor[what] ?? `waits (${what})`;
  return of === undefined ? text : `${text} that ${quoted(of)} has`;
}

function quoted(name: string | undefined): string {
  return name === undefined ? "a thread" : name === "main" ? "the main thread" : name;
}

export function stretchText({ from, to }: { readonly from: number; readonly to: number }): string {
  return `${duration(to - from)}, from ${duration(from)} to ${duration(to)}`;
}

export function endText(lane: Lane): string {
  if (lane.parent === undefined) return lane.outcome === "running" ? "runs" : "ran to its end";
  switch (lane.outcome) {
    case "running":
      return "is still running";
    case "panicked":
      return `panicked: ${lane.panic?.message ?? ""}`;
    case "killed":
      return "was killed: the program ended first, and nobody had joined it";
    case "finished":
      return lane.handle === "kept" ? "returned, and nobody asked for its result" : `returned, and was ${lane.handle}`;
  }
}

/** @example `5 threads in 120 ms: 4 joined, 1 panicked, 0 killed` */
export function summaryText({ lanes, unseen, end, state }: Timeline): string {
  const threads = lanes.filter(({ parent }) => parent !== undefined);
  const count = threads.length + unseen;
  if (count === 0) return state === "running" ? "No thread has started yet." : "This program has started no thread.";
  const of = (is: (lane: Lane) => boolean): number => threads.filter(is).length;
  const running = of(({ outcome }) => outcome === "running");
  const parts = [
    `${of(({ handle }) => handle === "joined")} joined`,
    `${of(({ outcome }) => outcome === "panicked")} panicked`,
    `${of(({ outcome }) => outcome === "killed")} killed`,
    ...(running > 0 ? [`${running} running`] : []),
  ];
  return `${count === 1 ? "1 thread" : `${count} threads`} in ${duration(end)}: ${parts.join(", ")}`;
}
