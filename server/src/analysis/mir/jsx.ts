/** JSX: an element keeps its component, its attributes and its children. */
import type {
  Identifier,
  JsxAttribute,
  JsxElement,
  JsxExpression,
  JsxFragment,
  JsxOpeningElement,
  JsxSpreadAttribute,
  Node,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import { lowerOperand } from "./expressions.js";
import type { Operand, Value } from "./mir.js";
import type { BodyState } from "./state.js";
import { listed, textOf } from "./syntax.js";

export function lowerJsx(b: BodyState, node: Node): Value | undefined {
  switch (node.kind) {
    case SyntaxKind.JsxElement: {
      const { openingElement, children } = node as JsxElement;
      return {
        kind: "opaque",
        operands: [...lowerOpening(b, openingElement), ...lowerChildren(b, listed<Node>(children))],
      };
    }
    case SyntaxKind.JsxSelfClosingElement:
      return { kind: "opaque", operands: lowerOpening(b, node as JsxOpeningElement) };
    case SyntaxKind.JsxFragment:
      return { kind: "opaque", operands: lowerChildren(b, listed<Node>((node as JsxFragment).children)) };
    case SyntaxKind.JsxExpression: {
      const { expression } = node as JsxExpression;
      return { kind: "opaque", operands: expression === undefined ? [] : [lowerOperand(b, expression)] };
    }
    default:
      return undefined;
  }
}

function lowerOpening(b: BodyState, node: JsxOpeningElement | undefined): readonly Operand[] {
  if (node === undefined) return [];
  const operands: Operand[] = isIntrinsic(node.tagName) ? [] : [lowerOperand(b, node.tagName)];
  for (const attribute of listed<Node>(node.attributes?.properties)) {
    const { initializer } = attribute as JsxAttribute;
    if (attribute.kind === SyntaxKind.JsxSpreadAttribute) {
      operands.push(lowerOperand(b, (attribute as JsxSpreadAttribute).expression));
    } else if (initializer !== undefined) operands.push(...lowerChildren(b, [initializer]));
  }
  return operands;
}

/** `<div>` and `<svg:a>` name elements; `<List>` and `<ui.list>` name bindings. */
function isIntrinsic(tag: Node | undefined): boolean {
  if (tag === undefined || tag.kind === SyntaxKind.JsxNamespacedName) return true;
  if (tag.kind !== SyntaxKind.Identifier) return false;
  const name = textOf(tag as Identifier) ?? "";
  return name === "" || /^[a-z]/.test(name) || name.includes("-");
}

function lowerChildren(b: BodyState, children: readonly Node[]): readonly Operand[] {
  return children.flatMap((child) => {
    if (child.kind === SyntaxKind.JsxText) return [];
    if (child.kind !== SyntaxKind.JsxExpression) return [lowerOperand(b, child)];
    const { expression } = child as JsxExpression;
    return expression === undefined ? [] : [lowerOperand(b, expression)];
  });
}
