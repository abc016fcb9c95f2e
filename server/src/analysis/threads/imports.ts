/** Names of the thread library in a file: how it calls them, and what it takes to have them. */
import type { TextEdit } from "../diagnostic.js";
import { insert, lineBreak } from "../fix.js";
import type { Local, Module } from "../mir/mir.js";
import { type InModule, libraryOf } from "../models/dialect.js";

/** How the file writes a name of the library, and the edits that make it available. */
export interface LibraryName {
  readonly text: string;
  readonly edits: readonly TextEdit[];
}

/**
 * How to write exports of the library that this module uses, adding to its imports what is missing, in one edit. What
 * the library does not have is left out.
 */
export function libraryNames(facts: InModule, wanted: readonly string[]): ReadonlyMap<string, LibraryName> {
  const { module } = facts;
  const { name: library, dialect } = libraryOf(facts);
  const found = new Map<string, LibraryName>();
  const missing: { readonly name: string; readonly local: string }[] = [];
  for (const name of wanted) {
    if (dialect.exports?.includes(name) === false) continue;
    const local = importedAs(module, library, name);
    if (local !== undefined) found.set(name, { text: local, edits: [] });
    else missing.push({ name, local: isTaken(module, name) ? `${name}Value` : name });
  }
  const edits = missing.length === 0 ? [] : [importEdit(module, library, missing)];
  for (const { name, local } of missing) found.set(name, { text: local, edits });
  return found;
}

function importedAs(module: Module, library: string, name: string): string | undefined {
  for (const declaration of module.imports) {
    if (declaration.specifier !== library || declaration.typeOnly) continue;
    for (const { imported, local } of declaration.names) {
      const binding = module.locals[local];
      if (binding?.name === undefined || isTypeSpecifier(module, binding)) continue;
      if (imported === name) return binding.name;
      if (imported === "*") return `${binding.name}.${name}`;
    }
  }
  return requiredAs(module, library, name);
}

/** `const { name: local } = require("library")` and `const library = require("library")`, at the top of a module. */
function requiredAs(module: Module, library: string, name: string): string | undefined {
  for (const { pattern } of requiresOf(module, library)) {
    if (!pattern.startsWith("{")) return `${pattern}.${name}`;
    for (const part of pattern.slice(1, -1).split(",")) {
      const [imported, local = imported] = part.split(":").map((each) => each.trim());
      if (imported === name && /^[\w$]+$/.test(local ?? "")) return local;
    }
  }
  return undefined;
}

interface Required {
  readonly pattern: string;
  readonly end: number;
}

const known = new WeakMap<Module, Map<string, readonly Required[]>>();

/** Each fix that needs a name asks, and the whole text is gone through. */
function requiresOf(module: Module, library: string): readonly Required[] {
  const libraries = known.get(module) ?? new Map<string, readonly Required[]>();
  known.set(module, libraries);
  const found = libraries.get(library) ?? findRequires(module, library);
  libraries.set(library, found);
  return found;
}

/** What a module binds of what it requires: a name, or a pattern without defaults or further patterns in it. */
function findRequires(module: Module, library: string): readonly Required[] {
  const name = library.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const binding = new RegExp(
    `^(?:const|let|var)\\s+([\\w$]+|\\{[\\w$\\s,:]*\\})\\s*=\\s*require\\(\\s*["']${name}["']\\s*\\)`,
    "gm",
  );
  return [...module.text.matchAll(binding)].map(({ 0: whole, 1: pattern = "", index }) => ({
    pattern,
    end: index + whole.indexOf(pattern) + pattern.length,
  }));
}

/** `import { type X }`. A name that nothing uses yet counts as type-only too, but can be used. */
function isTypeSpecifier(module: Module, { span, typeOnly }: Local): boolean {
  if (!typeOnly || span === undefined) return false;
  const before = module.text.slice(0, span.start);
  return /^\s*type\s/.test(before.slice(Math.max(before.lastIndexOf("{"), before.lastIndexOf(",")) + 1));
}

function isTaken(module: Module, name: string): boolean {
  return module.locals.some((local) => local.name === name);
}

function importEdit(
  module: Module,
  library: string,
  names: readonly { readonly name: string; readonly local: string }[],
): TextEdit {
  const list = names.map(({ name, local }) => (name === local ? name : `${name} as ${local}`)).join(", ");
  const open = module.imports.find(
    (each) => each.specifier === library && !each.typeOnly && each.namedEnd !== undefined && each.names.length > 0,
  );
  if (open?.namedEnd !== undefined) return insert(module.file, open.namedEnd, `, ${list}`);
  const required = requiresOf(module, library).find(({ pattern }) => /^\{[^}]*[\w$]\s*\}$/.test(pattern));
  if (required !== undefined) {
    const inside = required.pattern.slice(0, -1).trimEnd().length;
    const at = required.end - required.pattern.length + inside;
    return insert(module.file, at, `, ${list.replaceAll(" as ", ": ")}`);
  }
  const requires =
    module.imports.length === 0 && new RegExp(`\\brequire\\(\\s*["']${library}["']\\s*\\)`).test(module.text);
  const line = requires
    ? `const { ${list.replaceAll(" as ", ": ")} } = require("${library}");`
    : `import { ${list} } from "${library}";`;
  const at = module.importOffset;
  // The offset stands at the end of the last import, or at the start of the first statement.
  const behind = at > 0 && !/[\r\n]/.test(module.text.charAt(at - 1));
  const eol = lineBreak(module.text);
  return insert(module.file, at, behind ? `${eol}${line}` : `${line}${eol}`);
}
