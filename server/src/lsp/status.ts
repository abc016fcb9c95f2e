/** The one line that says how the server is, sent when it changes. */
import type { CheckerState } from "../checker/checker.js";
import type { ServerState, StatusParams } from "./protocol.js";
import type { Result } from "./results.js";

export interface Status {
  checker(state: CheckerState): void;
  /** Findings changed. */
  update(): void;
}

/** Counts change with every keystroke; a status item need not. */
const settle = 50;

export function createStatus(results: () => readonly Result[], send: (params: StatusParams) => void): Status {
  let state: ServerState = "starting";
  let message: string | undefined;
  let sent = "";
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const all = results();
    const count = (...severities: readonly string[]): number =>
      all.reduce(
        (sum, { report }) => sum + report.diagnostics.filter(({ severity }) => severities.includes(severity)).length,
        0,
      );
    const params: StatusParams = {
      state,
      ...(message === undefined ? {} : { message }),
      errors: count("error"),
      warnings: count("warning"),
      hints: count("hint", "info"),
      checked: all.filter(({ report }) => report.checked).length,
    };
    const text = JSON.stringify(params);
    if (text === sent) return;
    sent = text;
    send(params);
  };

  const later = (): void => {
    timer ??= setTimeout(flush, settle).unref();
  };

  return {
    checker(next) {
      // What to do about a failure is said as long as it lasts.
      if (next.kind !== "idle" || state !== "failed") message = "reason" in next ? next.reason : undefined;
      switch (next.kind) {
        case "restarting":
          state = "compiler-restarting";
          return flush();
        case "failed":
          state = "failed";
          return flush();
        case "busy":
          state = "busy";
          return later();
        case "idle":
          // A failure stays until something works again.
          state = state === "failed" ? "failed" : "ready";
          return later();
      }
    },
    update() {
      if (state === "starting") state = "ready";
      later();
    },
  };
}
