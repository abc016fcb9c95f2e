import type { CallExpression, Identifier, Node } from "estree";
import { walk } from "estree-walker";
import type { Items } from "./items.js";
import { type Range, rangeOf, type Script, type Variable } from "./parse.js";

/** A function that is given to something like `spawn`, and the items it needs. */
export interface Lifted {
  /** What stands for it in the call. */
  readonly given: Range;
  /** Itself, or the name of the item that it is. */
  readonly text: Range;
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
      const closure = given && functionOf(given, items);
      if (given === undefined || closure === undefined) return;
      const text = rangeOf(closure);
      const needs = items.usedBy(text);
      if (needs.size > 0) found.set(rangeOf(given).start, { given: rangeOf(given), text, needs });
    },
  });
  return [...found.values()].sort((a, b) => a.given.start - b.given.start);
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

/** A function that is written here or held in a variable; else the name of what may be one: an item, or a part of a module. */
function functionOf(node: Node, items: Items): Node | undefined {
  switch (node.type) {
    case "ArrowFunctionExpression":
      return node;
    case "FunctionExpression":
      return node.generator === true ? undefined : node;
    case "Identifier": {
      const variable = items.named(node);
      if (variable === undefined) return undefined;
      return items.all.has(variable) ? node : heldIn(variable);
    }
    case "MemberExpression":
      return !node.computed && node.object.type === "Identifier" && isImported(node.object, items) ? node : undefined;
    default:
      return undefined;
  }
}

/** The function that a variable inside of a function holds for good. */
function heldIn({ defs, references }: Variable): Node | undefined {
  const [definition, another] = defs;
  if (definition === undefined || another !== undefined) return undefined;
  const node: Node = definition.node;
  const writes = references.filter((reference) => reference.isWrite()).length;
  if (node.type === "FunctionDeclaration") return writes === 0 && node.generator !== true ? node : undefined;
  const init = node.type === "VariableDeclarator" && node.id.type === "Identifier" ? node.init : undefined;
  const isFunction = init?.type === "ArrowFunctionExpression" || init?.type === "FunctionExpression";
  return isFunction && writes === 1 && init.generator !== true ? init : undefined;
}

function isImported(node: Identifier, items: Items): boolean {
  const variable = items.named(node);
  return variable !== undefined && items.all.get(variable)?.kind === "import";
}
