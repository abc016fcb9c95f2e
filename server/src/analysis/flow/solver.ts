/**
 * One forward dataflow solver for every analysis over the middle form.
 *
 * Kildall's algorithm ("A unified approach to global program optimization", 1973): states flow along the edges until
 * nothing changes. The worklist is ordered by reverse postorder, so that a block is looked at after what comes before it
 * and the result does not depend on anything but the input.
 */
import type { Span } from "../diagnostic.js";
import type { Block, BlockId, Body, Operand, Step, Terminator, Test } from "../mir/mir.js";
import { reversePostorder } from "./graph.js";

/** How control gets from one block to another. */
export type Edge =
  | { readonly kind: "goto"; readonly from: Block; readonly to: BlockId }
  /** `holds`: the side on which the test holds. */
  | {
      readonly kind: "branch";
      readonly from: Block;
      readonly to: BlockId;
      readonly condition: Operand;
      readonly test: Test;
      readonly holds: boolean;
    }
  /** A `throw` statement, or an exception that goes on behind a `finally`. */
  | { readonly kind: "throw"; readonly from: Block; readonly to: BlockId; readonly span: Span }
  /** Some step of the block may have thrown, as any call may: the state is that before the step. */
  | { readonly kind: "unwind"; readonly from: Block; readonly to: BlockId }
  /** The analysis says that a step throws, and in which state. */
  | { readonly kind: "raise"; readonly from: Block; readonly to: BlockId };

/** A join-semilattice and what steps and edges do to its elements. States are immutable. */
export interface Analysis<S> {
  /** The least upper bound. */
  readonly join: (a: S, b: S) => S;
  readonly equals: (a: S, b: S) => boolean;
  /**
   * Undefined: control does not get behind the step.
   *
   * @param raise Says that the step may throw, and in which state.
   */
  readonly step: (
    state: S,
    at: { readonly step: Step; readonly block: Block; readonly index: number },
    raise: (state: S) => void,
  ) => S | undefined;
  /** Undefined: the edge cannot be taken in this state. */
  readonly edge: (state: S, edge: Edge) => S | undefined;
}

/** How control leaves a body. `raise`: a step threw of which the analysis said so. */
export type Ending =
  | Extract<Terminator, { kind: "return" | "throw" | "rethrow" }>
  | { readonly kind: "raise"; readonly span: Span };

/** The state in which control leaves the body. */
export interface Exit<S> {
  readonly block: Block;
  readonly end: Ending;
  readonly state: S;
}

export interface Solution<S> {
  /** The state at the start of each block that is reached. */
  readonly before: ReadonlyMap<BlockId, S>;
  readonly exits: readonly Exit<S>[];
  /** False where the bound was hit: the solution says too little and nothing should be concluded from it. */
  readonly complete: boolean;
}

/** How often one block is looked at, at most. Only a lattice of unbounded height gets near it. */
const maxVisits = 250;

/** Solves `analysis` for `body`, whose first block control enters in the state `entry`. */
export function solve<S>(body: Pick<Body, "blocks">, analysis: Analysis<S>, entry: S): Solution<S> {
  const order = reversePostorder(body.blocks);
  const rank = new Map(order.map((id, index) => [id, index] as const));
  const before = new Map<BlockId, S>([[0, entry]]);
  /** By block, and by step where the step raises. */
  const exits = new Map<string, Exit<S>>();
  const visits = new Map<BlockId, number>();
  const waiting = new Set<BlockId>([0]);

  const flow = (edge: Edge, state: S): void => {
    const arriving = analysis.edge(state, edge);
    if (arriving === undefined) return;
    const known = before.get(edge.to);
    const joined = known === undefined ? arriving : analysis.join(known, arriving);
    if (known !== undefined && analysis.equals(known, joined)) return;
    before.set(edge.to, joined);
    waiting.add(edge.to);
  };

  while (waiting.size > 0) {
    const id = first(waiting, rank);
    waiting.delete(id);
    const count = (visits.get(id) ?? 0) + 1;
    visits.set(id, count);
    if (count > maxVisits) return { before, exits: [...exits.values()], complete: false };
    const block = body.blocks[id];
    const state = before.get(id);
    if (block === undefined || state === undefined) continue;
    run(block, state, analysis, {
      flow,
      leave: (exit, index) => exits.set(`${id}.${index}`, exit),
    });
  }
  return { before, exits: [...exits.values()].sort((a, b) => a.block.id - b.block.id), complete: true };
}

function first(waiting: ReadonlySet<BlockId>, rank: ReadonlyMap<BlockId, number>): BlockId {
  let best = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (const id of waiting) {
    const at = rank.get(id) ?? Number.MAX_SAFE_INTEGER;
    if (at < lowest) {
      lowest = at;
      best = id;
    }
  }
  return best;
}

interface Ways<S> {
  readonly flow: (edge: Edge, state: S) => void;
  /** @param index the step at which control leaves the body; behind the last one for the end of the block */
  readonly leave: (exit: Exit<S>, index: number) => void;
}

/** Takes one state through one block. */
function run<S>(block: Block, start: S, analysis: Analysis<S>, { flow, leave }: Ways<S>): void {
  let state: S | undefined = start;
  // Most steps leave the state as it is, and the handler has then heard of it already.
  let unwound: S | undefined;
  for (let index = 0; index < block.steps.length; index++) {
    const step = block.steps[index]!;
    if (block.unwind !== undefined && state !== unwound && canThrow(step)) {
      flow({ kind: "unwind", from: block, to: block.unwind }, state);
      unwound = state;
    }
    state = analysis.step(state, { step, block, index }, (raised) => {
      if (block.unwind !== undefined) flow({ kind: "raise", from: block, to: block.unwind }, raised);
      else leave({ block, end: { kind: "raise", span: step.span }, state: raised }, index);
    });
    if (state === undefined) return;
  }
  const { end } = block;
  switch (end.kind) {
    case "goto":
      flow({ kind: "goto", from: block, to: end.target }, state);
      return;
    case "branch": {
      const { condition, test } = end;
      flow({ kind: "branch", from: block, to: end.then, condition, test, holds: true }, state);
      flow({ kind: "branch", from: block, to: end.else, condition, test, holds: false }, state);
      return;
    }
    case "throw":
    case "rethrow":
      if (block.unwind === undefined) leave({ block, end, state }, block.steps.length);
      else flow({ kind: "throw", from: block, to: block.unwind, span: end.span }, state);
      return;
    case "return":
      leave({ block, end, state }, block.steps.length);
      return;
    case "unreachable":
      return;
    default:
      end satisfies never;
  }
}

/** Steps that run code which is not ours to see, or that wait. Reading a field can throw too; that is not followed. */
function canThrow(step: Step): boolean {
  if (step.kind === "dispose") return true;
  if (step.kind !== "assign") return false;
  const { kind } = step.value;
  return kind === "call" || kind === "await" || kind === "yield" || kind === "element";
}
