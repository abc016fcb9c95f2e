/** Keeps what the last run has told, for as long as there is no other. */
import * as vscode from "vscode";
import type { RunEvent } from "../../../server/src/run/events.js";
import type { Runner, StartedRun } from "../runner/runner.js";
import { createSources, type Sources } from "./sources.js";
import type { Timeline } from "./timeline.js";

/** Waits that come after so many events are not kept: a picture of more says no more. */
const maxEvents = 20_000;

export interface Recording {
  readonly run: StartedRun;
  readonly sources: Sources;
  readonly events: readonly RunEvent[];
  readonly state: Timeline["state"];
}

export interface Recorder extends vscode.Disposable {
  last(): Recording | undefined;
  readonly onDidStart: vscode.Event<StartedRun>;
  /** Told often while a program runs. */
  readonly onDidGrow: vscode.Event<void>;
  readonly onDidEnd: vscode.Event<void>;
}

export function createRecorder(runner: Runner): Recorder {
  const started = new vscode.EventEmitter<StartedRun>();
  const grown = new vscode.EventEmitter<void>();
  const ended = new vscode.EventEmitter<void>();
  let last: (Recording & { readonly events: RunEvent[]; state: Timeline["state"] }) | undefined;
  const listening = [
    runner.onDidStart((run) => {
      last = { run, sources: createSources(run.uriOf), events: [], state: "running" };
      started.fire(run);
    }),
    runner.onDidTell((event) => {
      if (last === undefined || event.kind === "output") return;
      if (event.kind === "wait" && last.events.length >= maxEvents) return;
      last.events.push(event);
      grown.fire();
    }),
    runner.onDidChangeRunning(() => {
      if (last === undefined || runner.isRunning(last.run.uri)) return;
      last.state = "over";
      ended.fire();
    }),
  ];
  return {
    last: () => last,
    onDidStart: started.event,
    onDidGrow: grown.event,
    onDidEnd: ended.event,
    dispose: () => vscode.Disposable.from(...listening, started, grown, ended).dispose(),
  };
}
