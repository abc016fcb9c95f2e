/** `try`, `catch` and `finally`, which is copied for every way out of it. */
import type { Block as BlockNode, CatchClause, Node, TryStatement } from "typescript/ast";
import {
  asTemp,
  branch,
  constant,
  emptySpan,
  enter,
  jump,
  newBlock,
  placeOperand,
  setUnwind,
  terminate,
} from "./builder.js";
import { closeScope, endScope, openScope, popExit } from "./exits.js";
import type { BlockId, LocalId } from "./mir.js";
import { bindName } from "./patterns.js";
import { boundNames, declare } from "./scopes.js";
import type { BlockDraft, BodyState } from "./state.js";
import { insideOf, maxFinallyCopies, spanOf } from "./state.js";
import { lowerBlock, lowerStatements } from "./statements.js";
import { listed, textOf } from "./syntax.js";

export function lowerTry(b: BodyState, node: TryStatement): void {
  if (node.finallyBlock === undefined) {
    lowerCatching(b, node);
    return;
  }
  const unwind = b.unwind;
  const onThrow = handler(b, unwind);
  onThrow.cleanup = true;
  const shared = b.draft.finallyCopies + 2 > maxFinallyCopies;
  b.exits = [...b.exits, { kind: "finally", node: node.finallyBlock, unwind, frame: b.frame, onThrow, shared }];
  setUnwind(b, onThrow.id);
  const ended = collecting(b, () => lowerCatching(b, node));
  popExit(b);
  if (shared) {
    finishShared(b, node.finallyBlock, onThrow, unwind, ended);
    return;
  }
  b.draft.finallyCopies += 2;
  setUnwind(b, unwind);
  lowerFinallyBody(b, node.finallyBlock);
  const after = b.block;
  lowerOnThrow(b, node.finallyBlock, onThrow, ended);
  terminate(b, { kind: "rethrow", span: spanOf(b.file, node.finallyBlock) });
  enter(b, after);
}

/** One copy for all ways out: at its end it either goes on or throws on. Only for absurdly many copies. */
function finishShared(
  b: BodyState,
  node: BlockNode,
  onThrow: BlockDraft,
  unwind: BlockId | undefined,
  ended: readonly LocalId[],
): void {
  jump(b, onThrow);
  b.unwind = unwind;
  lowerOnThrow(b, node, onThrow, ended);
  const after = newBlock(b);
  const rethrow = newBlock(b);
  const condition = constant(undefined, spanOf(b.file, node));
  branch(b, condition, { kind: "other" }, after, rethrow);
  enter(b, rethrow);
  terminate(b, { kind: "rethrow", span: spanOf(b.file, node) });
  enter(b, after);
}

function lowerOnThrow(b: BodyState, node: BlockNode, onThrow: BlockDraft, ended: readonly LocalId[]): void {
  enter(b, onThrow);
  endScope(b, ended, startSpan(b, node));
  lowerFinallyBody(b, node);
}

export function lowerFinallyBody(b: BodyState, node: Node): void {
  lowerBlock(b, node as BlockNode);
}

function lowerCatching(b: BodyState, node: TryStatement): void {
  if (node.catchClause === undefined) {
    lowerBlock(b, node.tryBlock);
    return;
  }
  const unwind = b.unwind;
  const handling = handler(b, unwind);
  setUnwind(b, handling.id);
  const ended = collecting(b, () => lowerBlock(b, node.tryBlock));
  b.unwind = unwind;
  const after = newBlock(b);
  jump(b, after);
  enter(b, handling);
  endScope(b, ended, startSpan(b, node.catchClause));
  lowerCatch(b, node.catchClause);
  jump(b, after);
  enter(b, after);
}

function lowerCatch(b: BodyState, node: CatchClause): void {
  const statements = listed(node.block?.statements);
  const span = node.block === undefined ? spanOf(b.file, node) : insideOf(b.file, node.block);
  const frame = openScope(b, { node, kind: "catch", span, statements });
  const variable = node.variableDeclaration;
  if (variable?.name !== undefined) {
    for (const name of boundNames(variable.name)) {
      const text = textOf(name);
      if (text !== undefined) declare(b.file, frame, { kind: "catch", name: text, node: name, statement: variable });
    }
    const at = spanOf(b.file, variable);
    const caught = placeOperand(asTemp(b, { kind: "caught" }, at), at);
    bindName(b, variable.name, { kind: "use", operand: caught });
  }
  lowerStatements(b, statements);
  closeScope(b, frame, span);
}

function handler(b: BodyState, unwind: BlockId | undefined): BlockDraft {
  const block = newBlock(b, unwind);
  block.reachable = b.block.reachable;
  return block;
}

/** The locals that went in and out of scope while `work` ran: an exception may have skipped their end. */
function collecting(b: BodyState, work: () => void): readonly LocalId[] {
  const outer = b.entered;
  const entered: LocalId[] = [];
  b.entered = entered;
  work();
  b.entered = outer;
  outer?.push(...entered);
  return entered;
}

function startSpan(b: BodyState, node: Node): { start: number; end: number } {
  const { start } = emptySpan(b, node);
  return { start, end: start };
}
