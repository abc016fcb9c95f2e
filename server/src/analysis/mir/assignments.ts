/** Assignments and updates, and the places they write to. */
import type {
  BinaryExpression,
  ElementAccessExpression,
  Expression,
  Identifier,
  Node,
  PropertyAccessExpression,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import {
  asOperand,
  assign,
  asTemp,
  emit,
  enter,
  jump,
  newBlock,
  newTemp,
  placeOf,
  placeOperand,
  use,
} from "./builder.js";
import { keyOf } from "./calls.js";
import { branchOn, lowerExpression, lowerOperand } from "./expressions.js";
import type { Operand, Place, Projection, Reference, Value } from "./mir.js";
import { assignPattern } from "./patterns.js";
import { lookup, reference } from "./scopes.js";
import type { BodyState } from "./state.js";
import { spanOf } from "./state.js";
import { isFunctionLike, operatorText, textOf, unwrapped } from "./syntax.js";

export function isAssignment(node: Node): boolean {
  if (node.kind !== SyntaxKind.BinaryExpression) return false;
  const kind = (node as BinaryExpression).operatorToken?.kind;
  return kind !== undefined && kind >= SyntaxKind.FirstAssignment && kind <= SyntaxKind.LastAssignment;
}

const logical: ReadonlyMap<SyntaxKind, SyntaxKind> = new Map([
  [SyntaxKind.AmpersandAmpersandEqualsToken, SyntaxKind.AmpersandAmpersandToken],
  [SyntaxKind.BarBarEqualsToken, SyntaxKind.BarBarToken],
  [SyntaxKind.QuestionQuestionEqualsToken, SyntaxKind.QuestionQuestionToken],
]);

export function lowerAssignment(b: BodyState, node: BinaryExpression): Value {
  const kind = node.operatorToken.kind;
  const span = spanOf(b.file, node);
  const target = unwrapped(node.left);
  if (kind === SyntaxKind.EqualsToken) return lowerPlainAssignment(b, target, node.right, span);
  const short = logical.get(kind);
  if (short === undefined) {
    const value = (): Operand => lowerOperand(b, node.right);
    return updatePlace(b, target, operatorText(kind), value, span);
  }
  const place = targetPlace(b, target, "update");
  if (place === undefined) return lowerExpression(b, node.right);
  const current = placeOperand(place, spanOf(b.file, target));
  const [rest, after] = [newBlock(b), newBlock(b)];
  branchOn(b, current, short, rest, after);
  enter(b, rest);
  assign(b, place, lowerExpression(b, node.right, { name: nameOf(target) }), span);
  jump(b, after);
  enter(b, after);
  return use(current);
}

function lowerPlainAssignment(b: BodyState, target: Node, right: Expression, span: Span): Value {
  if (target.kind === SyntaxKind.ObjectLiteralExpression || target.kind === SyntaxKind.ArrayLiteralExpression) {
    const operand = lowerOperand(b, right);
    assignPattern(b, target, use(operand), span);
    return use(operand);
  }
  const place = targetPlace(b, target, "write");
  const value = lowerExpression(b, right, { name: nameOf(target) });
  if (place === undefined) {
    const operand = asOperand(b, value, span);
    asTemp(b, { kind: "opaque", operands: [operand] }, span);
    return use(operand);
  }
  assign(b, place, value, span);
  return value.kind === "use" ? value : use(placeOperand(place, spanOf(b.file, target)));
}

function nameOf(target: Node): string | undefined {
  if (target.kind === SyntaxKind.Identifier) return textOf(target);
  return target.kind === SyntaxKind.PropertyAccessExpression
    ? textOf((target as PropertyAccessExpression).name)
    : undefined;
}

/** Stores a value that is there already in an assignment target: a name, a member or a pattern. */
export function assignTo(b: BodyState, outer: Node, value: Value, span: Span): void {
  const target = unwrapped(outer);
  if (target.kind === SyntaxKind.ObjectLiteralExpression || target.kind === SyntaxKind.ArrayLiteralExpression) {
    assignPattern(b, target, value, span);
    return;
  }
  const place = targetPlace(b, target, "write");
  if (place !== undefined) assign(b, place, value, span);
  else asTemp(b, { kind: "opaque", operands: [asOperand(b, value, span)] }, span);
}

export function lowerUpdate(b: BodyState, operand: Node, operator: SyntaxKind, span: Span): Value {
  return updatePlace(b, unwrapped(operand), operatorText(operator), () => undefined, span);
}

function updatePlace(
  b: BodyState,
  target: Node,
  operator: string,
  operand: () => Operand | undefined,
  span: Span,
): Value {
  const place = targetPlace(b, target, "update");
  const value = operand();
  if (place === undefined) return { kind: "opaque", operands: value === undefined ? [] : [value] };
  const result = newTemp(b);
  emit(b, { kind: "update", place, operator, value, result }, span);
  return use(placeOperand(placeOf(result), span));
}

/** The place a target names. Undefined for a global or what cannot be assigned to, whose parts are evaluated. */
export function targetPlace(b: BodyState, outer: Node, access: Reference["access"]): Place | undefined {
  const node = unwrapped(outer);
  switch (node.kind) {
    case SyntaxKind.Identifier: {
      const local = lookup(b.frame, textOf(node as Identifier) ?? "");
      if (local === undefined) return undefined;
      reference(b, local, spanOf(b.file, node), access);
      return placeOf(local);
    }
    case SyntaxKind.PropertyAccessExpression: {
      const { expression, name } = node as PropertyAccessExpression;
      const base = lowerOperand(b, expression);
      return extended(b, base, { kind: "field", name: textOf(name) ?? "" });
    }
    case SyntaxKind.ElementAccessExpression: {
      const { expression, argumentExpression } = node as ElementAccessExpression;
      const base = lowerOperand(b, expression);
      return extended(b, base, keyOf(lowerOperand(b, argumentExpression)));
    }
    default:
      if (isFunctionLike(node)) return undefined;
      lowerExpression(b, node);
      return undefined;
  }
}

function extended(b: BodyState, base: Operand, step: Projection): Place {
  if (base.kind === "place") return placeOf(base.place.base, [...base.place.path, step]);
  if (base.kind === "item" && base.local !== undefined) {
    const fields = base.name.split(".").slice(1);
    return placeOf(base.local, [...fields.map((name) => ({ kind: "field", name }) as const), step]);
  }
  return placeOf(asTemp(b, use(base), base.span).base, [step]);
}
