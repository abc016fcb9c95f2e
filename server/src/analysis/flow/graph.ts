/** The shape of a body's control-flow graph: orders, and the loops in it. */
import type { Block, BlockId, Terminator } from "../mir/mir.js";

/** Where control can go from the end of a block; exceptions are left out. */
function targets(end: Terminator): readonly BlockId[] {
  switch (end.kind) {
    case "goto":
      return [end.target];
    case "branch":
      return [end.then, end.else];
    case "return":
    case "throw":
    case "rethrow":
    case "unreachable":
      return [];
    default:
      return end satisfies never;
  }
}

/** Every successor, the exceptional one too. */
export function successors(block: Block): readonly BlockId[] {
  return block.unwind === undefined ? targets(block.end) : [...targets(block.end), block.unwind];
}

/** The blocks that control can reach from the first one, each before its successors where there is no loop. */
export function reversePostorder(blocks: readonly Block[]): readonly BlockId[] {
  return depthFirst(blocks).postorder.toReversed();
}

/** For each head of a loop, the blocks of the loop: those from which a jump back to the head is reached. */
export function naturalLoops(blocks: readonly Block[]): Loops {
  const known = loopsOf.get(blocks);
  if (known !== undefined) return known;
  const loops = findLoops(blocks);
  loopsOf.set(blocks, loops);
  return loops;
}

type Loops = ReadonlyMap<BlockId, ReadonlySet<BlockId>>;

/** Several rules ask of each call in a body. */
const loopsOf = new WeakMap<readonly Block[], Loops>();

function findLoops(blocks: readonly Block[]): Loops {
  const { backEdges } = depthFirst(blocks);
  const loops = new Map<BlockId, Set<BlockId>>();
  if (backEdges.length === 0) return loops;
  const predecessors = new Map<BlockId, BlockId[]>();
  for (const block of blocks) {
    for (const to of successors(block)) {
      const known = predecessors.get(to);
      if (known === undefined) predecessors.set(to, [block.id]);
      else known.push(block.id);
    }
  }
  for (const { from, to } of backEdges) {
    const members = loops.get(to) ?? new Set([to]);
    const waiting = [from];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (members.has(id)) continue;
      members.add(id);
      waiting.push(...(predecessors.get(id) ?? []));
    }
    loops.set(to, members);
  }
  return loops;
}

/** The smallest loop that a block is in: its head, and the blocks of it. */
export function innermostLoop(
  blocks: readonly Block[],
  block: BlockId,
): { readonly head: BlockId; readonly members: ReadonlySet<BlockId> } | undefined {
  const loops = naturalLoops(blocks);
  if (loops.size === 0) return undefined;
  const around = [...loops].filter(([, members]) => members.has(block));
  const [innermost] = around.sort(([, a], [, b]) => a.size - b.size);
  return innermost && { head: innermost[0], members: innermost[1] };
}

interface DepthFirst {
  readonly postorder: readonly BlockId[];
  /** Edges to a block that is still being walked: jumps back to the head of a loop. */
  readonly backEdges: readonly { readonly from: BlockId; readonly to: BlockId }[];
}

/** Iterative, since a long file can nest deeper than the stack. */
function depthFirst(blocks: readonly Block[]): DepthFirst {
  const postorder: BlockId[] = [];
  const backEdges: { from: BlockId; to: BlockId }[] = [];
  const state = new Map<BlockId, "open" | "done">();
  const entry = blocks[0];
  if (entry === undefined) return { postorder, backEdges };
  const stack = [{ id: entry.id, next: successors(entry).toReversed() }];
  state.set(entry.id, "open");
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = top.next.pop();
    if (to === undefined) {
      state.set(top.id, "done");
      postorder.push(top.id);
      stack.pop();
      continue;
    }
    const block = blocks[to];
    if (state.get(to) === "open") backEdges.push({ from: top.id, to });
    if (block === undefined || state.has(to)) continue;
    state.set(to, "open");
    stack.push({ id: to, next: successors(block).toReversed() });
  }
  return { postorder, backEdges };
}
