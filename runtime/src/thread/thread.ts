import { currentSelf, type Self } from "./self.js";

/** What is known of a thread: its id and its name. */
export class Thread {
  /** Unique in the process; 0 is the main thread. */
  readonly id: number;
  /** The name given with `Builder.name`; `main` for the main thread. */
  readonly name: string | undefined;

  /** @internal */
  constructor(self: Self) {
    this.id = self.id;
    this.name = self.name;
  }
}

/**
 * The thread that calls it.
 *
 * Source: Rust's `std::thread::current`.
 *
 * @example
 * thread.spawn(async () => {
 *   const { thread } = await import("fearless-threads");
 *   console.log(`hello from thread ${thread.current().id}`);
 * });
 */
export function current(): Thread {
  return new Thread(currentSelf());
}
