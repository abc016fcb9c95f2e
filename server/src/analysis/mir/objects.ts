/** Object literals. */
import type {
  ComputedPropertyName,
  Identifier,
  Node,
  ObjectLiteralExpression,
  PropertyAssignment,
  PropertyName,
  ShorthandPropertyAssignment,
  SpreadAssignment,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import { lowerName, lowerOperand } from "./expressions.js";
import { lowerFunction } from "./functions.js";
import type { ObjectField, Value } from "./mir.js";
import type { BodyState } from "./state.js";
import { spanOf } from "./state.js";
import { isFunctionLike, listed, propertyNameOf } from "./syntax.js";

/** @param qualifier what stands before the names of its members in their symbol keys */
export function lowerObject(b: BodyState, outer: Node, qualifier: string | undefined): Value {
  const properties = listed<Node>((outer as ObjectLiteralExpression).properties);
  return { kind: "object", fields: properties.flatMap((property) => lowerProperty(b, property, qualifier ?? "")) };
}

function lowerProperty(b: BodyState, node: Node, qualifier: string): readonly ObjectField[] {
  switch (node.kind) {
    case SyntaxKind.PropertyAssignment: {
      const name = lowerPropertyName(b, (node as PropertyAssignment).name);
      const value = lowerOperand(b, (node as PropertyAssignment).initializer, { name, qualifier });
      return [{ name, value, spread: false, shorthand: false }];
    }
    case SyntaxKind.ShorthandPropertyAssignment: {
      const name = (node as ShorthandPropertyAssignment).name as Identifier;
      const value = lowerName(b, name, true);
      return [{ name: propertyNameOf(name), value, spread: false, shorthand: true }];
    }
    case SyntaxKind.SpreadAssignment: {
      const value = lowerOperand(b, (node as SpreadAssignment).expression);
      return [{ name: undefined, value, spread: true, shorthand: false }];
    }
    default: {
      if (!isFunctionLike(node)) return [];
      const name = lowerPropertyName(b, (node as Node & { readonly name?: PropertyName }).name);
      const body = lowerFunction(b, node, { name, qualifier });
      return [{ name, value: { kind: "function", body, span: spanOf(b.file, node) }, spread: false, shorthand: false }];
    }
  }
}

/** The fixed name, or undefined for a computed one, whose expression is evaluated here. */
export function lowerPropertyName(b: BodyState, name: Node | undefined): string | undefined {
  if (name?.kind !== SyntaxKind.ComputedPropertyName) return propertyNameOf(name);
  const key = lowerOperand(b, (name as ComputedPropertyName).expression);
  return key.kind === "constant" && typeof key.value === "string" ? key.value : undefined;
}
