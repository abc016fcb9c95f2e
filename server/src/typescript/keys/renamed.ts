/** Declarations that give something else another name, and do no more. */
import {
  type Expression,
  isBindingElement,
  isCallExpression,
  isIdentifier,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isVariableDeclaration,
  type Node,
  NodeFlags,
  SyntaxKind,
} from "typescript/ast";
import type { Checker, Symbol as TsSymbol } from "typescript/async";

/**
 * What a declaration names again: `const start = thread.spawn`, `const { spawn: start } = thread`, `{ start: thread.spawn }`, and
 * the same with `.bind(thread)` behind it. Undefined for all others.
 */
export async function renamed(checker: Checker, node: Node): Promise<TsSymbol | undefined> {
  if (isBindingElement(node)) return isConstant(node.parent.parent) ? takenProperty(checker, node) : undefined;
  const isName = isPropertyAssignment(node) || (isVariableDeclaration(node) && isConstant(node));
  if (!isName || node.initializer === undefined) return undefined;
  const name = writtenName(node.initializer);
  return name && checker.getSymbolAtLocation(name);
}

function isConstant(node: Node): boolean {
  return isVariableDeclaration(node) && node.parent !== undefined && Boolean(node.parent.flags & NodeFlags.Const);
}

/** The property that a pattern takes. */
async function takenProperty(checker: Checker, node: Node): Promise<TsSymbol | undefined> {
  if (!isBindingElement(node) || node.dotDotDotToken !== undefined || node.initializer !== undefined) return undefined;
  const name = node.propertyName ?? node.name;
  if (name === undefined || !isIdentifier(name) || node.parent.kind !== SyntaxKind.ObjectBindingPattern)
    return undefined;
  const source = await checker.getTypeAtLocation(node.parent);
  return source?.getProperty(name.text);
}

/** The last name of `a.b.c`; of `a.b.bind(a)`, too, which is called as `a.b` is. */
function writtenName(expression: Expression): Node | undefined {
  if (isIdentifier(expression)) return expression;
  if (isPropertyAccessExpression(expression)) return isIdentifier(expression.name) ? expression.name : undefined;
  if (!isCallExpression(expression) || expression.arguments.length > 1) return undefined;
  const callee = expression.expression;
  return isPropertyAccessExpression(callee) && callee.name.text === "bind" ? writtenName(callee.expression) : undefined;
}
