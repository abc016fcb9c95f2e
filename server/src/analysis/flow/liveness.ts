/** Where each temporary is used for the last time: from there on, what it held is held by nobody. */
import type { Block, Body, Local, LocalId, Operand } from "../mir/mir.js";
import { successors } from "./graph.js";
import { readAtEnd, readBy, writtenBy } from "./operands.js";

export interface Liveness {
  /** The temporaries that are alive behind step `index` of a block, or at the start of its end where there is none. */
  liveAfter(block: number, index: number): Pick<ReadonlySet<LocalId>, "has">;
  /** The temporaries that are alive when control enters a block. */
  liveAtStart(block: number): ReadonlySet<LocalId>;
}

/** Backward liveness of the temporaries of a body. Few cross a block, so a plain fixed point over the blocks is fast. */
export function liveTemporaries(body: Pick<Body, "blocks">, locals: readonly Local[]): Liveness {
  const isTemp = (id: LocalId): boolean => locals[id]?.kind === "temp";
  const through: ThroughBlock[] = body.blocks.map(() => nothing);
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of body.blocks.toReversed()) {
      const before = through[block.id] ?? nothing;
      const atEnd = liveAtEnd(block, through, isTemp);
      // What is alive only becomes more, so that as many are the same.
      if (before !== nothing && atEnd.size === before.atEnd.size) continue;
      through[block.id] = throughBlock(block, atEnd, isTemp);
      changed = true;
    }
  }
  return {
    liveAfter: (block, index) => ({ has: (local) => isLive(through[block] ?? nothing, local, index + 1) }),
    liveAtStart: (block) => (through[block] ?? nothing).atStart,
  };
}

/**
 * A set for each step would be quadratic: all elements of a long array are alive until it is made. So for each temporary
 * only the steps are kept at which it is born or dies.
 */
interface ThroughBlock {
  readonly atStart: ReadonlySet<LocalId>;
  readonly atEnd: ReadonlySet<LocalId>;
  /** The steps before which it is otherwise than behind them. Descending. */
  readonly turns: ReadonlyMap<LocalId, readonly number[]>;
}

const nothing: ThroughBlock = { atStart: new Set(), atEnd: new Set(), turns: new Map() };

/** @param point How many steps of the block were taken. */
function isLive({ atEnd, turns }: ThroughBlock, local: LocalId, point: number): boolean {
  const flips = (turns.get(local) ?? []).filter((turn) => turn >= point).length;
  return atEnd.has(local) !== (flips % 2 === 1);
}

function liveAtEnd(
  block: Block,
  through: readonly ThroughBlock[],
  isTemp: (id: LocalId) => boolean,
): ReadonlySet<LocalId> {
  const live = new Set<LocalId>();
  for (const next of successors(block)) for (const local of through[next]?.atStart ?? []) live.add(local);
  for (const local of localsIn(readAtEnd(block))) if (isTemp(local)) live.add(local);
  return live;
}

function throughBlock(block: Block, atEnd: ReadonlySet<LocalId>, isTemp: (id: LocalId) => boolean): ThroughBlock {
  const live = new Set(atEnd);
  const turns = new Map<LocalId, number[]>();
  const turn = (local: LocalId, index: number): void => {
    const list = turns.get(local);
    if (list === undefined) turns.set(local, [index]);
    else list.push(index);
  };
  for (let index = block.steps.length - 1; index >= 0; index--) {
    const step = block.steps[index]!;
    const written = writtenBy(step);
    const read = localsIn(readBy(step));
    if (written !== undefined && written.path.length > 0) read.push(written.base);
    else if (written !== undefined && !read.includes(written.base) && live.delete(written.base))
      turn(written.base, index);
    for (const local of read) {
      if (live.has(local) || !isTemp(local)) continue;
      live.add(local);
      turn(local, index);
    }
  }
  return { atStart: live, atEnd, turns };
}

function localsIn(operands: readonly Operand[]): LocalId[] {
  return operands.flatMap((operand) => (operand.kind === "place" ? [operand.place.base] : []));
}
