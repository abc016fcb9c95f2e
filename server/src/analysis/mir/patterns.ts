/** Destructuring: patterns in declarations and in assignments, taken apart into one step a name. */
import type {
  ArrayLiteralExpression,
  BinaryExpression,
  BindingElement,
  BindingName,
  BindingPattern,
  ComputedPropertyName,
  Expression,
  Node,
  ObjectLiteralExpression,
  PropertyAssignment,
  ShorthandPropertyAssignment,
  SpreadAssignment,
  SpreadElement,
  VariableDeclaration,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import { assignTo, isAssignment } from "./assignments.js";
import {
  asOperand,
  asPlace,
  assign,
  asTemp,
  branch,
  enter,
  jump,
  newBlock,
  placeOf,
  placeOperand,
  use,
} from "./builder.js";
import { keyOf, project } from "./calls.js";
import { lowerExpression, lowerOperand } from "./expressions.js";
import type { Operand, Place, Projection, Value } from "./mir.js";
import { lookup } from "./scopes.js";
import type { BodyState } from "./state.js";
import { maxDepth, spanOf } from "./state.js";
import { listed, propertyNameOf, textOf, unwrapped } from "./syntax.js";

/** Gives a declared name or pattern its value. The span of a plain variable's step is its whole declaration. */
export function bindName(b: BodyState, name: BindingName, value: Value, declaration?: VariableDeclaration): void {
  const span = spanOf(b.file, declaration ?? name);
  if (name.kind === SyntaxKind.Identifier) {
    const local = lookup(b.frame, textOf(name) ?? "");
    if (local === undefined) {
      asOperand(b, value, span);
      return;
    }
    assign(b, placeOf(local), value, span, true);
    if (value.kind === "use" && value.operand.kind === "item" && b.file.locals[local]?.kind === "const") {
      b.file.aliasOf.set(local, value.operand);
    }
    return;
  }
  const source = asOperand(b, value, span);
  b.file.depth++;
  if (b.file.depth <= maxDepth) bindPattern(b, name as BindingPattern, source);
  b.file.depth--;
}

function bindPattern(b: BodyState, pattern: BindingPattern, source: Operand): void {
  const array = pattern.kind === SyntaxKind.ArrayBindingPattern;
  listed<Node>(pattern.elements).forEach((node, index) => {
    const element = node as BindingElement;
    if (element.name === undefined) return;
    const span = spanOf(b.file, element);
    const key = element.propertyName ?? element.name;
    const part = array
      ? indexed(b, source, index, element.dotDotDotToken !== undefined, span)
      : element.dotDotDotToken !== undefined
        ? rest(b, source)
        : use(project(b, source, projectionOf(b, key), span, key));
    if (!array && element.dotDotDotToken === undefined) noteMember(b, element.name, key);
    bindName(b, element.name, withDefault(b, part, element.initializer, span));
  });
}

function noteMember(b: BodyState, name: BindingName, key: Node): void {
  if (name.kind !== SyntaxKind.Identifier || propertyNameOf(key) === undefined) return;
  const local = lookup(b.frame, textOf(name) ?? "");
  if (local !== undefined) b.file.memberOf.set(local, key);
}

function indexed(b: BodyState, source: Operand, index: number, isRest: boolean, span: Span): Value {
  const place = asPlace(b, source);
  if (isRest) return { kind: "element", of: placeOperand(place, source.span), async: false, rest: true };
  return use(placeOperand(placeOf(place.base, [...place.path, { kind: "index", constant: index }]), span));
}

/** `...rest` of an object is a new object that has what the names before it left. */
function rest(b: BodyState, source: Operand): Value {
  const value = placeOperand(asPlace(b, source), source.span);
  return { kind: "object", fields: [{ name: undefined, value, spread: true, shorthand: false }] };
}

function projectionOf(b: BodyState, key: Node): Projection {
  if (key.kind === SyntaxKind.ComputedPropertyName)
    return keyOf(lowerOperand(b, (key as ComputedPropertyName).expression));
  return { kind: "field", name: propertyNameOf(key) ?? "" };
}

/** `= initializer` of a pattern's element or of a parameter: taken where the value is undefined. */
export function withDefault(b: BodyState, value: Value, initializer: Node | undefined, span: Span): Value {
  if (initializer === undefined) return value;
  const place = asTemp(b, value, span);
  fillDefault(b, place, initializer, span);
  return use(placeOperand(place, span));
}

export function fillDefault(b: BodyState, place: Place, initializer: Node, span: Span): void {
  const [absent, after] = [newBlock(b), newBlock(b)];
  branch(b, placeOperand(place, span), { kind: "nullish", place, negated: false }, absent, after);
  enter(b, absent);
  assign(b, place, lowerExpression(b, initializer), spanOf(b.file, initializer), true);
  jump(b, after);
  enter(b, after);
}

/** `[a, b.c] = value` and `({ a, b: c } = value)`; also one name or member, as in `for (x.y of …)`. */
export function assignPattern(b: BodyState, outer: Expression | Node, value: Value, span: Span): void {
  const target = unwrapped(outer);
  const array = target.kind === SyntaxKind.ArrayLiteralExpression;
  if (!array && target.kind !== SyntaxKind.ObjectLiteralExpression) {
    assignTo(b, target, value, span);
    return;
  }
  const source = asOperand(b, value, span);
  b.file.depth++;
  if (b.file.depth <= maxDepth) {
    if (array) assignElements(b, target as ArrayLiteralExpression, source);
    else assignProperties(b, target as ObjectLiteralExpression, source);
  }
  b.file.depth--;
}

function assignElements(b: BodyState, target: ArrayLiteralExpression, source: Operand): void {
  listed(target.elements).forEach((element, index) => {
    if (element.kind === SyntaxKind.OmittedExpression) return;
    const span = spanOf(b.file, element);
    const isRest = element.kind === SyntaxKind.SpreadElement;
    const part = indexed(b, source, index, isRest, span);
    assignPart(b, isRest ? (element as SpreadElement).expression : element, part, span);
  });
}

function assignProperties(b: BodyState, target: ObjectLiteralExpression, source: Operand): void {
  for (const property of listed<Node>(target.properties)) {
    const span = spanOf(b.file, property);
    switch (property.kind) {
      case SyntaxKind.SpreadAssignment:
        assignPart(b, (property as SpreadAssignment).expression, rest(b, source), span);
        break;
      case SyntaxKind.ShorthandPropertyAssignment: {
        const { name, objectAssignmentInitializer } = property as ShorthandPropertyAssignment;
        const part = use(project(b, source, projectionOf(b, name), span, name));
        assignTo(b, name, withDefault(b, part, objectAssignmentInitializer, span), span);
        break;
      }
      case SyntaxKind.PropertyAssignment: {
        const { name, initializer } = property as PropertyAssignment;
        const part = use(project(b, source, projectionOf(b, name), span, name));
        if (initializer !== undefined) assignPart(b, initializer, part, span);
        break;
      }
      default:
        break;
    }
  }
}

function assignPart(b: BodyState, outer: Node, part: Value, span: Span): void {
  const node = unwrapped(outer);
  if (isAssignment(node) && (node as BinaryExpression).operatorToken.kind === SyntaxKind.EqualsToken) {
    const { left, right } = node as BinaryExpression;
    assignPattern(b, left, withDefault(b, part, right, span), span);
  } else assignPattern(b, node, part, span);
}
