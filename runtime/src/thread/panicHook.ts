import type { ThreadPanic } from "../errors.js";
import { process } from "../worker/node.js";
import { formatPosition } from "../worker/position.js";

/** Told of every panic, in place of the line on stderr. */
export type PanicHook = (panic: ThreadPanic) => void;

let hook: PanicHook = printPanic;

/**
 * Replaces what is done when a thread panics: by default one line is printed on stderr,
 * `thread '<name>' panicked at <file>:<line>:<col>: <message>`. `undefined` brings the default back.
 * The hook runs in the thread that spawned the one that panicked.
 *
 * Source: Rust's `std::panic::set_hook`.
 *
 * @example
 * thread.setPanicHook((panic) => console.log(`${panic.threadName}: ${panic.message}`)); // parser: no such table
 * const handle = new thread.Builder()
 *   .name("parser")
 *   .spawn(() => {
 *     throw new Error("no such table");
 *   })
 *   .unwrap();
 * await handle.join();
 * thread.setPanicHook(undefined);
 */
export function setPanicHook(next: PanicHook | undefined): void {
  hook = next ?? printPanic;
}

/** Tells the hook. A hook that throws must not cost the panic itself. */
export function reportPanic(panic: ThreadPanic): void {
  try {
    hook(panic);
  } catch (error) {
    printPanic(panic);
    process.stderr.write(`the panic hook threw: ${String(error)}\n`);
  }
}

function printPanic(panic: ThreadPanic): void {
  const at = panic.position === undefined ? "" : ` at ${formatPosition(panic.position)}`;
  process.stderr.write(`thread '${panic.threadName}' panicked${at}: ${panic.message}\n`);
}
