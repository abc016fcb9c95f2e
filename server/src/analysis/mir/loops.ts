/** Loops: a head that the last step of each turn comes back to. */
import type {
  DoStatement,
  Expression,
  ForInOrOfStatement,
  ForStatement,
  Node,
  VariableDeclarationList,
  WhileStatement,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import { asTemp, branch, enter, jump, newBlock, placeOperand, startLoop } from "./builder.js";
import { lowerCondition } from "./conditions.js";
import { addDisposal, closeScope, openScope, popExit, pushTarget } from "./exits.js";
import { lowerDiscarded, lowerOperand } from "./expressions.js";
import type { Loop, Value } from "./mir.js";
import { assignPattern, bindName } from "./patterns.js";
import { declareVariables, lookup } from "./scopes.js";
import type { BlockDraft, BodyState } from "./state.js";
import { insideOf, spanOf } from "./state.js";
import { lowerStatement, lowerVariables } from "./statements.js";
import { listed, textOf, variableKind } from "./syntax.js";
import { askVariableType } from "./types.js";

export function lowerWhile(b: BodyState, node: Node): void {
  const { expression, statement } = node as WhileStatement;
  const head = startLoop(b, loopOf(b, "while", statement));
  const body = newBlock(b);
  const after = newBlock(b);
  lowerCondition(b, expression, body, after);
  lowerTurn(b, statement, { body, continueTo: head, after });
  jump(b, head);
  enter(b, after);
}

export function lowerDo(b: BodyState, node: Node): void {
  const { expression, statement } = node as DoStatement;
  const head = startLoop(b, loopOf(b, "do", statement));
  const test = newBlock(b);
  const after = newBlock(b);
  lowerTurn(b, statement, { body: head, continueTo: test, after });
  jump(b, test);
  enter(b, test);
  lowerCondition(b, expression, head, after);
  enter(b, after);
}

export function lowerFor(b: BodyState, node: Node): void {
  const { initializer, condition, incrementor, statement } = node as ForStatement;
  const frame = openScope(b, { node, kind: "loop", span: b.statement, statements: [] });
  if (initializer?.kind === SyntaxKind.VariableDeclarationList) {
    const list = initializer as VariableDeclarationList;
    if (variableKind(list) !== "var") declareVariables(b.file, frame, list, node);
    lowerVariables(b, list);
  } else if (initializer !== undefined) lowerDiscarded(b, initializer);
  const head = startLoop(b, loopOf(b, "for", statement));
  const body = newBlock(b);
  const step = newBlock(b);
  const after = newBlock(b);
  if (condition === undefined) jump(b, body);
  else lowerCondition(b, condition, body, after);
  lowerTurn(b, statement, { body, continueTo: step, after });
  jump(b, step);
  enter(b, step);
  if (incrementor !== undefined) lowerDiscarded(b, incrementor);
  jump(b, head);
  enter(b, after);
  closeScope(b, frame, b.statement);
}

export function lowerForOf(b: BodyState, node: Node): void {
  const { awaitModifier, expression } = node as ForInOrOfStatement;
  const async = awaitModifier !== undefined;
  const of = lowerOperand(b, expression);
  lowerEach(b, node as ForInOrOfStatement, async ? "for-await" : "for-of", of.span, {
    kind: "element",
    of,
    async,
    rest: false,
  });
}

export function lowerForIn(b: BodyState, node: Node): void {
  const of = lowerOperand(b, (node as ForInOrOfStatement).expression);
  lowerEach(b, node as ForInOrOfStatement, "for-in", of.span, { kind: "compute", operator: "for-in", operands: [of] });
}

function lowerEach(b: BodyState, node: ForInOrOfStatement, kind: Loop["kind"], of: Span, element: Value): void {
  const head = startLoop(b, loopOf(b, kind, node.statement));
  const turn = newBlock(b);
  const after = newBlock(b);
  const condition = element.kind === "element" ? element.of : lowerNothing(of);
  branch(b, condition, { kind: "other" }, turn, after);
  enter(b, turn);
  pushTarget(b, { labels: b.labels, breakable: true, breakTo: after, continueTo: head });
  b.labels = [];
  const frame = openScope(b, { node, kind: "loop", span: b.statement, statements: [] });
  bindEach(b, node, element, of);
  lowerStatement(b, node.statement);
  closeScope(b, frame, b.statement);
  popExit(b);
  jump(b, head);
  enter(b, after);
}

function lowerNothing(span: Span): ReturnType<typeof placeOperand> {
  return { kind: "constant", value: undefined, span };
}

function bindEach(b: BodyState, node: ForInOrOfStatement, element: Value, of: Span): void {
  const target = node.initializer;
  if (target === undefined) return;
  if (target.kind !== SyntaxKind.VariableDeclarationList) {
    const value = placeOperand(asTemp(b, element, of), of);
    assignPattern(b, target as Expression, { kind: "use", operand: value }, spanOf(b.file, target));
    return;
  }
  const list = target as VariableDeclarationList;
  const kind = variableKind(list);
  if (kind !== "var") declareVariables(b.file, b.frame, list, node);
  for (const variable of listed(list.declarations)) {
    askVariableType(b, variable.name, variable);
    bindName(b, variable.name, element, variable);
    const local = lookup(b.frame, textOf(variable.name) ?? "");
    if (local === undefined || (kind !== "using" && kind !== "await-using")) continue;
    addDisposal(b, local, kind === "await-using", spanOf(b.file, variable));
  }
}

interface Turn {
  readonly body: BlockDraft;
  readonly continueTo: BlockDraft;
  readonly after: BlockDraft;
}

function lowerTurn(b: BodyState, statement: Node, turn: Turn): void {
  const { labels } = b;
  pushTarget(b, { labels, breakable: true, breakTo: turn.after, continueTo: turn.continueTo });
  b.labels = [];
  enter(b, turn.body);
  lowerStatement(b, statement);
  popExit(b);
}

function loopOf(b: BodyState, kind: Loop["kind"], statement: Node | undefined): Loop {
  const body = statement === undefined ? b.statement : insideOf(b.file, statement);
  return { kind, span: b.statement, body };
}
