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
  readonly side: "ours" | "raw" | "other";
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

/** Measures a case. @throws Error that names case and contender; its cause is a WrongResult, or why it could not run. */
export async function measure(
  what: Case,
  options: { readonly scale: Scale; readonly rounds: number },
): Promise<Measured> {
  const running: { contender: Contender; opened: Opened; values: number[] }[] = [];
  let at = "";
  try {
    for (const contender of what.contenders) {
      at = contender.name;
      running.push({ contender, opened: await contender.open(options.scale), values: [] });
    }
    const warmUp = options.scale === "full" ? 2 : 0;
    for (let round = -warmUp; round < options.rounds; round++) {
      for (let i = 0; i < running.length; i++) {
        // Another one goes first each time: nobody always follows the same neighbour.
        const turn = running[(i + Math.max(round, 0)) % running.length];
        if (turn === undefined) continue;
        at = turn.contender.name;
        const value = await turn.opened.round();
        if (round >= 0) turn.values.push(value);
      }
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${what.id}, ${at}: ${reason}`, { cause: error });
  } finally {
    for (const { opened } of running) await opened.close();
  }
  return { case: what, rows: running.map(({ contender, values }) => ({ contender, statistics: statistics(values) })) };
}
