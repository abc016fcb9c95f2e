/** Which steps can run after which, along the edges of one body. */
import type { Block, BlockId, Body } from "../mir/mir.js";
import type { Point } from "./walk.js";

function successors(block: Block): readonly BlockId[] {
  const unwind = block.unwind === undefined ? [] : [block.unwind];
  switch (block.end.kind) {
    case "goto":
      return [block.end.target, ...unwind];
    case "branch":
      return [block.end.then, block.end.else, ...unwind];
    case "return":
    case "throw":
    case "rethrow":
    case "unreachable":
      return unwind;
  }
}

/**
 * The points that can run after `from` without passing one of `barriers` first. A barrier itself is reached.
 *
 * Asked about `(block, index)`, it answers whether control can come there at all from behind `from`.
 */
export function reachableFrom(body: Body, from: Point, barriers: readonly Point[] = []): (to: Point) => boolean {
  // For each block: the half-open ranges of indices that were reached.
  const reached = new Map<BlockId, { first: number; last: number }[]>();
  const byId = new Map(body.blocks.map((block) => [block.id, block]));
  const pending: { block: BlockId; first: number }[] = [{ block: body.blocks[from.block]!.id, first: from.index + 1 }];
  const entered = new Set<BlockId>();
  while (pending.length > 0) {
    const { block: id, first } = pending.pop()!;
    const block = byId.get(id);
    if (block === undefined) continue;
    const position = body.blocks.indexOf(block);
    const stops = barriers.filter((b) => b.body === body.id && b.block === position && b.index >= first);
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
  return (to) => {
    if (to.body !== body.id) return false;
    const id = body.blocks[to.block]?.id;
    return id !== undefined && (reached.get(id) ?? []).some((r) => to.index >= r.first && to.index <= r.last);
  };
}

/** Whether a step can run more than once in one run of its body: some path leads from it back to it. */
export function inLoop(body: Body, at: Point): boolean {
  return reachableFrom(body, at)(at);
}
