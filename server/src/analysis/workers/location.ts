/**
 * What an expression says about where a file lies: `new URL("./w.js", import.meta.url)`, `join(__dirname, "w.js")`,
 * `require.resolve("./w")`, a constant of this file or another one.
 */
import type { Call, Module, Operand, Value } from "../mir/mir.js";
import { onlyDefinition } from "../threads/walk.js";
import { filesAt, folderOf, normalized } from "./source-files.js";

export type Location =
  /** Absolute, with forward slashes. */
  | { readonly kind: "path"; readonly path: string }
  /** A text, which is relative to something that is not said. */
  | { readonly kind: "text"; readonly text: string }
  /** A constant of another file, which was not read. */
  | { readonly kind: "exported"; readonly file: string };

type Modules = ReadonlyMap<string, Module>;

/** A location may go through this many variables and calls. */
const maxDepth = 8;

export const locate = {
  operand: (module: Module, operand: Operand, modules: Modules) => at({ module, modules }, operand, maxDepth),
  beside,
};

/** A file that is named relative to the module. */
function beside(module: Module, specifier: string): Location {
  return path(`${folderOf(module.file)}/${specifier}`);
}

interface Scope {
  readonly module: Module;
  readonly modules: Modules;
}

function path(whole: string): Location {
  return { kind: "path", path: normalized(whole) };
}

function at(scope: Scope, operand: Operand, depth: number): Location | undefined {
  if (depth === 0) return undefined;
  const { module } = scope;
  switch (operand.kind) {
    case "constant":
      return typeof operand.value === "string" ? { kind: "text", text: operand.value } : undefined;
    case "function":
      return undefined;
    case "item":
      return itemAt(scope, operand, depth);
    case "place": {
      const { base, path: steps } = operand.place;
      const [field] = steps;
      // The texts of a URL name the same file.
      const isWhole = steps.length === 0 || (steps.length === 1 && field?.kind === "field" && isText.test(field.name));
      const local = isWhole ? module.locals[base] : undefined;
      const value = local?.reassigned === false ? onlyDefinition(module, local.id)?.step : undefined;
      return value === undefined ? undefined : valueAt(scope, value.value, value.span, depth);
    }
  }
}

const isText = /^(?:href|pathname)$/;

function valueAt(
  scope: Scope,
  value: Value,
  span: { start: number; end: number },
  depth: number,
): Location | undefined {
  switch (value.kind) {
    case "use":
      return at(scope, value.operand, depth - 1);
    case "call":
      return callAt(scope, value, depth);
    case "compute": {
      const [first, second, third] = value.operands.map((operand) => at(scope, operand, depth - 1));
      if (value.operator === "+" && third === undefined && second !== undefined) return appended(first, textOf(second));
      if (value.operator !== "template" || value.operands.length !== 1) return undefined;
      const [, rest] = /^`\$\{[^{}`]*\}([^`$]*)`$/.exec(scope.module.text.slice(span.start, span.end)) ?? [];
      return appended(first, rest);
    }
    default:
      return undefined;
  }
}

function textOf(location: Location): string | undefined {
  return location.kind === "text" ? location.text : undefined;
}

function appended(first: Location | undefined, text: string | undefined): Location | undefined {
  return first?.kind === "path" && text !== undefined ? path(first.path + text) : undefined;
}

function itemAt(
  scope: Scope,
  { name, local }: Operand & { readonly kind: "item" },
  depth: number,
): Location | undefined {
  const { module } = scope;
  if (local !== undefined) return importAt(scope, local, depth);
  if (/^(?:__filename|import\.meta\.(?:url|filename))$/.test(name)) return path(module.file);
  return /^(?:__dirname|import\.meta\.dirname)$/.test(name) ? path(folderOf(module.file)) : undefined;
}

/** A constant that another file of the project exports. */
function importAt({ module, modules }: Scope, local: number, depth: number): Location | undefined {
  for (const { specifier, names } of module.imports) {
    const name = names.find((each) => each.local === local)?.imported;
    if (name === undefined || !/^\.\.?\//.test(specifier)) continue;
    const file = normalized(`${folderOf(module.file)}/${specifier}`);
    const owner = filesAt(file, module).flatMap((each) => modules.get(each) ?? [])[0];
    if (owner === undefined) return { kind: "exported", file };
    const held = owner.locals.find((each) => each.exported && each.name === name && !each.reassigned);
    const step = held === undefined ? undefined : onlyDefinition(owner, held.id)?.step;
    return step === undefined ? undefined : valueAt({ module: owner, modules }, step.value, step.span, depth - 1);
  }
  return undefined;
}

function callAt(scope: Scope, call: Call, depth: number): Location | undefined {
  const { callee, args, receiver } = call;
  if (args.some(({ spread }) => spread)) return undefined;
  const [first, ...others] = args.map(({ value }) => at(scope, value, depth - 1));
  if (callee.kind === "item" && callee.local === undefined) return globalAt(scope, callee.name, first, others);
  switch (nodeFunction(scope.module, callee, maxDepth)) {
    case "fileURLToPath":
    case "pathToFileURL":
      return first;
    case "dirname":
      return first?.kind === "path" ? path(folderOf(first.path)) : undefined;
    case "join":
    case "resolve": {
      const texts = others.map((other) => (other === undefined ? undefined : textOf(other)));
      if (first?.kind !== "path" || texts.some((text) => text === undefined || text.startsWith("/"))) return undefined;
      return path([first.path, ...texts].join("/"));
    }
    default:
      return call.method === "toString" && receiver !== undefined ? at(scope, receiver, depth - 1) : undefined;
  }
}

function globalAt(
  { module }: Scope,
  name: string,
  first: Location | undefined,
  [base]: readonly (Location | undefined)[],
): Location | undefined {
  switch (name) {
    case "URL": {
      if (base === undefined) return first;
      const text = first?.kind === "text" ? /^[^?#:]*/.exec(first.text)?.[0] : undefined;
      if (base.kind !== "path" || first?.kind !== "text" || text === undefined || first.text.startsWith("/"))
        return undefined;
      if (/^[a-z]+:/i.test(first.text)) return undefined;
      return text === "" ? base : path(`${folderOf(base.path)}/${text}`);
    }
    case "String":
      return first;
    case "require.resolve":
    case "import.meta.resolve":
      return first?.kind === "text" && /^\.\.?\//.test(first.text) ? beside(module, first.text) : undefined;
    default:
      return undefined;
  }
}

const ofNode = /^(?:node:)?(?:path|url|path\/posix)$/;

/** The name of what is called, where it comes from `node:path` or `node:url`, imported or required. */
function nodeFunction(module: Module, callee: Operand, depth: number): string | undefined {
  if (callee.kind === "item") {
    const from = module.imports.find(({ names }) => names.some(({ local }) => local === callee.local));
    const [found] = from?.names.filter(({ local }) => local === callee.local) ?? [];
    const name = callee.name.includes(".") ? callee.name.slice(callee.name.lastIndexOf(".") + 1) : found?.imported;
    return from !== undefined && ofNode.test(from.specifier) ? name : undefined;
  }
  if (callee.kind !== "place" || depth === 0) return undefined;
  const { base, path: steps } = callee.place;
  const [field, ...deeper] = steps;
  const value = module.locals[base]?.reassigned === false ? onlyDefinition(module, base)?.step.value : undefined;
  if (value?.kind === "use" && steps.length === 0) return nodeFunction(module, value.operand, depth - 1);
  if (value?.kind !== "call" || field?.kind !== "field" || deeper.length > 0) return undefined;
  const [from] = value.callee.kind === "item" && value.callee.name === "require" ? value.args : [];
  const isOfNode = from?.value.kind === "constant" && ofNode.test(String(from.value.value));
  return isOfNode ? field.name : undefined;
}
