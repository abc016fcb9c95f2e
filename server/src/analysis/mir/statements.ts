/** Statements, all but loops, `try`, and the declarations that have a file of their own. */
import type {
  Block as BlockNode,
  BreakOrContinueStatement,
  CaseClause,
  ExportAssignment,
  ExportDeclaration,
  ExpressionStatement,
  FunctionDeclaration,
  Identifier,
  IfStatement,
  LabeledStatement,
  NamedExports,
  Node,
  ReturnStatement,
  SwitchStatement,
  ThrowStatement,
  TryStatement,
  VariableDeclaration,
  VariableDeclarationList,
  VariableStatement,
  WithStatement,
} from "typescript/ast";
import { ModifierFlags, SyntaxKind } from "typescript/ast";
import { assign, asTemp, branch, constant, enter, jump, newBlock, placeOf, terminate, use } from "./builder.js";
import { lowerClassDeclaration } from "./classes.js";
import { lowerCondition } from "./conditions.js";
import {
  addDisposal,
  closeScope,
  lowerBreak,
  lowerContinue,
  lowerReturn,
  openScope,
  popExit,
  pushTarget,
} from "./exits.js";
import { lowerDiscarded, lowerExpression, lowerOperand } from "./expressions.js";
import { lowerFunction } from "./functions.js";
import { lowerDo, lowerFor, lowerForIn, lowerForOf, lowerWhile } from "./loops.js";
import type { Operand } from "./mir.js";
import { lowerEnum, lowerImportEquals, lowerNamespace } from "./namespaces.js";
import { giveUp } from "./opaque.js";
import { bindName } from "./patterns.js";
import { lookup, reference } from "./scopes.js";
import type { BodyState } from "./state.js";
import { insideOf, maxDepth, spanOf } from "./state.js";
import { hasModifier, isFunctionLike, listed, textOf, unwrapped, variableKind } from "./syntax.js";
import { lowerTry } from "./try.js";
import { askVariableType } from "./types.js";

/** The statements of one scope: its function declarations first, since they are there from the start. */
export function lowerStatements(b: BodyState, statements: readonly Node[]): void {
  for (const statement of statements) {
    const inner = unlabelled(statement);
    if (inner.kind === SyntaxKind.FunctionDeclaration) hoistFunction(b, inner as FunctionDeclaration);
  }
  for (const statement of statements) lowerStatement(b, statement);
}

function unlabelled(statement: Node): Node {
  let inner = statement;
  while (inner.kind === SyntaxKind.LabeledStatement && (inner as LabeledStatement).statement !== undefined) {
    inner = (inner as LabeledStatement).statement;
  }
  return inner;
}

function hoistFunction(b: BodyState, node: FunctionDeclaration): void {
  if (node.body === undefined || hasModifier(node, ModifierFlags.Ambient)) return;
  const name = textOf(node.name) ?? "default";
  const local = lookup(b.frame, name);
  const outer = b.statement;
  b.statement = spanOf(b.file, node);
  const body = lowerFunction(b, node, { name });
  const span = b.statement;
  if (local !== undefined) {
    const declared = b.file.locals[local];
    if (declared !== undefined) declared.function = body;
    assign(b, placeOf(local), use({ kind: "function", body, span }), span, true);
  }
  b.statement = outer;
}

export function lowerStatement(b: BodyState, node: Node | undefined): void {
  if (node === undefined) return;
  const { statement, labels } = b;
  b.statement = spanOf(b.file, node);
  if (node.kind !== SyntaxKind.LabeledStatement && !isIteration(node)) b.labels = [];
  b.file.depth++;
  if (b.file.depth > maxDepth) giveUp(b, node);
  else lowerKnown(b, node);
  b.file.depth--;
  b.statement = statement;
  b.labels = labels;
}

function isIteration(node: Node): boolean {
  return node.kind >= SyntaxKind.DoStatement && node.kind <= SyntaxKind.ForOfStatement;
}

function lowerKnown(b: BodyState, node: Node): void {
  switch (node.kind) {
    case SyntaxKind.Block:
      lowerBlock(b, node as BlockNode);
      return;
    case SyntaxKind.VariableStatement:
      lowerVariableStatement(b, node as VariableStatement);
      return;
    case SyntaxKind.ExpressionStatement:
      lowerDiscarded(b, (node as ExpressionStatement).expression);
      return;
    case SyntaxKind.IfStatement:
      lowerIf(b, node as IfStatement);
      return;
    case SyntaxKind.DoStatement:
      lowerDo(b, node);
      return;
    case SyntaxKind.WhileStatement:
      lowerWhile(b, node);
      return;
    case SyntaxKind.ForStatement:
      lowerFor(b, node);
      return;
    case SyntaxKind.ForInStatement:
      lowerForIn(b, node);
      return;
    case SyntaxKind.ForOfStatement:
      lowerForOf(b, node);
      return;
    case SyntaxKind.ContinueStatement:
      lowerContinue(b, textOf((node as BreakOrContinueStatement).label), b.statement);
      return;
    case SyntaxKind.BreakStatement:
      lowerBreak(b, textOf((node as BreakOrContinueStatement).label), b.statement);
      return;
    case SyntaxKind.ReturnStatement: {
      const { expression } = node as ReturnStatement;
      lowerReturn(b, expression === undefined ? undefined : lowerOperand(b, expression), b.statement);
      return;
    }
    case SyntaxKind.WithStatement:
      lowerDiscarded(b, (node as WithStatement).expression);
      lowerStatement(b, (node as WithStatement).statement);
      return;
    case SyntaxKind.SwitchStatement:
      lowerSwitch(b, node as SwitchStatement);
      return;
    case SyntaxKind.LabeledStatement:
      lowerLabelled(b, node as LabeledStatement);
      return;
    case SyntaxKind.ThrowStatement: {
      const operand = lowerOperand(b, (node as ThrowStatement).expression);
      terminate(b, { kind: "throw", operand, span: b.statement });
      return;
    }
    case SyntaxKind.TryStatement:
      lowerTry(b, node as TryStatement);
      return;
    default:
      lowerDeclaration(b, node);
      return;
  }
}

function lowerDeclaration(b: BodyState, node: Node): void {
  if (hasModifier(node, ModifierFlags.Ambient)) return;
  switch (node.kind) {
    case SyntaxKind.ClassDeclaration:
      lowerClassDeclaration(b, node);
      return;
    case SyntaxKind.EnumDeclaration:
      lowerEnum(b, node);
      return;
    case SyntaxKind.ModuleDeclaration:
      lowerNamespace(b, node);
      return;
    case SyntaxKind.ImportEqualsDeclaration:
      lowerImportEquals(b, node);
      return;
    case SyntaxKind.ExportAssignment:
      lowerExportAssignment(b, node as ExportAssignment);
      return;
    case SyntaxKind.ExportDeclaration:
      lowerExports(b, node as ExportDeclaration);
      return;
    default:
      // Types, imports, empty statements and hoisted functions do nothing where they stand.
      return;
  }
}

export function lowerBlock(b: BodyState, node: BlockNode | undefined): void {
  if (node === undefined) return;
  const statements = listed(node.statements);
  const span = insideOf(b.file, node);
  const frame = openScope(b, { node, kind: "block", span, statements });
  lowerStatements(b, statements);
  closeScope(b, frame, span);
}

function lowerVariableStatement(b: BodyState, node: VariableStatement): void {
  if (hasModifier(node, ModifierFlags.Ambient)) return;
  lowerVariables(b, node.declarationList);
}

export function lowerVariables(b: BodyState, list: VariableDeclarationList | undefined): void {
  const kind = list === undefined ? "var" : variableKind(list);
  for (const variable of listed(list?.declarations)) {
    lowerVariable(b, variable);
    if (kind !== "using" && kind !== "await-using") continue;
    const local = lookup(b.frame, textOf(variable.name) ?? "");
    if (local !== undefined) addDisposal(b, local, kind === "await-using", spanOf(b.file, variable));
  }
}

function lowerVariable(b: BodyState, node: VariableDeclaration): void {
  if (node.name === undefined) return;
  if (node.initializer === undefined) {
    if (node.type !== undefined) askVariableType(b, node.name, node);
    // Half-typed: the pattern's default values are code all the same.
    if (node.name.kind !== SyntaxKind.Identifier)
      bindName(b, node.name, use(constant(undefined, spanOf(b.file, node))));
    return;
  }
  const initializer = unwrapped(node.initializer);
  const name = node.name.kind === SyntaxKind.Identifier ? textOf(node.name) : undefined;
  if (name === undefined || !(isFunctionLike(initializer) || initializer.kind === SyntaxKind.ClassExpression)) {
    const type = askVariableType(b, node.name, node);
    const value = lowerExpression(b, node.initializer, { name, type });
    bindName(b, node.name, value, node);
    return;
  }
  askVariableType(b, node.name, node);
  const value = lowerExpression(b, node.initializer, { name });
  const local = lookup(b.frame, name);
  const declared = local === undefined ? undefined : b.file.locals[local];
  if (declared !== undefined && value.kind === "use" && value.operand.kind === "function") {
    declared.function = value.operand.body;
  }
  bindName(b, node.name, value, node);
}

/** Follows a chain of `else if` without nesting. */
function lowerIf(b: BodyState, node: IfStatement): void {
  const after = newBlock(b);
  const outer = b.statement;
  for (let at: Node | undefined = node; at !== undefined; ) {
    if (at.kind !== SyntaxKind.IfStatement) {
      lowerStatement(b, at);
      break;
    }
    const { expression, thenStatement, elseStatement } = at as IfStatement;
    b.statement = spanOf(b.file, at);
    const then = newBlock(b);
    const otherwise = newBlock(b);
    lowerCondition(b, expression, then, otherwise);
    enter(b, then);
    lowerStatement(b, thenStatement);
    jump(b, after);
    enter(b, otherwise);
    at = elseStatement;
  }
  b.statement = outer;
  jump(b, after);
  enter(b, after);
}

function lowerSwitch(b: BodyState, node: SwitchStatement): void {
  const subject = lowerOperand(b, node.expression);
  const clauses = listed(node.caseBlock?.clauses);
  const span = node.caseBlock === undefined ? b.statement : insideOf(b.file, node.caseBlock);
  const after = newBlock(b);
  pushTarget(b, { labels: b.labels, breakable: true, breakTo: after, continueTo: undefined });
  const statements = clauses.flatMap((clause) => listed(clause.statements));
  const frame = openScope(b, { node, kind: "switch", span, statements });
  for (const statement of statements) {
    if (statement.kind === SyntaxKind.FunctionDeclaration) hoistFunction(b, statement as FunctionDeclaration);
  }
  const starts = clauses.map(() => newBlock(b));
  const none = newBlock(b);
  let fallback = none;
  clauses.forEach((clause, index) => {
    const start = starts[index] ?? none;
    if (clause.kind === SyntaxKind.DefaultClause) fallback = start;
    else lowerCase(b, subject, clause as CaseClause, start);
  });
  jump(b, fallback);
  clauses.forEach((clause, index) => {
    const start = starts[index] ?? none;
    jump(b, start);
    enter(b, start);
    for (const statement of listed(clause.statements)) lowerStatement(b, statement);
  });
  jump(b, none);
  enter(b, none);
  closeScope(b, frame, span);
  popExit(b);
  jump(b, after);
  enter(b, after);
}

function lowerCase(b: BodyState, subject: Operand, clause: CaseClause, start: ReturnType<typeof newBlock>): void {
  const test = lowerOperand(b, clause.expression);
  const matches = asTemp(b, { kind: "compute", operator: "===", operands: [subject, test] }, test.span);
  const next = newBlock(b);
  branch(b, { kind: "place", place: matches, span: test.span }, { kind: "other" }, start, next);
  enter(b, next);
}

function lowerLabelled(b: BodyState, node: LabeledStatement): void {
  const label = textOf(node.label);
  const labels = label === undefined ? b.labels : [...b.labels, label];
  b.labels = labels;
  if (node.statement === undefined) return;
  if (node.statement.kind === SyntaxKind.LabeledStatement || isIteration(node.statement)) {
    lowerStatement(b, node.statement);
    return;
  }
  const after = newBlock(b);
  pushTarget(b, { labels, breakable: false, breakTo: after, continueTo: undefined });
  lowerStatement(b, node.statement);
  popExit(b);
  jump(b, after);
  enter(b, after);
}

/** `export default …` and `export = …`: the value leaves the module. */
function lowerExportAssignment(b: BodyState, node: ExportAssignment): void {
  const operand = lowerOperand(b, node.expression, { name: "default" });
  markExported(b, operand);
  asTemp(b, { kind: "opaque", operands: [operand] }, b.statement);
}

function markExported(b: BodyState, operand: Operand): void {
  if (operand.kind !== "place" || operand.place.path.length > 0) return;
  const local = b.file.locals[operand.place.base];
  if (local !== undefined) local.exported = true;
}

function lowerExports(b: BodyState, node: ExportDeclaration): void {
  if (node.isTypeOnly || node.moduleSpecifier !== undefined) return;
  if (node.exportClause?.kind !== SyntaxKind.NamedExports) return;
  for (const element of listed((node.exportClause as NamedExports).elements)) {
    if (element.isTypeOnly) continue;
    const name: Identifier = (element.propertyName ?? element.name) as Identifier;
    const local = lookup(b.frame, textOf(name) ?? "");
    const declared = local === undefined ? undefined : b.file.locals[local];
    if (local === undefined || declared === undefined) continue;
    declared.exported = true;
    reference(b, local, spanOf(b.file, name), "read");
  }
}
