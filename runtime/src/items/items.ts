import type { Identifier, ImportDeclaration, ImportSpecifier, Node, VariableDeclarator } from "estree";
import { isConstant, isConstantClass, isConstantPattern, type Names } from "./constant.js";
import { isWithin, type Range, rangeOf, type Script, type Use, type Variable } from "./parse.js";

/**
 * What a file declares at its top that any thread may have of its own, as Rust's items: imports, functions, classes, and
 * constants. Not variables that change, and not what is made by a call that may do more than compute.
 */
export type Item =
  | { readonly kind: "import"; readonly declaration: ImportDeclaration; readonly range: Range }
  /** A function, declared as it stands. */
  | { readonly kind: "function"; readonly range: Range }
  /** A class, which is made where it stands. */
  | { readonly kind: "class"; readonly name: string; readonly range: Range }
  /** `a = 1` or `{ a } = require("a")`, or the statement that fills an enum. */
  | { readonly kind: "constant"; readonly names: readonly string[]; readonly range: Range };

/** The items of a file, and who of them uses whom. */
export interface Items {
  readonly all: ReadonlyMap<Variable, Item>;
  /** What a part of the file uses, and what that uses in turn. */
  usedBy(part: Range): ReadonlySet<Variable>;
  /** What a name that is used stands for. */
  named(identifier: Identifier): Variable | undefined;
}

export function itemsOf(script: Script): Items {
  const inOrder = [...script.uses].sort((a, b) => rangeOf(a.identifier).start - rangeOf(b.identifier).start);
  const uses = new Map(script.uses.map((use) => [use.identifier, use]));
  const all = new Map<Variable, Item>();
  const asked = new Map<Variable, boolean>();
  const names: Names = (identifier) => {
    const variable = uses.get(identifier)?.variable;
    if (variable === undefined) return "global";
    return isItem(variable) ? "item" : "other";
  };
  const top = new Set(script.variables);
  const isItem = (variable: Variable): boolean => {
    const known = asked.get(variable);
    if (known !== undefined) return known;
    asked.set(variable, true); // Whoever uses itself is one if all the rest of it is.
    const item = top.has(variable) ? itemOf(script, variable, names) : undefined;
    if (item !== undefined) all.set(variable, item);
    asked.set(variable, item !== undefined);
    return item !== undefined;
  };
  for (const variable of script.variables) isItem(variable);
  return {
    all,
    usedBy: (part) => usedBy(inOrder, all, part),
    named: (identifier) => uses.get(identifier)?.variable,
  };
}

/** Of uses in order of the text. */
function usedBy(uses: readonly Use[], all: ReadonlyMap<Variable, Item>, part: Range): ReadonlySet<Variable> {
  const found = new Set<Variable>();
  const add = ({ start, end }: Range): void => {
    for (let at = firstFrom(uses, start); at < uses.length; at++) {
      const { identifier, variable } = uses[at]!;
      if (rangeOf(identifier).start >= end) return;
      const item = variable && all.get(variable);
      if (variable === undefined || item === undefined || found.has(variable)) continue;
      found.add(variable);
      if (item.kind !== "import") add(item.range);
    }
  };
  add(part);
  return found;
}

function firstFrom(uses: readonly Use[], start: number): number {
  let low = 0;
  for (let high = uses.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (rangeOf(uses[middle]!.identifier).start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where a variable is written. */
type Write = Variable["references"][number];

function itemOf(script: Script, variable: Variable, names: Names): Item | undefined {
  const [definition, ...more] = variable.defs;
  if (definition === undefined || more.length > 0) return undefined;
  const node: Node = definition.node;
  const writes = variable.references.filter((reference) => reference.isWrite());
  switch (definition.type) {
    case "ImportBinding":
      return { kind: "import", declaration: definition.parent as ImportDeclaration, range: rangeOf(node) };
    case "FunctionName":
      return writes.length === 0 ? { kind: "function", range: rangeOf(node) } : undefined;
    case "ClassName":
      if (writes.length > 0 || node.type !== "ClassDeclaration" || !isPlainClass(node, names)) return undefined;
      return { kind: "class", name: variable.name, range: rangeOf(node) };
    case "Variable":
      return node.type === "VariableDeclarator" ? constantOf(script, node, variable, writes, names) : undefined;
    default:
      return undefined;
  }
}

function isPlainClass(node: Extract<Node, { type: "ClassDeclaration" }>, names: Names): boolean {
  return isConstant(node.superClass, names) && isConstantClass(node.body, names);
}

function constantOf(
  script: Script,
  declarator: VariableDeclarator,
  variable: Variable,
  writes: readonly Write[],
  names: Names,
): Item | undefined {
  const range = rangeOf(declarator);
  const { id, init } = declarator;
  if (init === null || init === undefined) return enumOf(script, variable, writes);
  if (!writes.every(({ identifier }) => isWithin(identifier as Identifier, range)) || !isConstantPattern(id, names))
    return undefined;
  if (!isConstant(init, names) && !isEnum(init, variable.name)) return undefined;
  const declared = script.variables.filter(({ defs }) => defs[0]?.node === declarator).map(({ name }) => name);
  return { kind: "constant", names: declared, range };
}

/** `var E;`, which the next statement fills. */
function enumOf(script: Script, { name }: Variable, [write, another]: readonly Write[]): Item | undefined {
  if (write === undefined || another !== undefined) return undefined;
  const filled = script.program.body.find((statement) => isWithin(write.identifier as Identifier, rangeOf(statement)));
  if (filled?.type !== "ExpressionStatement" || !isEnum(filled.expression, name)) return undefined;
  return { kind: "constant", names: [name], range: rangeOf(filled.expression) };
}

/** What compilers make of an enum: `(function (E) { E.A = 0; … })(E || (E = {}))`, or the same as an arrow. */
function isEnum(node: Node, name: string): boolean {
  if (node.type !== "CallExpression" || node.arguments.length !== 1) return false;
  const [given] = node.arguments;
  const isFunction = node.callee.type === "FunctionExpression" || node.callee.type === "ArrowFunctionExpression";
  return (
    isFunction && given?.type === "LogicalExpression" && given.left.type === "Identifier" && given.left.name === name
  );
}

/** How an import is written where it is awaited: `({ a, b: c } = await import("./a.js"))`. */
export function awaitedImport(script: Script, declaration: ImportDeclaration, wanted: ReadonlySet<string>): string {
  const textOf = (node: Node): string => {
    const { start, end } = rangeOf(node);
    return script.text.slice(start, end);
  };
  const attributes = declaration.attributes ?? [];
  const options = attributes.map(({ key, value }) => `${textOf(key)}: ${JSON.stringify(value.value)}`);
  const module = `await import(${textOf(declaration.source)}${options.length === 0 ? "" : `, { with: { ${options.join(", ")} } }`})`;
  const whole = declaration.specifiers.find(({ type }) => type === "ImportNamespaceSpecifier")?.local.name;
  const parts = declaration.specifiers.flatMap((specifier) => {
    if (specifier.type === "ImportNamespaceSpecifier" || !wanted.has(specifier.local.name)) return [];
    const imported = specifier.type === "ImportSpecifier" ? importedName(specifier) : "default";
    return [imported === specifier.local.name ? imported : `${imported}: ${specifier.local.name}`];
  });
  const isWhole = whole !== undefined && wanted.has(whole);
  const from = isWhole ? `${whole} = ${module}` : module;
  return parts.length === 0 ? `${from};` : `({ ${parts.join(", ")} } = ${from});`;
}

function importedName({ imported }: ImportSpecifier): string {
  return imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
}
