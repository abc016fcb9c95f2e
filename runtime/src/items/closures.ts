import type { CallExpression, Node } from "estree";
import { walk } from "estree-walker";
import type { Items } from "./items.js";
import { type Range, rangeOf, type Script, type Variable } from "./parse.js";

/** A function that is given to something like `spawn`, and the items it needs. */
export interface Lifted {
  readonly range: Range;
  readonly needs: ReadonlySet<Variable>;
}

/**
 * The functions of a file that may be given to a thread and need items, in order of the text.
 *
 * Who is called cannot be told from the text. That does no harm: a function that is no thread's stays what it is.
 */
export function liftedIn(script: Script, items: Items): readonly Lifted[] {
  const found = new Map<number, Lifted>();
  walk(script.program, {
    enter(node) {
      const given = node.type === "CallExpression" ? closureOf(node) : undefined;
      if (given === undefined || !isClosure(given, items)) return;
      const range = rangeOf(given);
      const needs = items.usedBy(range);
      if (needs.size > 0) found.set(range.start, { range, needs });
    },
  });
  return [...found.values()].sort((a, b) => a.range.start - b.range.start);
}

/** The last argument of `….spawn(…)`, and the second one of a pool's `….map(values, f)`. */
function closureOf({ callee, arguments: given }: CallExpression): Node | undefined {
  const name = calledName(callee);
  if (name === "spawn") return given.length <= 2 ? given.at(-1) : undefined;
  return name === "map" ? given[1] : undefined;
}

/** `f` of `f()`, `a.f()`, and of `(0, a.f)()`, which compilers make of an import. */
function calledName(callee: Node): string | undefined {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type === "SequenceExpression") return calledName(callee.expressions.at(-1) ?? callee.expressions[0]!);
  if (callee.type !== "MemberExpression" || callee.computed) return undefined;
  return callee.property.type === "Identifier" ? callee.property.name : undefined;
}

/** A function that is written here, one that an item is, or one of an imported module. */
function isClosure(node: Node, items: Items): boolean {
  switch (node.type) {
    case "ArrowFunctionExpression":
      return true;
    case "FunctionExpression":
      return node.generator !== true;
    case "Identifier": {
      const variable = items.named(node);
      return variable !== undefined && items.all.has(variable);
    }
    case "MemberExpression":
      return !node.computed && node.object.type === "Identifier" && isClosure(node.object, items);
    default:
      return false;
  }
}
