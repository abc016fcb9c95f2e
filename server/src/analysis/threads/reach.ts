/** Which steps can run after which, along the edges of one body. */
import { successors } from "../flow/graph.js";
import type { BlockId, Body } from "../mir/mir.js";
import type { Point } from "./walk.js";

/**
 * The points that can run after `from` without passing one of `barriers` first. A barrier itself is reached.
 *
 * Asked about `(block, index)`, it answers whether control can come there at all from behind `from`.
 */
export function reachableFrom(body: Body, from: Point, barriers: readonly Point[] = []): (to: Point) => boolean {
  // For each block: the half-open ranges of indices that were reached.
  const reached = new Map<BlockId, { first: number; last: number }[]>();
  const pending: { block: BlockId; first: number }[] = [{ block: from.block, first: from.index + 1 }];
  const entered = new Set<BlockId>();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const { block: id, first } = at;
    const block = body.blocks[id];
    if (block === undefined) continue;
    const stops = barriers.filter((b) => b.body === body.id && b.block === id && b.index >= first);
    const last = Math.min(block.steps.length, ...stops.map((b) => b.index));
    const ranges = reached.get(id) ?? [];
    ranges.push({ first, last });
    reached.set(id, ranges);
    if (stops.length > 0) continue;
    for (const next of successors(block)) {
      if (entered.has(next)) continue;
      entered.add(next);
      pending.push({ block: next, first: 0 });
    }
  }
  return (to) =>
    to.body === body.id && (reached.get(to.block) ?? []).some((r) => to.index >= r.first && to.index <= r.last);
}

/** Whether a step can run more than once in one run of its body: some path leads from it back to it. */
export function inLoop(body: Body, at: Point): boolean {
  return reachableFrom(body, at)(at);
}
