// Globals as this library's modules expect them. The build has every module that names one of these import it from here.
import { isolation } from "./isolation.js";

/** A timer as Node's: it does not keep anything alive in a browser. */
class Timer extends Number {
  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

const after = globalThis.setTimeout;
const every = globalThis.setInterval;

export const setTimeout = (f: () => void, ms?: number): Timer => new Timer(after(f, ms));
export const setInterval = (f: () => void, ms?: number): Timer => new Timer(every(f, ms));

/** After what is waiting already, without the pause that timers have. */
export function setImmediate<A extends readonly unknown[]>(f: (...parameters: A) => void, ...parameters: A): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    f(...parameters);
  };
  port2.postMessage(undefined);
}

/** What there is in a page that is not isolated. */
class NoSharedArrayBuffer {
  constructor() {
    throw new Error(isolation);
  }
}

/** What modules know as `SharedArrayBuffer`. */
export const SharedMemory = globalThis.SharedArrayBuffer ?? NoSharedArrayBuffer;
