/** Getters that start threads: to read such a property is to call a function. */
import type { CallExpression, NewExpression, Node, PropertyAccessExpression, SourceFile } from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Senders } from "./state.js";
import { textOf } from "./syntax.js";

/** `get name()`, with comments wherever they can stand. */
const accessor = /\bget(?:\s|\/\*.*?\*\/)+#?[\w$]+(?:\s|\/\*.*?\*\/)*\((?:\s|\/\*.*?\*\/)*\)/s;

/**
 * The names of the getters in a file that call something which starts a thread. All others are fields to the analysis, since
 * what they give is there before they are asked.
 */
export function startingGetters(tree: SourceFile, senders: Senders): ReadonlySet<string> {
  const names = new Set<string>();
  // A walk over the whole tree is only for the few files that have any.
  if (!accessor.test(tree.text)) return names;
  const setters = new Set<string>();
  const waiting: Node[] = [tree];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const name = textOf((node as Node & { readonly name?: Node }).name);
    if (node.kind === SyntaxKind.SetAccessor && name !== undefined) setters.add(name);
    if (node.kind === SyntaxKind.GetAccessor && name !== undefined && starts(node, senders)) names.add(name);
    node.forEachChild((child) => void waiting.push(child));
  }
  // Of the two, a property is called after whichever comes first.
  for (const name of setters) names.delete(name);
  return names;
}

/** Whether it calls what starts a thread, by that name: what a comment or a text says is no call. */
function starts(getter: Node, senders: Senders): boolean {
  const waiting: Node[] = [getter];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const called = calledName(node);
    if (called !== undefined && senders.get(called) === "all") return true;
    node.forEachChild((child) => void waiting.push(child));
  }
  return false;
}

/** `spawn` of `thread.spawn(…)`, `spawn(…)` and `new Worker(…)`. */
function calledName(node: Node): string | undefined {
  if (node.kind !== SyntaxKind.CallExpression && node.kind !== SyntaxKind.NewExpression) return undefined;
  const { expression } = node as CallExpression | NewExpression;
  if (expression.kind !== SyntaxKind.PropertyAccessExpression) return textOf(expression);
  return textOf((expression as PropertyAccessExpression).name);
}
