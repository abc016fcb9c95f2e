/** Work that goes on together with other work, and work that has to be alone. */

export interface Turns {
  /** Begins at once, or when what is alone has ended. */
  together<T>(work: () => Promise<T>): Promise<T>;
  /** Begins when everything else has ended; whatever comes later waits. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const running = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  let alone = 0;

  return {
    async together(work) {
      // Another one can have asked to be alone while this waited.
      while (alone > 0) await last;
      const run = work();
      running.add(run);
      try {
        return await run;
      } finally {
        running.delete(run);
      }
    },
    alone(work) {
      alone++;
      const run = last.then(() => Promise.allSettled(running)).then(work);
      const ended = run.then(
        () => {},
        () => {},
      );
      last = ended.then(() => {
        alone--;
      });
      return run;
    },
  };
}
