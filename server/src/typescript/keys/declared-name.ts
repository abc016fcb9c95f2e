/** The qualified name of a declaration, from its node. */
import {
  isClassLikeDeclaration,
  isEnumDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isInterfaceDeclaration,
  isModuleDeclaration,
  isTypeAliasDeclaration,
  isVariableDeclaration,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/ast";
import type { Symbol as TsSymbol } from "typescript/async";

export interface NamedDeclaration {
  /** Qualified by the classes, interfaces, enums, namespaces and variables with object literals around it. */
  readonly name: string;
  /** Where the name starts; where the declaration starts when it has none. */
  readonly offset: number | undefined;
}

export function declaredName(node: Node, symbol: TsSymbol): NamedDeclaration {
  const source = node.getSourceFile();
  if (node.kind === SyntaxKind.SourceFile) return { name: "*", offset: undefined };
  const named = nameNode(node);
  const own = named ? written(named, source) : (contextualName(node, source) ?? fallbackName(symbol));
  const parts = [own];
  for (let at = container(node); at; at = container(at)) {
    const name = nameNode(at);
    parts.unshift(name ? written(name, source) : (contextualName(at, source) ?? "default"));
  }
  return { name: parts.join("."), offset: (named ?? node).getStart(source) };
}

function fallbackName(symbol: TsSymbol): string {
  return symbol.name.startsWith("__") || symbol.name === "export=" ? "default" : symbol.name;
}

function nameNode(node: Node): Node | undefined {
  if (node.kind === SyntaxKind.BinaryExpression) return undefined;
  return "name" in node && isNode(node.name) ? node.name : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "kind" in value && "pos" in value;
}

function written(name: Node, source: SourceFile): string {
  if (isIdentifier(name)) return name.text;
  const text = source.text.slice(name.getStart(source), name.end);
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** `const f = () => …` names the arrow, and so does `{ f: () => … }`; the same for a class expression. */
function contextualName(node: Node, source: SourceFile): string | undefined {
  const holder = skipWrappers(node.parent);
  if (!holder || (!isVariableDeclaration(holder) && holder.kind !== SyntaxKind.PropertyAssignment)) return undefined;
  const name = nameNode(holder);
  return name && written(name, source);
}

/** What qualifies the name of `node`. Undefined for what is local to a function or at the top of a file. */
function container(node: Node): Node | undefined {
  const parent: Node | undefined = node.parent;
  if (!parent) return undefined;
  switch (parent.kind) {
    case SyntaxKind.ClassDeclaration:
    case SyntaxKind.ClassExpression:
    case SyntaxKind.InterfaceDeclaration:
    case SyntaxKind.EnumDeclaration:
      return qualifies(parent);
    case SyntaxKind.Constructor:
      // A parameter property is a member of the class.
      return node.kind === SyntaxKind.Parameter && "modifiers" in node && node.modifiers ? parent.parent : undefined;
    case SyntaxKind.ObjectLiteralExpression:
    case SyntaxKind.TypeLiteral:
      return holderOfLiteral(parent);
    case SyntaxKind.VariableDeclarationList:
    case SyntaxKind.VariableStatement:
    case SyntaxKind.ModuleBlock:
      return container2(parent);
    default:
      // `this.handle = …` in JavaScript declares a member of the class around it.
      return node.kind === SyntaxKind.BinaryExpression ? classAround(node) : undefined;
  }
}

function container2(node: Node): Node | undefined {
  const parent: Node | undefined = node.parent;
  if (!parent) return undefined;
  if (isModuleDeclaration(parent)) return isIdentifier(parent.name) && !isGlobalScope(parent) ? parent : undefined;
  return parent.kind === SyntaxKind.VariableStatement || parent.kind === SyntaxKind.ModuleBlock
    ? container2(parent)
    : undefined;
}

/** `declare global { … }` adds to what has no qualifier. */
function isGlobalScope(node: Node): boolean {
  return "keyword" in node && node.keyword === SyntaxKind.GlobalKeyword;
}

function qualifies(node: Node): Node | undefined {
  return isClassLikeDeclaration(node) || isInterfaceDeclaration(node) || isEnumDeclaration(node) ? node : undefined;
}

function holderOfLiteral(literal: Node): Node | undefined {
  const holder = skipWrappers(literal.parent);
  if (!holder) return undefined;
  if (isVariableDeclaration(holder) || isTypeAliasDeclaration(holder)) return holder;
  switch (holder.kind) {
    case SyntaxKind.PropertyAssignment:
    case SyntaxKind.PropertySignature:
    case SyntaxKind.PropertyDeclaration:
      return holder;
    default:
      return undefined;
  }
}

/** `{ … } as const`, `({ … })`, `{ … } & { … }`. */
function skipWrappers(node: Node | undefined): Node | undefined {
  let at = node;
  while (at && wrappers.has(at.kind)) at = at.parent;
  return at;
}

const wrappers: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.AsExpression,
  SyntaxKind.SatisfiesExpression,
  SyntaxKind.ParenthesizedExpression,
  SyntaxKind.TypeAssertionExpression,
  SyntaxKind.IntersectionType,
  SyntaxKind.UnionType,
  SyntaxKind.ParenthesizedType,
]);

function classAround(node: Node): Node | undefined {
  let at: Node | undefined = node.parent;
  let functions = 0;
  while (at && !isClassLikeDeclaration(at)) {
    if (isFunctionLikeDeclaration(at) && at.kind !== SyntaxKind.ArrowFunction) functions += 1;
    at = at.parent;
  }
  return functions <= 1 ? at : undefined;
}
