/** What is nested too deeply to follow: one step that uses every name in it. */
import type { Identifier, Node, PropertyAccessExpression } from "typescript/ast";
import { isTypeNode, SyntaxKind } from "typescript/ast";
import { asTemp, placeOf, placeOperand } from "./builder.js";
import type { Operand, Value } from "./mir.js";
import { lookup, reference } from "./scopes.js";
import type { BodyState } from "./state.js";
import { spanOf } from "./state.js";
import { textOf } from "./syntax.js";

export function giveUp(b: BodyState, node: Node): void {
  asTemp(b, giveUpValue(b, node), spanOf(b.file, node));
}

/** Every name in the subtree is taken as read, unless it could be declared inside. */
export function giveUpValue(b: BodyState, root: Node): Value {
  const found = new Map<number, Operand>();
  const pending: Node[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isTypeNode(node) && node.kind !== SyntaxKind.ExpressionWithTypeArguments) continue;
    if (node.kind === SyntaxKind.Identifier) {
      const local = isNameOnly(node) ? undefined : lookup(b.frame, textOf(node as Identifier) ?? "");
      if (local === undefined) continue;
      const span = spanOf(b.file, node);
      reference(b, local, span, "read");
      if (!found.has(local)) found.set(local, placeOperand(placeOf(local), span));
      continue;
    }
    node.forEachChild((child) => {
      pending.push(child);
      return undefined;
    });
  }
  return { kind: "opaque", operands: [...found.values()] };
}

/** A member's or declaration's name is no use of a binding. */
function isNameOnly(node: Node): boolean {
  const parent = node.parent as (Node & { readonly name?: Node }) | undefined;
  if (parent?.kind === SyntaxKind.PropertyAccessExpression) return (parent as PropertyAccessExpression).name === node;
  if (parent?.kind === SyntaxKind.ShorthandPropertyAssignment) return false;
  return parent?.name === node;
}
