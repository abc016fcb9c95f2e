/** From the compiler's symbols to {@link SymbolKey}s. */
import type { Node } from "typescript/ast";
import { type Checker, type NodeHandle, type Project, SymbolFlags, type Symbol as TsSymbol } from "typescript/async";
import type { SymbolKey } from "../../analysis/program/program.js";
import { remember } from "../memo.js";
import { isDeclarationFile } from "../paths.js";
import { declaredName, type NamedDeclaration } from "./declared-name.js";
import type { Packages } from "./packages.js";
import { renamed } from "./renamed.js";

/** Where and under which name a symbol is declared. */
interface Declared extends NamedDeclaration {
  readonly file: string;
}

/** What declaration files say stays true from snapshot to snapshot. */
export type DeclaredCache = Map<string, Declared | undefined>;

export interface SymbolKeys {
  /** Follows aliases. Undefined for a symbol without a declaration: `undefined`, `arguments`, an unresolved import. */
  keyOf(symbol: TsSymbol | undefined): Promise<SymbolKey | undefined>;
}

/** @param from The file that is asked about; decides what is another package. */
export function createSymbolKeys(
  project: Project,
  from: string,
  packages: Packages,
  cache: DeclaredCache,
  loadTree: (path: string) => Promise<unknown>,
): SymbolKeys {
  const answers = new Map<TsSymbol, Promise<SymbolKey | undefined>>();

  const resolveNode = async (handle: NodeHandle): Promise<Node | undefined> => {
    // One request for all declarations of that file: a handle by itself would send one each.
    await loadTree(handle.path);
    return handle.resolve(project);
  };

  const fromTree = async (symbol: TsSymbol, handle: NodeHandle): Promise<Declared | undefined> => {
    const node = await resolveNode(handle);
    if (!node) return undefined;
    return { file: node.getSourceFile().fileName, ...declaredName(node, symbol) };
  };

  const declared = async (symbol: TsSymbol): Promise<Declared | undefined> => {
    const handle = symbol.declarations[0];
    if (!handle) return undefined;
    if (!isDeclarationFile(handle.path)) return fromTree(symbol, handle);
    const id = `${handle.path}#${handle.index}:${symbol.name}`;
    if (cache.has(id)) return cache.get(id);
    const name = await nameByParents(symbol);
    const found = name === undefined ? await fromTree(symbol, handle) : { file: handle.path, name, offset: undefined };
    cache.set(id, found && { ...found, offset: undefined });
    return cache.get(id);
  };

  /** `export const start = thread.spawn` is another name of `spawn` for the files that import it. */
  const named = async (symbol: TsSymbol): Promise<TsSymbol> => {
    let target = symbol;
    for (let left = maxNames; left > 0; left--) {
      const handle = target.declarations[0];
      if (!handle || isDeclarationFile(handle.path) || !(target.flags & namesSomething)) return target;
      const node = await resolveNode(handle);
      const next = node && (await renamed(project.checker, node));
      const original = next && (await followAlias(project.checker, next));
      if (!original || original === target) return target;
      // A variable in between is no callable yet: what it is another name of may be one.
      if (!(original.flags & (callable | namesSomething))) return target;
      target = original;
    }
    return target;
  };

  const answer = async (symbol: TsSymbol): Promise<SymbolKey | undefined> => {
    const isElsewhere = Boolean(symbol.flags & (SymbolFlags.Alias | SymbolFlags.Property));
    const target = await followAlias(project.checker, symbol);
    const original = isElsewhere ? await named(target) : target;
    const found = await declared(original.flags & callable ? original : target);
    return found && { package: packages.packageOf(found.file, from), ...found };
  };

  return {
    keyOf(symbol) {
      return symbol ? remember(answers, symbol, () => answer(symbol)) : Promise.resolve(undefined);
    },
  };
}

/** What can be called. */
const callable = SymbolFlags.Function | SymbolFlags.Method | SymbolFlags.Class;

/** A constant, or the property of an object. */
const namesSomething = SymbolFlags.BlockScopedVariable | SymbolFlags.Property;

/** A callable has at most this many further names. */
const maxNames = 4;

async function followAlias(checker: Checker, symbol: TsSymbol): Promise<TsSymbol> {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Without a tree, since the default library's are large. Undefined where only the tree can tell. */
async function nameByParents(symbol: TsSymbol): Promise<string | undefined> {
  if (symbol.flags & SymbolFlags.Module && isModuleName(symbol.name)) return "*";
  const member =
    symbol.flags & (SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor | SymbolFlags.EnumMember);
  // The member of a union type is made up by the checker and has no parent, though its declarations do.
  if (member && !(await symbol.getParent())) return undefined;
  const parts: string[] = [];
  for (let at: TsSymbol | undefined = symbol; at && !isModuleName(at.name); at = await at.getParent()) {
    const name = writtenName(at.name);
    if (name === undefined) return undefined;
    parts.unshift(name);
  }
  return parts.join(".");
}

function isModuleName(name: string): boolean {
  return name.startsWith('"') || name === "__global";
}

/** `__@asyncDispose@12` is how the compiler names `[Symbol.asyncDispose]`; other such names need the tree. */
function writtenName(name: string): string | undefined {
  const wellKnown = /^_*@(\w+)@\d+$/.exec(name);
  if (wellKnown) return `[Symbol.${wellKnown[1]}]`;
  return name === "default" || name === "export=" || /^(__|\uFFFD|#|_*#)/.test(name) ? undefined : name;
}
