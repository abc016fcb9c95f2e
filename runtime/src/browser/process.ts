// What this library asks of Node's `process`, where there is none.
import { closing, isMainThread } from "./hello.js";
import { activeResources } from "./timers.js";

type Listen = (value: unknown) => void;

const write = (text: string): boolean => {
  console.error(text.replace(/\n$/, ""));
  return true;
};

/** A browser's console takes what is printed at once. */
const stream = { write, writableLength: 0 };

function on(event: string, listen: Listen): void {
  switch (event) {
    case "uncaughtException":
      addEventListener("error", (problem) => {
        problem.preventDefault();
        listen(problem.error ?? new Error(problem.message));
      });
      return;
    case "unhandledRejection":
      addEventListener("unhandledrejection", (problem) => {
        problem.preventDefault();
        listen(problem.reason);
      });
      return;
    case "exit":
      if (!isMainThread) onClose(listen);
      return;
  }
}

/** A worker may end itself, and a browser tells nobody. */
function onClose(listen: Listen): void {
  const close = globalThis.close.bind(globalThis);
  globalThis.close = () => {
    listen(0);
    postMessage(closing);
    close();
  };
}

export const process = {
  argv: [],
  execArgv: [],
  env: {},
  sourceMapsEnabled: false,
  stdout: stream,
  stderr: stream,
  cwd: () => new URL(".", location.href).href,
  emitWarning: (warning: string | Error) => console.warn(warning),
  getActiveResourcesInfo: activeResources,
  exitCode: undefined,
  hasUncaughtExceptionCaptureCallback: () => false,
  eventNames: () => [],
  listenerCount: () => 0,
  on,
  once: on,
  off: () => {},
  prependListener: on,
};
