/** What is measured, and how: every contender of a case in turn, round after round, so that a busy moment hits all. */
import type { Statistics } from "./statistics.js";
import { statistics } from "./statistics.js";

/** How much work a round does: as much as gives a steady figure, or just enough to see that the result is right. */
export type Scale = "full" | "tiny";

/** A contender that is ready to be measured. */
export interface Opened {
  /** Measures once. @throws WrongResult where what was computed is wrong. */
  round(): number | Promise<number>;
  close(): void | Promise<void>;
}

/** One way of doing what a case measures. */
export interface Contender {
  readonly name: string;
  /** A floor is what the language or the platform takes for doing nothing in the same way: nobody can take less. */
  readonly side: "ours" | "raw" | "other" | "floor";
  /** Why the case's bar says nothing about it, where that is so. */
  readonly beyondBar?: string;
  open(scale: Scale): Opened | Promise<Opened>;
}

/** What the contract demands of a case. */
export interface Bar {
  readonly text: string;
  /** The limit, from the medians of the contenders; `undefined` where the one it is drawn from was not measured. */
  limit(medians: readonly Median[]): number | undefined;
}

export interface Median {
  readonly name: string;
  readonly side: Contender["side"];
  readonly median: number;
}

export interface Case {
  readonly id: string;
  readonly title: string;
  /** What the figures are in, such as `ns`. */
  readonly unit: string;
  readonly better: "less" | "more";
  readonly rounds: number;
  /** Rounds that do not count, so that compilers are done; 2 where it is absent. */
  readonly warmUp?: number;
  readonly bar?: Bar;
  readonly contenders: readonly Contender[];
}

export interface Measured {
  readonly case: Case;
  readonly rows: readonly { readonly contender: Contender; readonly statistics: Statistics }[];
}

/** What was computed is not what it should be: figures of a program that is wrong are worth nothing. */
export class WrongResult extends Error {
  override readonly name = "WrongResult";
}

/** @throws WrongResult where they differ. */
export function assertResult(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new WrongResult(`${what}: expected ${String(expected)}, found ${String(found)}`);
}

/** Milliseconds after which a library that does not answer is left out. */
const patience = 30_000;

/** What a library promises, unless it takes too long. */
async function soon<T>(promised: T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  });
  return await Promise.race([promised, late]).finally(() => clearTimeout(timer));
}

interface Running {
  readonly contender: Contender;
  readonly opened: Opened;
  readonly values: number[];
}

/**
 * Measures a case. Another library that fails is left out, and said so: the rest of a long run is worth keeping. Where
 * what it computed is wrong, all ends.
 *
 * @throws Error that names case and contender; its cause is a WrongResult, or why it could not run. */
export async function measure(
  what: Case,
  options: { readonly scale: Scale; readonly rounds: number },
): Promise<Measured> {
  const running: Running[] = [];
  const opened: Opened[] = [];
  try {
    for (const contender of what.contenders) {
      await attempt(what, contender, async () => {
        const ready = await soon(contender.open(options.scale));
        opened.push(ready);
        running.push({ contender, opened: ready, values: [] });
      });
    }
    const warmUp = options.scale === "full" ? (what.warmUp ?? 2) : 0;
    for (let round = -warmUp; round < options.rounds; round++) {
      const order = [...running];
      for (let i = 0; i < order.length; i++) {
        // Another one goes first each time: nobody always follows the same neighbour.
        const turn = order[(i + Math.max(round, 0)) % order.length];
        if (turn === undefined) continue;
        const goesOn = await attempt(what, turn.contender, async () => {
          const value = await soon(turn.opened.round());
          if (round >= 0) turn.values.push(value);
        });
        if (!goesOn) running.splice(running.indexOf(turn), 1);
      }
    }
  } finally {
    await Promise.allSettled(opened.map(async (contender) => soon(contender.close())));
  }
  return { case: what, rows: running.map(({ contender, values }) => ({ contender, statistics: statistics(values) })) };
}

/** @returns whether it went well; only where another library fails, for reasons of its own, is it not thrown. */
async function attempt(what: Case, { name, side }: Contender, does: () => Promise<void>): Promise<boolean> {
  try {
    await does();
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (side !== "other" || error instanceof WrongResult) {
      throw new Error(`${what.id}, ${name}: ${reason}`, { cause: error });
    }
    console.error(`${what.id}: left out ${name}, which failed: ${reason}`);
    return false;
  }
}
