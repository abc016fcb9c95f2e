/**
 * What the top-level declarations of a file are made of: for each name, the imports that its declaration mentions, itself
 * or through other declarations of the file.
 *
 * Only words are compared. A name that is mentioned in a comment or hidden by a local one counts too: it makes a
 * declaration seem to be made of more than it is.
 */
import {
  type ExportDeclaration,
  type ImportDeclaration,
  type ImportEqualsDeclaration,
  isStringLiteralLikeNode,
  ModifierFlags,
  type NamedExports,
  type NamedImports,
  type NamespaceExport,
  type NamespaceImport,
  type Node,
  type SourceFile,
  SyntaxKind,
  type VariableStatement,
} from "typescript/ast";
import { hasModifier, listed, textOf } from "./syntax.js";

/** One name of a module; `*` is the module as a whole. */
export interface Mention {
  readonly specifier: string;
  readonly name: string;
}

export interface Surface {
  /**
   * What the value or type that the file exports or declares as `name` is made of; `*` asks about all that is exported.
   * Undefined where there is no such name at the top of the file.
   */
  of(name: string): Ingredients | undefined;
  /** It exports as CommonJS does, so that it may have names that are not declared. */
  readonly open: boolean;
}

export interface Ingredients {
  readonly mentions: readonly Mention[];
  /** Words that are neither imported nor declared at the top of the file: globals, locals, properties, keywords. */
  readonly words: ReadonlySet<string>;
}

export function surfaceOf(tree: SourceFile): Surface {
  const parts = collect(tree);
  const known = new Map<string, Ingredients | undefined>();
  return {
    open: parts.open,
    of(name) {
      if (!known.has(name)) known.set(name, find(parts, name));
      return known.get(name);
    },
  };
}

interface Parts {
  /** Names that imports bind. */
  readonly imported: Map<string, Mention>;
  /** The words of each top-level declaration, by its names. */
  readonly declared: Map<string, Set<string>>;
  /** The names of the file by the names under which it exports them. */
  readonly exported: Map<string, string>;
  /** What is handed on from other modules, by the names under which it is. */
  readonly handedOn: Map<string, Mention>;
  /** The modules of which everything is handed on. */
  readonly stars: string[];
  readonly open: boolean;
}

function collect(tree: SourceFile): Parts {
  const parts: Parts = {
    imported: new Map(),
    declared: new Map(),
    exported: new Map(),
    handedOn: new Map(),
    stars: [],
    open: /\bexports\b|\bexport\s*=/.test(tree.text),
  };
  const loose: Set<string>[] = [];
  for (const statement of listed<Node>(tree.statements)) {
    if (statement.kind === SyntaxKind.ImportDeclaration) takeImport(parts, statement as ImportDeclaration);
    else if (statement.kind === SyntaxKind.ExportDeclaration) takeExport(parts, statement as ExportDeclaration);
    else {
      const words = wordsOf(tree, statement);
      const names = declaredNames(statement);
      if (statement.kind === SyntaxKind.ImportEqualsDeclaration)
        takeRequire(parts, statement as ImportEqualsDeclaration);
      for (const name of names) declare(parts, name, words);
      if (hasModifier(statement, ModifierFlags.Export)) for (const name of names) parts.exported.set(name, name);
      const isDefault = hasModifier(statement, ModifierFlags.Default) || statement.kind === SyntaxKind.ExportAssignment;
      if (isDefault) declare(parts, "default", words);
      if (names.length === 0 && !isDefault) loose.push(words);
    }
  }
  // What a statement does to one of its names, it may do with any other one.
  for (const words of loose) for (const name of words) if (parts.declared.has(name)) declare(parts, name, words);
  return parts;
}

function declare({ declared }: Parts, name: string, words: ReadonlySet<string>): void {
  const known = declared.get(name);
  if (known === undefined) declared.set(name, new Set(words));
  else for (const word of words) known.add(word);
}

function takeImport({ imported }: Parts, { importClause, moduleSpecifier }: ImportDeclaration): void {
  const specifier = specifierOf(moduleSpecifier);
  if (importClause?.name !== undefined) bind(imported, importClause.name, { specifier, name: "default" });
  const bindings = importClause?.namedBindings;
  if (bindings?.kind === SyntaxKind.NamespaceImport) {
    bind(imported, (bindings as NamespaceImport).name, { specifier, name: "*" });
  } else if (bindings?.kind === SyntaxKind.NamedImports) {
    for (const { name, propertyName } of listed((bindings as NamedImports).elements)) {
      bind(imported, name, { specifier, name: textOf(propertyName ?? name) ?? "*" });
    }
  }
}

function takeRequire({ imported }: Parts, { name, moduleReference }: ImportEqualsDeclaration): void {
  if (moduleReference.kind !== SyntaxKind.ExternalModuleReference) return;
  const { expression } = moduleReference as Node & { readonly expression?: Node };
  bind(imported, name, { specifier: specifierOf(expression), name: "*" });
}

function takeExport(parts: Parts, { exportClause, moduleSpecifier }: ExportDeclaration): void {
  const specifier = moduleSpecifier === undefined ? undefined : specifierOf(moduleSpecifier);
  if (exportClause?.kind === SyntaxKind.NamedExports) {
    for (const { name, propertyName } of listed((exportClause as NamedExports).elements)) {
      const [outside, inside] = [textOf(name) ?? "*", textOf(propertyName ?? name) ?? "*"];
      if (specifier === undefined) parts.exported.set(outside, inside);
      else parts.handedOn.set(outside, { specifier, name: inside });
    }
  } else if (exportClause !== undefined) {
    bind(parts.handedOn, (exportClause as NamespaceExport).name, { specifier: specifier ?? "", name: "*" });
  } else if (specifier !== undefined) parts.stars.push(specifier);
}

function bind(map: Map<string, Mention>, name: Node, mention: Mention): void {
  map.set(textOf(name) ?? "*", mention);
}

function specifierOf(node: Node | undefined): string {
  return node !== undefined && isStringLiteralLikeNode(node) ? node.text : "";
}

function declaredNames(statement: Node): readonly string[] {
  if (statement.kind !== SyntaxKind.VariableStatement) {
    const { name } = statement as Node & { readonly name?: Node };
    const text = name?.kind === SyntaxKind.Identifier ? textOf(name) : undefined;
    return text === undefined ? [] : [text];
  }
  const names: string[] = [];
  const note = (name: Node): void => {
    if (name.kind === SyntaxKind.Identifier) names.push(textOf(name) ?? "");
    else name.forEachChild((element) => noteElement(element));
  };
  const noteElement = (element: Node): void => {
    const { name } = element as Node & { readonly name?: Node };
    if (name !== undefined) note(name);
  };
  for (const { name } of listed((statement as VariableStatement).declarationList.declarations)) note(name);
  return names;
}

// Behind a single dot there is a property; behind three, a name.
const word = /(?<!(?<!\.\.)\.)(?<![\p{ID_Continue}$])[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;

function wordsOf(tree: SourceFile, node: Node): Set<string> {
  return new Set(tree.text.slice(node.getStart(tree), node.end).match(word));
}

function find(parts: Parts, name: string): Ingredients | undefined {
  const mentions: Mention[] = [];
  const words = new Set<string>();
  const met = new Set<string>();
  const open: string[] = [];
  if (name === "*") {
    open.push(...parts.exported.values(), "default");
    mentions.push(...parts.handedOn.values());
    for (const specifier of parts.stars) mentions.push({ specifier, name: "*" });
  } else {
    const handedOn = parts.handedOn.get(name);
    const own = parts.exported.get(name) ?? name;
    if (handedOn !== undefined) mentions.push(handedOn);
    else if (parts.declared.has(own) || parts.imported.has(own)) open.push(own);
    else if (parts.stars.length > 0) for (const specifier of parts.stars) mentions.push({ specifier, name });
    else return undefined;
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (met.has(next)) continue;
    met.add(next);
    const from = parts.imported.get(next);
    if (from !== undefined) mentions.push(from);
    const made = parts.declared.get(next);
    if (made !== undefined) open.push(...made);
    else if (from === undefined) words.add(next);
  }
  return { mentions, words };
}
