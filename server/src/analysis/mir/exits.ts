/** Scopes that open and close, and the ways out of them: `break`, `continue`, `return`, `finally`, `using`. */
import type { Node } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import { asTemp, emit, enter, jump, newBlock, placeOperand, setUnwind, terminate } from "./builder.js";
import type { LocalId, Operand } from "./mir.js";
import { declareBlock, newScope } from "./scopes.js";
import type { BlockDraft, BodyState, Exit, Frame } from "./state.js";
import { maxFinallyCopies } from "./state.js";
import { lowerFinallyBody } from "./try.js";

export interface Opening {
  readonly node: Node;
  readonly kind: "block" | "loop" | "switch" | "catch" | "class";
  readonly span: Span;
  readonly statements: readonly Node[];
  readonly qualifier?: string;
}

/** Opens the scope of a node. The same node opens the same scope again in another copy of a `finally`. */
export function openScope(b: BodyState, opening: Opening): Frame {
  const known = b.file.scopeOf.get(opening.node);
  const frame =
    known ?? newScope(b.file, b.draft, b.frame, opening.kind, opening.span, opening.qualifier ?? b.frame.qualifier);
  if (known === undefined) {
    b.file.scopeOf.set(opening.node, frame);
    declareBlock(b.file, frame, opening.statements);
  }
  b.frame = frame;
  b.exits = [...b.exits, { kind: "scope", frame, disposals: [] }];
  return frame;
}

/** Closes the innermost scope in the normal way. */
export function closeScope(b: BodyState, frame: Frame, at: Span): void {
  const exit = b.exits[b.exits.length - 1];
  b.exits = b.exits.slice(0, -1);
  if (exit?.kind === "scope") leaveScope(b, exit, at);
  b.entered?.push(...frame.locals);
  b.frame = frame.parent ?? frame;
}

function leaveScope(b: BodyState, exit: Extract<Exit, { kind: "scope" }>, at: Span): void {
  b.frame = exit.frame;
  for (const disposal of [...exit.disposals].reverse()) {
    setUnwind(b, disposal.unwind);
    if (b.block.reachable) emit(b, { kind: "dispose", local: disposal.local, async: disposal.async }, endOf(at));
  }
  endScope(b, exit.frame.locals, at);
}

export function endScope(b: BodyState, locals: readonly LocalId[], at: Span): void {
  const ended = locals.filter((id) => b.file.locals[id]?.kind !== "import");
  if (ended.length > 0 && b.block.reachable) emit(b, { kind: "end-scope", locals: ended }, endOf(at));
}

function endOf(span: Span): Span {
  return { start: span.end, end: span.end };
}

/** A `using` variable has its value now: it is disposed of on every way out, exceptions included. */
export function addDisposal(b: BodyState, local: LocalId, async: boolean, span: Span): void {
  const exit = b.exits[b.exits.length - 1];
  if (exit?.kind !== "scope") return;
  exit.disposals.push({ local, async, unwind: b.unwind });
  const cleanup = newBlock(b, b.unwind);
  cleanup.cleanup = true;
  cleanup.reachable = b.block.reachable;
  const resume = b.block;
  enter(b, cleanup);
  emit(b, { kind: "dispose", local, async }, span);
  b.block.end = { kind: "rethrow", span };
  enter(b, resume);
  setUnwind(b, cleanup.id);
}

/** Leaves everything above `depth` exits, in order, then calls `arrive` with the state of the outside. */
function leaveTo(b: BodyState, depth: number, at: Span, arrive: () => void): void {
  const { exits, frame, unwind, entered } = b;
  b.entered = undefined;
  for (let i = exits.length - 1; i >= depth; i--) {
    const exit = exits[i];
    if (exit === undefined) continue;
    b.exits = exits.slice(0, i);
    if (exit.kind === "scope") leaveScope(b, exit, at);
    if (exit.kind === "finally" && !runFinally(b, exit)) break;
  }
  b.exits = exits.slice(0, depth);
  arrive();
  b.exits = exits;
  b.frame = frame;
  b.unwind = unwind;
  b.entered = entered;
  b.block = newBlock(b);
}

/** False where the one shared copy took over and control does not come back here. */
function runFinally(b: BodyState, exit: Extract<Exit, { kind: "finally" }>): boolean {
  b.frame = exit.frame;
  if (exit.shared || b.draft.finallyCopies >= maxFinallyCopies) {
    jump(b, exit.onThrow);
    return false;
  }
  b.draft.finallyCopies++;
  setUnwind(b, exit.unwind);
  lowerFinallyBody(b, exit.node);
  return true;
}

export function lowerBreak(b: BodyState, label: string | undefined, at: Span): void {
  const index = findTarget(b, (exit) => (label === undefined ? exit.breakable : exit.labels.includes(label)));
  const exit = b.exits[index];
  if (exit?.kind === "target") leaveTo(b, index, at, () => jump(b, exit.breakTo));
}

export function lowerContinue(b: BodyState, label: string | undefined, at: Span): void {
  const index = findTarget(
    b,
    (exit) => exit.continueTo !== undefined && (label === undefined || exit.labels.includes(label)),
  );
  const exit = b.exits[index];
  const target: BlockDraft | undefined = exit?.kind === "target" ? exit.continueTo : undefined;
  if (target !== undefined) leaveTo(b, index, at, () => jump(b, target));
}

function findTarget(b: BodyState, fits: (exit: Extract<Exit, { kind: "target" }>) => boolean): number {
  for (let i = b.exits.length - 1; i >= 0; i--) {
    const exit = b.exits[i];
    if (exit?.kind === "target" && fits(exit)) return i;
  }
  return -1;
}

/** Ends the body on this path. The operand outlives the scopes that end before it is returned. */
export function lowerReturn(b: BodyState, operand: Operand | undefined, span: Span): void {
  const value = operand === undefined ? undefined : outliving(b, operand);
  leaveTo(b, 0, span, () => terminate(b, { kind: "return", operand: value, span, implicit: false }));
}

function outliving(b: BodyState, operand: Operand): Operand {
  if (operand.kind !== "place") return operand;
  const local = b.file.locals[operand.place.base];
  if (local === undefined || local.kind === "temp" || local.body !== b.draft.id) return operand;
  return placeOperand(asTemp(b, { kind: "use", operand }, operand.span), operand.span);
}

export function implicitReturn(b: BodyState, at: Span): void {
  leaveTo(b, 0, at, () => terminate(b, { kind: "return", operand: undefined, span: endOf(at), implicit: true }));
}

export function pushTarget(b: BodyState, target: Omit<Extract<Exit, { kind: "target" }>, "kind">): void {
  b.exits = [...b.exits, { kind: "target", ...target }];
}

export function popExit(b: BodyState): void {
  b.exits = b.exits.slice(0, -1);
}
