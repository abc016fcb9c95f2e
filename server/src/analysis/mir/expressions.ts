/** Expressions: each becomes a value, with the steps and blocks it needs before. */
import type {
  ArrayLiteralExpression,
  AwaitExpression,
  BinaryExpression,
  ConditionalExpression,
  DeleteExpression,
  Identifier,
  LiteralExpression,
  MetaProperty,
  Node,
  PostfixUnaryExpression,
  PrefixUnaryExpression,
  SpreadElement,
  TemplateExpression,
  TypeOfExpression,
  VoidExpression,
  YieldExpression,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import type { TypeKey } from "../program/program.js";
import { isAssignment, lowerAssignment, lowerUpdate, targetPlace } from "./assignments.js";
import {
  asOperand,
  asPlace,
  assign,
  asTemp,
  branch,
  constant,
  emit,
  emptySpan,
  enter,
  jump,
  newBlock,
  newTemp,
  placeOf,
  placeOperand,
  use,
} from "./builder.js";
import { lowerChain, lowerNew, lowerTagged } from "./calls.js";
import { lowerClass } from "./classes.js";
import { lowerCondition } from "./conditions.js";
import { lowerFunction } from "./functions.js";
import { lowerJsx } from "./jsx.js";
import type { Argument, Operand, Place, Test, Value } from "./mir.js";
import { lowerObject } from "./objects.js";
import { giveUpValue } from "./opaque.js";
import { implicitLocal, lookup, reference } from "./scopes.js";
import type { BlockDraft, BodyState, Draft } from "./state.js";
import { maxDepth, spanOf } from "./state.js";
import { isFunctionLike, listed, operatorText, textOf, unwrapped } from "./syntax.js";
import { held } from "./types.js";

/** What the surroundings of an expression know of it. */
export interface Hint {
  /** The name an anonymous function gets from where it is stored. */
  readonly name?: string | undefined;
  /** What stands before that name in a symbol key: `object.`. */
  readonly qualifier?: string | undefined;
  /** The type of the variable that takes the value. */
  readonly type?: TypeKey | undefined;
  /** The value is awaited at once. */
  readonly awaited?: true;
}

export function lowerOperand(b: BodyState, node: Node | undefined, hint: Hint = {}): Operand {
  const value = lowerExpression(b, node, hint);
  return asOperand(b, value, emptySpan(b, node === undefined ? undefined : unwrapped(node)));
}

export function lowerExpression(b: BodyState, outer: Node | undefined, hint: Hint = {}): Value {
  if (outer === undefined) return use(constant(undefined, emptySpan(b, undefined)));
  const node = unwrapped(outer);
  b.file.depth++;
  const value = b.file.depth > maxDepth ? giveUpValue(b, node) : lowerKnown(b, node, hint);
  b.file.depth--;
  return value;
}

function lowerKnown(b: BodyState, node: Node, hint: Hint): Value {
  const span = spanOf(b.file, node);
  switch (node.kind) {
    case SyntaxKind.Identifier:
      return use(lowerName(b, node as Identifier));
    case SyntaxKind.ThisKeyword:
      return use(lowerImplicit(b, "this", span));
    case SyntaxKind.SuperKeyword:
      return use(lowerImplicit(b, "super", span));
    case SyntaxKind.PropertyAccessExpression:
    case SyntaxKind.ElementAccessExpression:
    case SyntaxKind.CallExpression:
      return lowerChain(b, node, hint);
    case SyntaxKind.NewExpression:
      return lowerNew(b, node, hint);
    case SyntaxKind.TaggedTemplateExpression:
      return lowerTagged(b, node, hint);
    case SyntaxKind.ClassExpression:
      return use(lowerClass(b, node, hint.name));
    case SyntaxKind.BinaryExpression:
      return isAssignment(node)
        ? lowerAssignment(b, node as BinaryExpression)
        : lowerBinary(b, node as BinaryExpression);
    case SyntaxKind.ConditionalExpression:
      return lowerConditional(b, node as ConditionalExpression);
    case SyntaxKind.ObjectLiteralExpression:
      return lowerObject(
        b,
        node,
        hint.name === undefined ? undefined : `${hint.qualifier ?? b.frame.qualifier}${hint.name}.`,
      );
    case SyntaxKind.ArrayLiteralExpression:
      return { kind: "array", elements: lowerArguments(b, (node as ArrayLiteralExpression).elements) };
    case SyntaxKind.MetaProperty:
      return lowerMeta(b, node as MetaProperty, span);
    default:
      if (isFunctionLike(node)) return use({ kind: "function", body: lowerFunction(b, node, hint), span });
      return lowerUnary(b, node, span) ?? lowerLiteral(b, node, span) ?? lowerJsx(b, node) ?? giveUpValue(b, node);
  }
}

/** What a bare name refers to: a local's place, an import, or a global. */
export function lowerName(b: BodyState, node: Identifier, shorthand = false): Operand {
  const span = spanOf(b.file, node);
  const name = textOf(node);
  if (name === undefined) return constant(undefined, span);
  const local = lookup(b.frame, name);
  if (local === undefined) {
    if (name === "undefined") return constant(undefined, span);
    if (name === "arguments") return lowerImplicit(b, "arguments", span);
    return { kind: "item", name, symbol: undefined, local: undefined, span };
  }
  reference(b, local, span, "read", shorthand);
  const declared = b.file.locals[local];
  if (declared?.kind === "import") return held(b, { kind: "item", name, symbol: declared.symbol, local, span });
  return placeOperand(placeOf(local), span);
}

function lowerImplicit(b: BodyState, kind: "this" | "arguments" | "super" | "new.target", span: Span): Operand {
  const local = implicitLocal(b, kind);
  reference(b, local, span, "read");
  return placeOperand(placeOf(local), span);
}

function lowerMeta(b: BodyState, node: MetaProperty, span: Span): Value {
  if (node.keywordToken === SyntaxKind.NewKeyword) return use(lowerImplicit(b, "new.target", span));
  return use({ kind: "item", name: "import.meta", symbol: undefined, local: undefined, span });
}

export function lowerArguments(b: BodyState, nodes: Parameters<typeof listed<Node>>[0]): readonly Draft<Argument>[] {
  return listed(nodes).map((node) =>
    node.kind === SyntaxKind.SpreadElement
      ? { value: lowerOperand(b, (node as SpreadElement).expression), spread: true }
      : { value: lowerOperand(b, node), spread: false },
  );
}

function lowerUnary(b: BodyState, node: Node, span: Span): Value | undefined {
  switch (node.kind) {
    case SyntaxKind.AwaitExpression:
      return { kind: "await", operand: lowerOperand(b, (node as AwaitExpression).expression, { awaited: true }) };
    case SyntaxKind.YieldExpression: {
      const { expression, asteriskToken } = node as YieldExpression;
      const operand = expression === undefined ? undefined : lowerOperand(b, expression);
      return { kind: "yield", operand, delegate: asteriskToken !== undefined };
    }
    case SyntaxKind.VoidExpression: {
      const operand = lowerOperand(b, (node as VoidExpression).expression);
      discard(b, operand, span, true);
      return use(constant(undefined, span));
    }
    case SyntaxKind.TypeOfExpression:
      return compute("typeof", [lowerOperand(b, (node as TypeOfExpression).expression)]);
    case SyntaxKind.DeleteExpression:
      return lowerDelete(b, (node as DeleteExpression).expression, span);
    case SyntaxKind.PostfixUnaryExpression:
      return lowerUpdate(b, (node as PostfixUnaryExpression).operand, (node as PostfixUnaryExpression).operator, span);
    case SyntaxKind.PrefixUnaryExpression:
      return lowerPrefix(b, node as PrefixUnaryExpression, span);
    default:
      return undefined;
  }
}

function lowerPrefix(b: BodyState, node: PrefixUnaryExpression, span: Span): Value {
  const { operator, operand } = node;
  if (operator === SyntaxKind.PlusPlusToken || operator === SyntaxKind.MinusMinusToken) {
    return lowerUpdate(b, operand, operator, span);
  }
  const inner = lowerOperand(b, operand);
  if (operator === SyntaxKind.MinusToken && inner.kind === "constant" && typeof inner.value === "number") {
    return use(constant(-inner.value, span));
  }
  return compute(operatorText(operator), [inner]);
}

function lowerDelete(b: BodyState, node: Node, span: Span): Value {
  const place = targetPlace(b, node, "read");
  if (place === undefined) return compute("delete", []);
  emit(b, { kind: "delete", place }, span);
  return use(constant(true, span));
}

export function compute(operator: string, operands: readonly Operand[]): Value {
  return { kind: "compute", operator, operands };
}

function lowerLiteral(b: BodyState, node: Node, span: Span): Value | undefined {
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return use(constant((node as LiteralExpression).text, span));
    case SyntaxKind.NumericLiteral:
      return use(constant(Number((node as LiteralExpression).text), span));
    case SyntaxKind.BigIntLiteral:
      return use(constant(bigintOf((node as LiteralExpression).text), span));
    case SyntaxKind.RegularExpressionLiteral:
      return compute("regexp", []);
    case SyntaxKind.TrueKeyword:
      return use(constant(true, span));
    case SyntaxKind.FalseKeyword:
      return use(constant(false, span));
    case SyntaxKind.NullKeyword:
      return use(constant(null, span));
    case SyntaxKind.OmittedExpression:
      return use(constant(undefined, span));
    case SyntaxKind.TemplateExpression: {
      const spans = listed((node as TemplateExpression).templateSpans);
      return compute(
        "template",
        spans.map((part) => lowerOperand(b, part.expression)),
      );
    }
    default:
      return undefined;
  }
}

function bigintOf(text: string): bigint {
  const digits = text.replace(/n$/, "");
  return /^(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|\d+)$/.test(digits) ? BigInt(digits) : 0n;
}

/** Operators other than assignments. A chain leans to the left, and is followed without nesting. */
function lowerBinary(b: BodyState, node: BinaryExpression): Value {
  const chain: BinaryExpression[] = [];
  let at: Node = node;
  while (at.kind === SyntaxKind.BinaryExpression && !isAssignment(at)) {
    chain.push(at as BinaryExpression);
    at = unwrapped((at as BinaryExpression).left);
  }
  let value =
    at.kind === SyntaxKind.PrivateIdentifier ? use(constant(textOf(at), spanOf(b.file, at))) : lowerExpression(b, at);
  let span = spanOf(b.file, at);
  for (const link of chain.reverse()) {
    const kind = link.operatorToken?.kind;
    const left = asOperand(b, value, span);
    span = spanOf(b.file, link);
    if (kind === SyntaxKind.CommaToken) {
      discard(b, left, left.span, false);
      value = lowerExpression(b, link.right);
      span = emptySpan(b, link.right);
    } else if (isLogical(kind)) {
      value = lowerLogical(b, left, kind, link.right, span);
    } else {
      value = compute(operatorText(kind), [left, lowerOperand(b, link.right)]);
    }
  }
  return value;
}

function isLogical(kind: SyntaxKind | undefined): boolean {
  return (
    kind === SyntaxKind.AmpersandAmpersandToken ||
    kind === SyntaxKind.BarBarToken ||
    kind === SyntaxKind.QuestionQuestionToken
  );
}

function lowerLogical(b: BodyState, left: Operand, kind: SyntaxKind, right: Node, span: Span): Value {
  const result = asTemp(b, use(left), left.span);
  const otherwise = newBlock(b);
  const after = newBlock(b);
  branchOn(b, left, kind, otherwise, after);
  enter(b, otherwise);
  assign(b, result, lowerExpression(b, right), right === undefined ? span : spanOf(b.file, right));
  jump(b, after);
  enter(b, after);
  return use(placeOperand(result, span));
}

/** Goes to `right` where the left side of `&&`, `||` or `??` does not decide. */
export function branchOn(b: BodyState, left: Operand, kind: SyntaxKind, right: BlockDraft, decided: BlockDraft): void {
  if (kind === SyntaxKind.QuestionQuestionToken) branchOnNullish(b, left, right, decided);
  else if (kind === SyntaxKind.BarBarToken) branch(b, left, testOf(left, "truthy"), decided, right);
  else branch(b, left, testOf(left, "truthy"), right, decided);
}

/** The test needs a place, since the truth of the condition alone does not say whether it is nullish. */
export function branchOnNullish(b: BodyState, operand: Operand, nullish: BlockDraft, otherwise: BlockDraft): void {
  const place = asPlace(b, operand);
  branch(b, placeOperand(place, operand.span), { kind: "nullish", place, negated: false }, nullish, otherwise);
}

export function testOf(operand: Operand, kind: "truthy" | "nullish"): Test {
  return operand.kind === "place" ? { kind, place: operand.place, negated: false } : { kind: "other" };
}

/** Follows `a ? x : b ? y : z` without nesting. */
function lowerConditional(b: BodyState, node: ConditionalExpression): Value {
  const result: Place = placeOf(newTemp(b));
  const after = newBlock(b);
  let at: Node = node;
  while (at.kind === SyntaxKind.ConditionalExpression) {
    const { condition, whenTrue, whenFalse } = at as ConditionalExpression;
    const then = newBlock(b);
    const otherwise = newBlock(b);
    lowerCondition(b, condition, then, otherwise);
    enter(b, then);
    assign(b, result, lowerExpression(b, whenTrue), emptySpan(b, whenTrue));
    jump(b, after);
    enter(b, otherwise);
    at = unwrapped(whenFalse ?? condition);
  }
  assign(b, result, lowerExpression(b, at), spanOf(b.file, at));
  jump(b, after);
  enter(b, after);
  return use(placeOperand(result, spanOf(b.file, node)));
}

export function discard(b: BodyState, operand: Operand, span: Span, onPurpose: boolean): void {
  if (operand.kind === "constant" || operand.kind === "function") return;
  emit(b, { kind: "discard", operand, onPurpose }, span);
}

/** An expression for its effects alone. */
export function lowerDiscarded(b: BodyState, outer: Node | undefined): void {
  if (outer === undefined) return;
  const node = unwrapped(outer);
  switch (node.kind) {
    case SyntaxKind.BinaryExpression: {
      const { left, operatorToken, right } = node as BinaryExpression;
      if (isAssignment(node)) {
        lowerExpression(b, node);
        return;
      }
      if (!isLogical(operatorToken?.kind)) break;
      lowerDiscardedLogical(b, left, operatorToken.kind, right);
      return;
    }
    case SyntaxKind.ConditionalExpression: {
      const { condition, whenTrue, whenFalse } = node as ConditionalExpression;
      const [then, otherwise, after] = [newBlock(b), newBlock(b), newBlock(b)];
      lowerCondition(b, condition, then, otherwise);
      enter(b, then);
      lowerNested(b, whenTrue);
      jump(b, after);
      enter(b, otherwise);
      lowerNested(b, whenFalse);
      jump(b, after);
      enter(b, after);
      return;
    }
    case SyntaxKind.PostfixUnaryExpression:
      lowerExpression(b, node);
      return;
    case SyntaxKind.PrefixUnaryExpression: {
      const { operator } = node as PrefixUnaryExpression;
      if (operator !== SyntaxKind.PlusPlusToken && operator !== SyntaxKind.MinusMinusToken) break;
      lowerExpression(b, node);
      return;
    }
    default:
      break;
  }
  const span = spanOf(b.file, node);
  discard(b, asOperand(b, lowerExpression(b, node), span), span, false);
}

function lowerDiscardedLogical(b: BodyState, left: Node, kind: SyntaxKind, right: Node): void {
  const [rest, after] = [newBlock(b), newBlock(b)];
  if (kind === SyntaxKind.AmpersandAmpersandToken) lowerCondition(b, left, rest, after);
  else if (kind === SyntaxKind.BarBarToken) lowerCondition(b, left, after, rest);
  else branchOn(b, lowerOperand(b, left), kind, rest, after);
  enter(b, rest);
  lowerNested(b, right);
  jump(b, after);
  enter(b, after);
}

function lowerNested(b: BodyState, node: Node): void {
  b.file.depth++;
  if (b.file.depth > maxDepth) lowerExpression(b, node);
  else lowerDiscarded(b, node);
  b.file.depth--;
}
