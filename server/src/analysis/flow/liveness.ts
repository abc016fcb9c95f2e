/** Where each temporary is used for the last time: from there on, what it held is held by nobody. */
import type { Body, Local, LocalId, Operand } from "../mir/mir.js";
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
  const starts = body.blocks.map(() => new Set<LocalId>());
  for (let changed = true; changed; ) {
    changed = false;
    for (let id = body.blocks.length - 1; id >= 0; id--) {
      const live = throughBlock(body, id, starts, isTemp).atStart;
      if (live.size === starts[id]?.size) continue;
      starts[id] = live;
      changed = true;
    }
  }
  const known = new Map<number, ThroughBlock>();
  const through = (id: number): ThroughBlock => {
    const found = known.get(id) ?? throughBlock(body, id, starts, isTemp);
    known.set(id, found);
    return found;
  };
  return {
    liveAfter: (block, index) => ({ has: (local) => isLive(through(block), local, index + 1) }),
    liveAtStart: (block) => starts[block] ?? new Set(),
  };
}

/**
 * A set for each step would be quadratic: all elements of a long array are alive until it is made. So for each temporary
 * only the steps are kept at which it is born or dies.
 */
interface ThroughBlock {
  readonly atStart: Set<LocalId>;
  readonly atEnd: ReadonlySet<LocalId>;
  /** The steps before which it is otherwise than behind them. Descending. */
  readonly turns: ReadonlyMap<LocalId, readonly number[]>;
}

/** @param point How many steps of the block were taken. */
function isLive({ atEnd, turns }: ThroughBlock, local: LocalId, point: number): boolean {
  const flips = (turns.get(local) ?? []).filter((turn) => turn >= point).length;
  return atEnd.has(local) !== (flips % 2 === 1);
}

function throughBlock(
  body: Pick<Body, "blocks">,
  id: number,
  starts: readonly ReadonlySet<LocalId>[],
  isTemp: (id: LocalId) => boolean,
): ThroughBlock {
  const block = body.blocks[id];
  const live = new Set<LocalId>();
  const turns = new Map<LocalId, number[]>();
  if (block === undefined) return { atStart: live, atEnd: live, turns };
  for (const next of successors(block)) for (const local of starts[next] ?? []) live.add(local);
  addReads(live, readAtEnd(block), isTemp);
  const atEnd = new Set(live);
  for (let index = block.steps.length - 1; index >= 0; index--) {
    const step = block.steps[index]!;
    const written = writtenBy(step);
    const read = new Set<LocalId>();
    addReads(read, readBy(step), isTemp);
    if (written !== undefined && written.path.length > 0 && isTemp(written.base)) read.add(written.base);
    const touched = written === undefined ? read : new Set([...read, written.base]);
    for (const local of touched) {
      const before = read.has(local);
      if (before === live.has(local)) continue;
      if (before) live.add(local);
      else live.delete(local);
      const list = turns.get(local);
      if (list === undefined) turns.set(local, [index]);
      else list.push(index);
    }
  }
  return { atStart: live, atEnd, turns };
}

function addReads(live: Set<LocalId>, operands: readonly Operand[], isTemp: (id: LocalId) => boolean): void {
  for (const operand of operands) {
    if (operand.kind === "place" && isTemp(operand.place.base)) live.add(operand.place.base);
  }
}
