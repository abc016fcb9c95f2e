// Which timers a thread has left behind: a browser does not tell, and the next thread of the worker must not have them.

type Start = (run: () => void, ms?: number) => unknown;
type Stop = (id: number) => void;

const running = new Set<number>();

/** In a worker: watches the timers that are set from now on. Those of this library are not among them. */
export function watchTimers(): void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const watched = {
    setTimeout: starter(setTimeout, (id) => running.delete(id)),
    setInterval: starter(setInterval, () => {}),
    clearTimeout: stopper(clearTimeout),
    clearInterval: stopper(clearInterval),
  };
  for (const [name, value] of Object.entries(watched)) {
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  }
}

/** As Node's, these take no text to evaluate. */
function starter(start: Start, fired: (id: number) => void) {
  return (handler: unknown, ms?: number, ...values: readonly unknown[]): number => {
    if (typeof handler !== "function") throw new TypeError("a timer takes a function");
    const run = (): void => {
      fired(id);
      Reflect.apply(handler, globalThis, values);
    };
    const id = Number(start(run, ms));
    running.add(id);
    return id;
  };
}

function stopper(stop: Stop) {
  return (id: unknown): void => {
    running.delete(Number(id));
    stop(Number(id));
  };
}

/** As Node's `process.getActiveResourcesInfo`: what keeps a worker busy, its port included. */
export function activeResources(): readonly string[] {
  return ["MessagePort", ...[...running].map(() => "Timeout")];
}
