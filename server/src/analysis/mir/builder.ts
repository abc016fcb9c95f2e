/** Blocks and steps: how a body grows. */
import type { Node } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import type {
  Block,
  BlockId,
  LocalId,
  Loop,
  Operand,
  Place,
  Projection,
  Step,
  Terminator,
  Test,
  Value,
} from "./mir.js";
import type { BlockDraft, BodyDraft, BodyState } from "./state.js";
import { addUndeclared, spanOf } from "./state.js";

type WithoutBase<S> = S extends Step ? Omit<S, "span" | "statement" | "scope"> : never;

export function newBlock(b: BodyState, unwind: BlockId | undefined = b.unwind): BlockDraft {
  const block: BlockDraft = {
    id: b.draft.blocks.length,
    steps: [],
    end: undefined,
    unwind,
    loop: undefined,
    reachable: false,
  };
  b.draft.blocks.push(block);
  return block;
}

/** The step becomes the given object: copying it was a fifth of the time that lowering takes. */
export function emit(b: BodyState, step: WithoutBase<Step>, span: Span): void {
  const { statement } = b;
  const fits = span.start >= statement.start && span.end <= statement.end;
  const base = { span, statement: fits ? statement : covering(span, statement), scope: b.frame.id };
  b.block.steps.push(Object.assign(step, base));
}

/** Error recovery can put a node outside of the statement that owns it. */
function covering(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** Ends the current block. What follows is unreachable until `enter` is called. */
export function terminate(b: BodyState, end: Terminator): void {
  b.block.end = end;
  b.block = newBlock(b);
}

export function jump(b: BodyState, target: BlockDraft): void {
  if (b.block.reachable) target.reachable = true;
  terminate(b, { kind: "goto", target: target.id });
}

export function branch(b: BodyState, condition: Operand, test: Test, then: BlockDraft, otherwise: BlockDraft): void {
  if (b.block.reachable) {
    then.reachable = true;
    otherwise.reachable = true;
  }
  // biome-ignore lint/suspicious/noThenProperty: the middle form calls the taken branch `then`.
  terminate(b, { kind: "branch", condition, test, then: then.id, else: otherwise.id });
}

/** Goes on in a block that was made before. */
export function enter(b: BodyState, block: BlockDraft): void {
  b.block = block;
}

/** From here on, exceptions go to `unwind`. */
export function setUnwind(b: BodyState, unwind: BlockId | undefined): void {
  b.unwind = unwind;
  if (b.block.unwind === unwind) return;
  const next = newBlock(b, unwind);
  jump(b, next);
  enter(b, next);
}

export function startLoop(b: BodyState, loop: Loop): BlockDraft {
  const head = newBlock(b);
  head.loop = loop;
  jump(b, head);
  enter(b, head);
  return head;
}

export function newTemp(b: BodyState): LocalId {
  return addUndeclared(b.file, { kind: "temp", name: undefined, body: b.draft.id, scope: b.frame.id });
}

export function placeOf(base: LocalId, path: readonly Projection[] = []): Place {
  return { base, path };
}

export function placeOperand(place: Place, span: Span): Operand {
  return { kind: "place", place, span };
}

export function constant(value: string | number | boolean | bigint | null | undefined, span: Span): Operand {
  return { kind: "constant", value, span };
}

export function use(operand: Operand): Value {
  return { kind: "use", operand };
}

export function assign(b: BodyState, to: Place, value: Value, span: Span, declares = false): void {
  emit(b, { kind: "assign", to, value, declares }, span);
}

/** The value in something that can be named again: itself where it already can, else a new temporary. */
export function asOperand(b: BodyState, value: Value, span: Span): Operand {
  return value.kind === "use" ? value.operand : placeOperand(asTemp(b, value, span), span);
}

export function asTemp(b: BodyState, value: Value, span: Span): Place {
  const place = placeOf(newTemp(b));
  assign(b, place, value, span);
  return place;
}

/** The place an operand is in, made where it is in none. */
export function asPlace(b: BodyState, operand: Operand): Place {
  return operand.kind === "place" ? operand.place : asTemp(b, use(operand), operand.span);
}

export function emptySpan(b: BodyState, node: Node | undefined): Span {
  return node === undefined ? { start: b.statement.start, end: b.statement.start } : spanOf(b.file, node);
}

/** The finished blocks: without empty ones that nothing reaches, and numbered anew. */
export function finishedBlocks(draft: BodyDraft): readonly Block[] {
  const threaded = threadedTargets(draft);
  const blocks = draft.blocks.map((block) => ({
    ...block,
    end: block.end && renamedEnd(block.end, (id) => threaded[id] ?? id),
    unwind: block.unwind === undefined ? undefined : threaded[block.unwind],
  }));
  const kept = keptBlocks(blocks);
  const ids = new Map(kept.map((block, index) => [block.id, index] as const));
  const renamed = (id: BlockId): BlockId => ids.get(id) ?? 0;
  return kept.map((block) => ({
    id: renamed(block.id),
    steps: block.steps,
    end: renamedEnd(block.end ?? { kind: "unreachable" }, renamed),
    unwind: block.unwind === undefined ? undefined : renamed(block.unwind),
    ...(block.cleanup && { cleanup: block.cleanup }),
    loop: block.loop,
  }));
}

/** Where a jump to each block arrives in the end, since blocks that do nothing but jump on are passed over. */
function threadedTargets(draft: BodyDraft): readonly BlockId[] {
  const threaded = new Map<BlockId, BlockId>();
  return draft.blocks.map((block) => {
    const path: BlockId[] = [];
    let at: BlockDraft | undefined = block;
    while (at?.end?.kind === "goto" && at.steps.length === 0 && at.loop === undefined && path.length < 1000) {
      path.push(at.id);
      const known = threaded.get(at.id);
      if (known !== undefined) break;
      at = draft.blocks[at.end.target];
    }
    const target = (at && threaded.get(at.id)) ?? at?.id ?? block.id;
    for (const id of path) threaded.set(id, target);
    return target;
  });
}

function keptBlocks(blocks: readonly BlockDraft[]): readonly BlockDraft[] {
  const incoming = new Array<number>(blocks.length).fill(0);
  for (const block of blocks) for (const id of successors(block)) incoming[id] = (incoming[id] ?? 0) + 1;
  const dead = new Set<BlockId>();
  const queue = blocks.filter((block) => incoming[block.id] === 0);
  for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
    if (block.id === 0 || block.steps.length > 0) continue;
    dead.add(block.id);
    for (const id of successors(block)) {
      incoming[id] = (incoming[id] ?? 0) - 1;
      const next = blocks[id];
      if (incoming[id] === 0 && next !== undefined) queue.push(next);
    }
  }
  return blocks.filter((block) => !dead.has(block.id));
}

function successors(block: BlockDraft): readonly BlockId[] {
  const unwind = block.unwind === undefined ? [] : [block.unwind];
  switch (block.end?.kind) {
    case "goto":
      return [block.end.target, ...unwind];
    case "branch":
      return [block.end.then, block.end.else, ...unwind];
    default:
      return unwind;
  }
}

function renamedEnd(end: Terminator, renamed: (id: BlockId) => BlockId): Terminator {
  switch (end.kind) {
    case "goto":
      return { ...end, target: renamed(end.target) };
    case "branch":
      // biome-ignore lint/suspicious/noThenProperty: the middle form calls the taken branch `then`.
      return { ...end, then: renamed(end.then), else: renamed(end.else) };
    default:
      return end;
  }
}
