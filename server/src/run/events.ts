/** What a run tells while it goes: plain data, for the editor and the terminal. */

/** Where something happened, in the source; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A thread's life, as the runtime publishes it. */
export interface ThreadStep {
  readonly kind: "thread";
  readonly step: "started" | "finished" | "joined" | "detached" | "killed";
  readonly id: number;
  readonly name: string | undefined;
}

/** A thread that threw. The others go on. */
export interface ThreadPanicked {
  readonly kind: "panic";
  readonly id: number;
  readonly name: string | undefined;
  readonly message: string;
  readonly position: Position | undefined;
}

/** What ended the program: nobody caught it, or the file is not a program at all. */
export interface ProgramFailed {
  readonly kind: "failure";
  readonly message: string;
  readonly position: Position | undefined;
}

export interface Output {
  readonly kind: "output";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** What the running process reports over its side channel. */
export type Report = ThreadStep | ThreadPanicked | ProgramFailed;

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
