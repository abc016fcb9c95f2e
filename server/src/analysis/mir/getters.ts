/** Getters that start threads: to read such a property is to call a function. */
import type { Node, SourceFile } from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Senders } from "./state.js";
import { textOf } from "./syntax.js";

const accessor = /\bget\s+#?[\w$]+\s*\(\s*\)/;

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
    if (node.kind === SyntaxKind.GetAccessor && name !== undefined && starts(tree, node, senders)) names.add(name);
    node.forEachChild((child) => void waiting.push(child));
  }
  // Of the two, a property is called after whichever comes first.
  for (const name of setters) names.delete(name);
  return names;
}

const called = /([\w$]+)\s*(?:<[^<>()]*>\s*)?\(/g;

function starts(tree: SourceFile, getter: Node, senders: Senders): boolean {
  const text = tree.text.slice(getter.pos, getter.end);
  for (const [, name = ""] of text.matchAll(called)) if (senders.get(name) === "all") return true;
  return false;
}
