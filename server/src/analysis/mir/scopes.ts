/** Names: which scope declares what, and what a name refers to. */
import type {
  BindingName,
  BindingPattern,
  Block as BlockNode,
  CaseBlock,
  CatchClause,
  ClassDeclaration,
  EnumDeclaration,
  ForInOrOfStatement,
  ForStatement,
  FunctionDeclaration,
  Identifier,
  IfStatement,
  ImportDeclaration,
  ImportEqualsDeclaration,
  IterationStatementBase,
  ModuleBlock,
  ModuleDeclaration,
  NamedImports,
  NamespaceImport,
  Node,
  SwitchStatement,
  TryStatement,
  VariableDeclarationList,
  VariableStatement,
} from "typescript/ast";
import { ModifierFlags, SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import type { SymbolKey } from "../program/program.js";
import type { LocalId, LocalKind, Reference, Scope } from "./mir.js";
import type { BodyDraft, BodyState, FileState, Frame } from "./state.js";
import { addUndeclared, spanOf } from "./state.js";
import { hasModifier, listed, textOf, variableKind } from "./syntax.js";

export interface Declared {
  readonly kind: LocalKind;
  readonly name: string;
  readonly node: Node;
  readonly statement: Node;
  readonly initializer?: Node | undefined;
  readonly exported?: boolean;
  readonly typeOnly?: boolean;
}

/** A scope of its own, with its first frame. */
export function newScope(
  file: FileState,
  body: BodyDraft,
  parent: Frame | undefined,
  kind: Scope["kind"],
  span: Span,
  qualifier = parent?.qualifier ?? "",
): Frame {
  const id = file.scopes.length;
  file.scopes.push({ id, parent: parent?.id, body: body.id, span, kind });
  return { id, parent, body, names: new Map(), locals: [], qualifier };
}

/** More names for an existing scope, which hide its earlier ones: a function's body behind its parameters. */
export function innerFrame(outer: Frame): Frame {
  return { ...outer, parent: outer, names: new Map(), locals: outer.locals };
}

export function ownKey(file: FileState, frame: Frame, name: string, node: Node | undefined): SymbolKey {
  const offset = node === undefined ? undefined : spanOf(file, node).start;
  return { package: undefined, file: file.file, name: frame.qualifier + name, offset };
}

function keyOf(file: FileState, frame: Frame, what: Declared): SymbolKey | undefined {
  if (what.kind !== "import") return ownKey(file, frame, what.name, what.node);
  return what.typeOnly ? undefined : file.asked.symbol(what.node);
}

/** Adds a name to a frame. A second declaration of the name (merging, `var` twice) is the first one's local. */
export function declare(file: FileState, frame: Frame, what: Declared): LocalId {
  const known = frame.names.get(what.name);
  if (known !== undefined) {
    const local = file.locals[known];
    if (local !== undefined && what.exported) local.exported = true;
    return known;
  }
  const id = file.locals.length;
  const name = spanOf(file, what.node);
  file.locals.push({
    id,
    kind: what.kind,
    name: what.name,
    body: frame.body.id,
    scope: frame.id,
    span: name,
    statement: spanOf(file, what.statement),
    initializer: what.initializer === undefined ? undefined : spanOf(file, what.initializer),
    symbol: keyOf(file, frame, what),
    type: undefined,
    function: undefined,
    reassigned: false,
    exported: what.exported ?? false,
    typeOnly: what.typeOnly ?? false,
  });
  frame.names.set(what.name, id);
  frame.locals.push(id);
  return id;
}

/** `this`, `arguments`, `super` or `new.target` of the function that binds it, seen from `draft`. */
export function implicitLocal(b: BodyState, kind: "this" | "arguments" | "super" | "new.target"): LocalId {
  let owner = b.draft;
  while (owner.kind === "arrow" && owner.parent !== undefined) owner = owner.parent;
  const known = owner.implicit.get(kind);
  if (known !== undefined) return known;
  const id = addUndeclared(b.file, { kind, name: kind, body: owner.id, scope: owner.scope });
  owner.implicit.set(kind, id);
  return id;
}

export function lookup(frame: Frame, name: string): LocalId | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    const id = at.names.get(name);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Notes that the current body uses a local: a capture for every body between it and the local's own. */
export function reference(
  b: BodyState,
  local: LocalId,
  span: Span,
  access: Reference["access"],
  shorthand = false,
): void {
  const declared = b.file.locals[local];
  if (declared === undefined) return;
  b.file.used.add(local);
  if (access !== "read") declared.reassigned = true;
  const use: Reference = { span, access, shorthand, body: b.draft.id };
  for (let at: BodyDraft | undefined = b.draft; at !== undefined && at.id !== declared.body; at = at.parent) {
    const uses = at.captures.get(local) ?? new Map<number, Reference>();
    if (uses.size === 0) at.captures.set(local, uses);
    uses.set(span.start, use);
  }
}

/** Declares the names of a list of statements that belong to its block: everything but `var`. */
export function declareBlock(file: FileState, frame: Frame, statements: readonly Node[]): void {
  for (const outer of statements) {
    let statement = outer;
    while (statement.kind === SyntaxKind.LabeledStatement) {
      statement = (statement as IterationStatementBase).statement;
    }
    declareStatement(file, frame, statement);
  }
}

function declareStatement(file: FileState, frame: Frame, statement: Node): void {
  if (hasModifier(statement, ModifierFlags.Ambient)) return;
  const exported = hasModifier(statement, ModifierFlags.Export);
  switch (statement.kind) {
    case SyntaxKind.VariableStatement: {
      const list = (statement as VariableStatement).declarationList;
      if (variableKind(list) !== "var") declareVariables(file, frame, list, statement, exported);
      return;
    }
    case SyntaxKind.FunctionDeclaration: {
      const node = statement as FunctionDeclaration;
      if (node.body !== undefined) declareNamed(file, frame, "function", node, node.name, exported);
      return;
    }
    case SyntaxKind.ClassDeclaration:
      declareNamed(file, frame, "class", statement, (statement as ClassDeclaration).name, exported);
      return;
    case SyntaxKind.EnumDeclaration:
      if (isConstEnum(statement)) return;
      declareNamed(file, frame, "enum", statement, (statement as EnumDeclaration).name, exported);
      return;
    case SyntaxKind.ModuleDeclaration: {
      const node = statement as ModuleDeclaration;
      if (isInstantiated(node)) declareNamed(file, frame, "namespace", node, node.name, exported);
      return;
    }
    case SyntaxKind.ImportDeclaration:
      declareImports(file, frame, statement as ImportDeclaration);
      return;
    case SyntaxKind.ImportEqualsDeclaration:
      declareImportEquals(file, frame, statement as ImportEqualsDeclaration, exported);
      return;
    default:
      return;
  }
}

/** The compiler puts the numbers of a `const enum` in place of its name: nothing of it is there at run time. */
export function isConstEnum(node: Node): boolean {
  return hasModifier(node, ModifierFlags.Const);
}

function declareNamed(
  file: FileState,
  frame: Frame,
  kind: LocalKind,
  node: Node,
  name: Node | undefined,
  exported: boolean,
): void {
  const text = textOf(name) ?? (exported && hasModifier(node, ModifierFlags.Default) ? "default" : undefined);
  if (text === undefined || (name !== undefined && name.kind !== SyntaxKind.Identifier)) return;
  declare(file, frame, { kind, name: text, node: name ?? node, statement: node, exported });
}

export function declareVariables(
  file: FileState,
  frame: Frame,
  list: VariableDeclarationList,
  statement: Node,
  exported = false,
): void {
  const kind = variableKind(list);
  for (const variable of listed(list.declarations)) {
    for (const name of boundNames(variable.name)) {
      const text = textOf(name);
      if (text === undefined) continue;
      declare(file, frame, { kind, name: text, node: name, statement, initializer: variable.initializer, exported });
    }
  }
}

/** The identifiers a name or a pattern binds, in order. */
export function boundNames(binding: BindingName | undefined): readonly Identifier[] {
  const names: Identifier[] = [];
  const pending: Node[] = binding === undefined ? [] : [binding];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === SyntaxKind.Identifier) names.push(node as Identifier);
    else if (node.kind === SyntaxKind.ObjectBindingPattern || node.kind === SyntaxKind.ArrayBindingPattern) {
      const elements = listed<Node>((node as BindingPattern).elements);
      for (const element of [...elements].reverse()) {
        const name = (element as Node & { readonly name?: BindingName }).name;
        if (name !== undefined) pending.push(name);
      }
    }
  }
  return names;
}

function declareImports(file: FileState, frame: Frame, node: ImportDeclaration): void {
  const clause = node.importClause;
  if (clause === undefined) return;
  const typeOnly = clause.phaseModifier === SyntaxKind.TypeKeyword;
  const add = (name: Identifier, only: boolean): void => {
    const text = textOf(name);
    if (text === undefined) return;
    declare(file, frame, { kind: "import", name: text, node: name, statement: node, typeOnly: only });
  };
  if (clause.name !== undefined) add(clause.name, typeOnly);
  const bindings = clause.namedBindings;
  if (bindings?.kind === SyntaxKind.NamespaceImport) add((bindings as NamespaceImport).name, typeOnly);
  if (bindings?.kind === SyntaxKind.NamedImports) {
    for (const element of listed((bindings as NamedImports).elements))
      add(element.name, typeOnly || element.isTypeOnly);
  }
}

function declareImportEquals(file: FileState, frame: Frame, node: ImportEqualsDeclaration, exported: boolean): void {
  const name = textOf(node.name);
  if (name === undefined) return;
  const external = node.moduleReference?.kind === SyntaxKind.ExternalModuleReference;
  const kind = external ? "import" : "const";
  declare(file, frame, { kind, name, node: node.name, statement: node, exported, typeOnly: node.isTypeOnly });
}

/** Whether a namespace has anything in it that exists at run time. */
export function isInstantiated(node: ModuleDeclaration): boolean {
  const pending: Node[] = [node];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (hasModifier(at, ModifierFlags.Ambient)) continue;
    switch (at.kind) {
      case SyntaxKind.ModuleDeclaration: {
        const { body, name } = at as ModuleDeclaration;
        if (body !== undefined && name?.kind === SyntaxKind.Identifier) pending.push(body);
        break;
      }
      case SyntaxKind.ModuleBlock:
        pending.push(...listed((at as ModuleBlock).statements));
        break;
      case SyntaxKind.InterfaceDeclaration:
      case SyntaxKind.TypeAliasDeclaration:
      case SyntaxKind.EmptyStatement:
      case SyntaxKind.ExportDeclaration:
        break;
      case SyntaxKind.EnumDeclaration:
        if (!isConstEnum(at)) return true;
        break;
      default:
        return true;
    }
  }
  return false;
}

/** Declares every `var` of a function's (or module's, or namespace's) own statements, however deep in them. */
export function declareVars(file: FileState, frame: Frame, roots: readonly Node[], exportedHere = true): void {
  const pending: Node[] = [...roots].reverse();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === SyntaxKind.VariableStatement) {
      if (hasModifier(node, ModifierFlags.Ambient)) continue;
      const list = (node as VariableStatement).declarationList;
      const exported = exportedHere && hasModifier(node, ModifierFlags.Export);
      if (variableKind(list) === "var") declareVariables(file, frame, list, node, exported);
      continue;
    }
    const initializer = (node as ForStatement | ForInOrOfStatement).initializer;
    if (initializer?.kind === SyntaxKind.VariableDeclarationList && isLoop(node)) {
      const list = initializer as VariableDeclarationList;
      if (variableKind(list) === "var") declareVariables(file, frame, list, node);
    }
    pending.push(...[...innerStatements(node)].reverse());
  }
}

function isLoop(node: Node): boolean {
  return (
    node.kind === SyntaxKind.ForStatement ||
    node.kind === SyntaxKind.ForOfStatement ||
    node.kind === SyntaxKind.ForInStatement
  );
}

/** The statements directly inside a statement, functions and namespaces left out. */
function innerStatements(node: Node): readonly Node[] {
  switch (node.kind) {
    case SyntaxKind.Block:
      return listed((node as BlockNode).statements);
    case SyntaxKind.IfStatement: {
      const { thenStatement, elseStatement } = node as IfStatement;
      return [thenStatement, elseStatement].filter((part) => part !== undefined);
    }
    case SyntaxKind.DoStatement:
    case SyntaxKind.WhileStatement:
    case SyntaxKind.ForStatement:
    case SyntaxKind.ForInStatement:
    case SyntaxKind.ForOfStatement:
    case SyntaxKind.LabeledStatement:
    case SyntaxKind.WithStatement:
      return [(node as IterationStatementBase).statement].filter((part) => part !== undefined);
    case SyntaxKind.SwitchStatement: {
      const block: CaseBlock | undefined = (node as SwitchStatement).caseBlock;
      return listed(block?.clauses).flatMap((clause) => listed(clause.statements));
    }
    case SyntaxKind.TryStatement: {
      const { tryBlock, catchClause, finallyBlock } = node as TryStatement;
      return [tryBlock, (catchClause as CatchClause | undefined)?.block, finallyBlock].filter(
        (part) => part !== undefined,
      );
    }
    default:
      return [];
  }
}
