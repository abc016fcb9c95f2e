/** What a run tells while it goes: plain data, for the editor and the terminal. */

/** Where something happened, in the source; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What is said of a thread, whatever happened to it. */
interface ThreadFacts {
  readonly id: number;
  readonly name: string | undefined;
  /** The thread that started it; 0 is the main thread. */
  readonly parent: number;
  readonly spawnedAt: Position | undefined;
  /** When it happened, in milliseconds since 1970, with fractions; so all times below. */
  readonly time: number;
}

/** A thread's life, as the runtime publishes it. */
export interface ThreadStep extends ThreadFacts {
  readonly kind: "thread";
  readonly step: "started" | "finished" | "joined" | "detached" | "killed";
}

/** A thread that threw. The others go on. */
export interface ThreadPanicked extends ThreadFacts {
  readonly kind: "panic";
  readonly message: string;
  readonly position: Position | undefined;
}

/** What ended the program: nobody caught it, or the file is not a program at all. */
export interface ProgramFailed {
  readonly kind: "failure";
  readonly message: string;
  readonly position: Position | undefined;
}

/** The program itself: its code begins to run, its process ends. A process that is killed says nothing of its end. */
export interface ProgramStep {
  readonly kind: "program";
  readonly step: "began" | "ended";
  readonly time: number;
}

/** A thread's closure runs in its worker, or has returned or thrown there. */
export interface ClosureStep {
  readonly kind: "closure";
  readonly step: "running" | "ended";
  readonly id: number;
  readonly time: number;
}

/** A thread waits. Told only where the run was asked to, and of waits that last for more than a millisecond. */
export interface WaitBegan {
  readonly kind: "wait";
  readonly id: number;
  /** The number of the wait, unique in its thread. */
  readonly wait: number;
  /** `Mutex`, `join`, `message` and others. */
  readonly what: string;
  /** The thread that is waited for: the one that is joined, or that had the lock. */
  readonly of: number | undefined;
  /** The call that waits. */
  readonly at: Position | undefined;
  readonly time: number;
}

/** It goes on. */
export interface WaitEnded {
  readonly kind: "resumed";
  readonly id: number;
  readonly wait: number;
  readonly time: number;
}

export interface Output {
  readonly kind: "output";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What the running process reports over its side channel. */
export type Report = ThreadStep | ThreadPanicked | ProgramFailed | ProgramStep | ClosureStep | WaitBegan | WaitEnded;

export type RunEvent = Report | Output;

/** How a run ended. */
export interface RunSummary {
  readonly started: number;
  readonly joined: number;
  readonly panicked: number;
  /** Threads that were still running when the program ended. */
  readonly killed: number;
  /** As shells say it: 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
  readonly milliseconds: number;
  readonly cancelled: boolean;
}

/** @example `threads: 4 started, 3 joined, 1 panicked, 0 killed un-joined — exit 0 in 120 ms` */
export function closingLine(summary: RunSummary): string {
  const { started, joined, panicked, killed, exitCode, cancelled } = summary;
  const end = cancelled ? "stopped" : `exit ${exitCode}`;
  const threads = `${started} started, ${joined} joined, ${panicked} panicked, ${killed} killed un-joined`;
  return `threads: ${threads} — ${end} in ${duration(summary.milliseconds)}`;
}

function duration(milliseconds: number): string {
  return milliseconds < 10_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
