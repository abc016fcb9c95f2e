/** Where each temporary is used for the last time: from there on, what it held is held by nobody. */
import type { Body, Local, LocalId, Operand } from "../mir/mir.js";
import { successors } from "./graph.js";
import { readAtEnd, readBy, writtenBy } from "./operands.js";

export interface Liveness {
  /** The temporaries that are alive behind step `index` of a block, or at the start of its end where there is none. */
  liveAfter(block: number, index: number): ReadonlySet<LocalId>;
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
      const live = perStep(body, id, starts, isTemp)[0] ?? new Set<LocalId>();
      if (live.size === starts[id]?.size) continue;
      starts[id] = live;
      changed = true;
    }
  }
  const afters = new Map<number, readonly ReadonlySet<LocalId>[]>();
  const stepsOf = (id: number): readonly ReadonlySet<LocalId>[] => {
    const known = afters.get(id) ?? perStep(body, id, starts, isTemp);
    afters.set(id, known);
    return known;
  };
  return {
    liveAfter: (block, index) => stepsOf(block)[index + 1] ?? new Set(),
    liveAtStart: (block) => starts[block] ?? new Set(),
  };
}

/** The live temporaries before each step of a block, and behind the last one. */
function perStep(
  body: Pick<Body, "blocks">,
  id: number,
  starts: readonly ReadonlySet<LocalId>[],
  isTemp: (id: LocalId) => boolean,
): Set<LocalId>[] {
  const block = body.blocks[id];
  if (block === undefined) return [];
  let live = new Set<LocalId>();
  for (const next of successors(block)) for (const local of starts[next] ?? []) live.add(local);
  addReads(live, readAtEnd(block), isTemp);
  const result = [live];
  for (const step of block.steps.toReversed()) {
    const before = new Set(live);
    const written = writtenBy(step);
    if (written !== undefined) {
      if (written.path.length === 0) before.delete(written.base);
      else if (isTemp(written.base)) before.add(written.base);
    }
    addReads(before, readBy(step), isTemp);
    live = before;
    result.push(live);
  }
  return result.reverse();
}

function addReads(live: Set<LocalId>, operands: readonly Operand[], isTemp: (id: LocalId) => boolean): void {
  for (const operand of operands) {
    if (operand.kind === "place" && isTemp(operand.place.base)) live.add(operand.place.base);
  }
}
