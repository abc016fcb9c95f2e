import { boot } from "./boot.js";
import { keepAlive } from "./keepAlive.js";
import type { Kept } from "./protocol.js";

/**
 * Keeps the process alive until the function that it gives is called: the event loop of this thread, and those of all
 * threads between it and the first one.
 */
export function keepProcess(): () => void {
  const release = keepAlive();
  tellParent(1);
  let done = false;
  return () => {
    if (done) return;
    done = true;
    tellParent(-1);
    release();
  };
}

function tellParent(change: Kept["change"]): void {
  const message: Kept = { type: "kept", change };
  boot?.port.postMessage(message);
}
