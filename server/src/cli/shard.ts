/** `--shard i/n`: one of n parts that together are the whole. */
import { InvalidArgumentError } from "commander";
import type { Shard } from "./check-options.js";

/** @throws {InvalidArgumentError} where it is not `i/n` with 1 ≤ i ≤ n. */
export function parseShard(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || index < 1 || index > count) {
    throw new InvalidArgumentError("Expected i/n with 1 ≤ i ≤ n, such as 2/4.");
  }
  return { index, count };
}

/**
 * The part of a sorted list. Neighbours stay together, since they belong to the same project, which then is loaded by
 * one part and not by all. The parts of one list are disjoint, together they are the list, and their sizes differ by
 * one at most.
 */
export function partOf<T>(list: readonly T[], { index, count }: Shard): readonly T[] {
  const at = (part: number): number => Math.floor((list.length * part) / count);
  return list.slice(at(index - 1), at(index));
}
