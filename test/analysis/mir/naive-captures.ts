/**
 * Captures by another road than lowering's: every name's declaration is sought by climbing from its use, over a table of
 * which node declares what. Nothing here knows of blocks or steps.
 */
import type { BindingElement, Identifier, ImportClause, ModuleDeclaration, Node, SourceFile } from "typescript/ast";
import { isTypeNode, ModifierFlags, NodeFlags, SyntaxKind } from "typescript/ast";

type Named = Node & { readonly name?: Node; readonly modifierFlags?: ModifierFlags };

/** What one function uses of the scopes around it. */
export interface NaiveCaptures {
  readonly start: number;
  readonly end: number;
  readonly names: readonly string[];
}

export function naiveCaptures(tree: SourceFile): readonly NaiveCaptures[] {
  const nodes = valueNodes(tree);
  const scopes = new Map<Node, Set<string>>();
  for (const node of nodes) declareAt(node, scopes);
  const found = new Map<Node, Set<string>>();
  for (const node of nodes) if (isBody(node)) found.set(node, new Set());
  for (const node of nodes) if (isUse(node)) resolve(node as Identifier, scopes, found);
  return [...found].map(([node, names]) => ({ start: node.getStart(tree), end: node.end, names: [...names].sort() }));
}

/** All nodes that are there at run time, in order. */
function valueNodes(tree: SourceFile): readonly Node[] {
  const nodes: Node[] = [];
  const pending: Node[] = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (isErased(node)) continue;
    nodes.push(node);
    const children: Node[] = [];
    node.forEachChild((child) => {
      children.push(child);
      return undefined;
    });
    pending.push(...children.reverse());
  }
  return nodes;
}

function isErased(node: Node): boolean {
  if (isTypeNode(node) && node.kind !== SyntaxKind.ExpressionWithTypeArguments) return true;
  if ((node.flags & NodeFlags.Reparsed) !== 0) return true;
  const flags = (node as Named).modifierFlags ?? 0;
  switch (node.kind) {
    case SyntaxKind.InterfaceDeclaration:
    case SyntaxKind.TypeAliasDeclaration:
    case SyntaxKind.JSTypeAliasDeclaration:
    case SyntaxKind.JSImportDeclaration:
    case SyntaxKind.TypeParameter:
    case SyntaxKind.IndexSignature:
      return true;
    case SyntaxKind.HeritageClause:
      return (node as Node & { readonly token: SyntaxKind }).token === SyntaxKind.ImplementsKeyword;
    case SyntaxKind.EnumDeclaration:
      return (flags & (ModifierFlags.Ambient | ModifierFlags.Const)) !== 0;
    case SyntaxKind.ModuleDeclaration:
      return (flags & ModifierFlags.Ambient) !== 0 || !isInstantiated(node as ModuleDeclaration);
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
      return (flags & ModifierFlags.Ambient) !== 0 || !hasBlock(node);
    case SyntaxKind.VariableStatement:
    case SyntaxKind.ClassDeclaration:
    case SyntaxKind.PropertyDeclaration:
      return (flags & ModifierFlags.Ambient) !== 0;
    default:
      return false;
  }
}

function hasBlock(node: Node): boolean {
  return node.forEachChild((child) => child.kind === SyntaxKind.Block) ?? false;
}

function isInstantiated(node: ModuleDeclaration): boolean {
  if (node.name?.kind !== SyntaxKind.Identifier || node.body === undefined) return false;
  if (node.body.kind === SyntaxKind.ModuleDeclaration) return !isErased(node.body);
  return node.body.forEachChild((child) => !isErased(child) && child.kind !== SyntaxKind.ExportDeclaration) ?? false;
}

function declareAt(node: Node, scopes: Map<Node, Set<string>>): void {
  const add = (scope: Node, name: Node | undefined): void => {
    const names = scopes.get(scope) ?? new Set<string>();
    scopes.set(scope, names);
    for (const text of bound(name)) names.add(text);
  };
  const name = (node as Named).name;
  switch (node.kind) {
    case SyntaxKind.VariableDeclaration: {
      const list: Node = node.parent;
      if (list.kind === SyntaxKind.CatchClause) {
        add(list, name);
        return;
      }
      const blockScoped = (list.flags & NodeFlags.BlockScoped) !== 0;
      add(around(node, blockScoped ? isBlockScope : isVarScope), name);
      return;
    }
    case SyntaxKind.Parameter:
      add(node.parent, name);
      return;
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ClassExpression:
      add(node, name);
      return;
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.ClassDeclaration:
    case SyntaxKind.EnumDeclaration:
    case SyntaxKind.ModuleDeclaration:
    case SyntaxKind.ImportEqualsDeclaration:
      add(around(node, isBlockScope), name);
      return;
    case SyntaxKind.EnumMember:
      add(node.parent, name?.kind === SyntaxKind.Identifier ? name : undefined);
      return;
    case SyntaxKind.ImportSpecifier:
    case SyntaxKind.NamespaceImport:
    case SyntaxKind.ImportClause:
      add(around(node, isBlockScope), (node as ImportClause).name);
      return;
    default:
      return;
  }
}

function bound(name: Node | undefined): readonly string[] {
  if (name?.kind === SyntaxKind.Identifier) return (name as Identifier).text === "" ? [] : [(name as Identifier).text];
  const names: string[] = [];
  name?.forEachChild((element) => {
    names.push(...bound((element as BindingElement).name));
    return undefined;
  });
  return names;
}

function around(node: Node, fits: (node: Node) => boolean): Node {
  let at = node.parent;
  while (!fits(at)) at = at.parent;
  return at;
}

function isVarScope(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.SourceFile:
    case SyntaxKind.ModuleBlock:
      return true;
    case SyntaxKind.ModuleDeclaration:
      return true;
    case SyntaxKind.Block:
      return isBody(node.parent);
    default:
      return false;
  }
}

function isBlockScope(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.Block:
      return node.parent.kind !== SyntaxKind.CatchClause;
    case SyntaxKind.CatchClause:
    case SyntaxKind.ForStatement:
    case SyntaxKind.ForInStatement:
    case SyntaxKind.ForOfStatement:
    case SyntaxKind.CaseBlock:
      return true;
    default:
      return isVarScope(node);
  }
}

/** Nodes that become a body: functions, field initialisers and static blocks. */
function isBody(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
    case SyntaxKind.ClassStaticBlockDeclaration:
      return true;
    case SyntaxKind.PropertyDeclaration:
      return (node as Node & { readonly initializer?: Node }).initializer !== undefined;
    default:
      return false;
  }
}

/** Whether an identifier reads or writes a binding, by where it stands. */
function isUse(node: Node): boolean {
  if (node.kind !== SyntaxKind.Identifier || (node as Identifier).text === "") return false;
  const { parent } = node;
  const named = parent as Named & { readonly propertyName?: Node; readonly label?: Node };
  switch (parent.kind) {
    case SyntaxKind.ShorthandPropertyAssignment:
      return true;
    case SyntaxKind.JsxOpeningElement:
    case SyntaxKind.JsxSelfClosingElement:
      return !/^[a-z]|-/.test((node as Identifier).text);
    case SyntaxKind.JsxClosingElement:
    case SyntaxKind.JsxNamespacedName:
    case SyntaxKind.MetaProperty:
    case SyntaxKind.ImportSpecifier:
    case SyntaxKind.ExportSpecifier:
    case SyntaxKind.ImportAttribute:
    case SyntaxKind.NamespaceExport:
      return false;
    case SyntaxKind.LabeledStatement:
    case SyntaxKind.BreakStatement:
    case SyntaxKind.ContinueStatement:
      return named.label !== node;
    default:
      return named.name !== node && named.propertyName !== node && !isInClosingTag(node);
  }
}

function isInClosingTag(node: Node): boolean {
  let at = node.parent;
  while (at?.kind === SyntaxKind.PropertyAccessExpression) at = at.parent;
  return at?.kind === SyntaxKind.JsxClosingElement;
}

function resolve(use: Identifier, scopes: Map<Node, Set<string>>, found: Map<Node, Set<string>>): void {
  const crossed: Node[] = [];
  let from: Node = use;
  for (let at: Node | undefined = use.parent; at !== undefined; from = at, at = at.parent) {
    const outside = isOutside(at, from);
    if (!outside && scopes.get(at)?.has(use.text)) {
      // A function expression's own name and a parameter belong to the function itself.
      for (const body of crossed) found.get(body)?.add(use.text);
      return;
    }
    if (!outside && isBody(at)) crossed.push(at);
  }
}

/** Computed names and decorators are evaluated outside of what they belong to. */
function isOutside(owner: Node, part: Node): boolean {
  return part.kind === SyntaxKind.Decorator || (isBody(owner) && part === (owner as Named).name);
}
