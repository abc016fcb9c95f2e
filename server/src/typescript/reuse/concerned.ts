/**
 * Which parts of a file an edit can concern: where a name may mean something else than before, or a type be another one.
 *
 * Rough on purpose, and only in one direction: what is mentioned counts as used, and where it gets complicated
 * everything is concerned.
 */
import {
  type BindingName,
  isArrowFunction,
  isClassDeclaration,
  isExpressionStatement,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isPropertyDeclaration,
  isVariableStatement,
  type Node,
  NodeFlags,
  ScriptKind,
  type SourceFile,
  type Statement,
  SyntaxKind,
} from "typescript/ast";
import { type Edit, placeBefore } from "./edit.js";

/** In the new text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * @param leaves Whether what other files of the project say of this file's exports can come back into it.
 * @returns The parts of `after` to ask about again; undefined for all of it.
 */
export function concerned(
  before: SourceFile,
  after: SourceFile,
  edit: Edit,
  leaves: boolean,
): readonly Range[] | undefined {
  if (after.scriptKind === ScriptKind.JS || after.scriptKind === ScriptKind.JSX) return undefined;
  // A name that is written with escapes would not be found.
  if (after.text.includes("\\u") || !sameShape(before, after, edit)) return undefined;
  const index = after.statements.findIndex(({ pos, end }) => pos <= edit.start && edit.newEnd <= end);
  const [was, is] = [before.statements[index], after.statements[index]];
  if (was === undefined || is === undefined) return undefined;
  const [old, text] = [written(before, was), written(after, is)];
  // Comments in front of the first statement can be instructions to the compiler.
  if (old === text) return index === 0 ? undefined : [];
  const others = after.statements.filter((statement) => statement !== is);
  const variables = others.flatMap(variablesOf);
  const mentioned = namesIn(`${old}\n${text}`);
  const body = closedBody(after, is, edit);
  const touched = variables.filter(({ name }) => mentioned.has(name));
  if (body !== undefined && touched.every(({ constant }) => constant)) return [body];
  if (!followed(is) || !isModule(before) || !isModule(after)) return undefined;
  const names = new Set([...declaredNames(was), ...touched.map(({ name }) => name)]);
  return closure(after, is, names, leaves);
}

/** The same statements at the same places, but for the one that was edited. */
function sameShape(before: SourceFile, after: SourceFile, edit: Edit): boolean {
  if (before.statements.length !== after.statements.length) return false;
  return after.statements.every((statement, index) => {
    const was = before.statements[index];
    const same = was?.kind === statement.kind && was.end === placeBefore(edit, statement.end);
    return same && was.pos === placeBefore(edit, statement.pos);
  });
}

/** A function whose type is written down lets nothing out of its body. Undefined where the edit is not all in one. */
function closedBody(tree: SourceFile, statement: Node, { start, newEnd }: Edit): Range | undefined {
  const holds = ({ pos, end }: Node): boolean => pos <= start && newEnd <= end;
  const owner = isClassDeclaration(statement) ? statement.members.find(holds) : statement;
  const body =
    owner &&
    functionsOf(owner)
      .map(annotatedBody)
      .find((of) => of !== undefined && holds(of));
  if (body === undefined) return undefined;
  // The braces stay where they are.
  const inside = { start: body.getStart(tree) + 1, end: body.end - 1 };
  return inside.start <= start && newEnd <= inside.end ? inside : undefined;
}

/** What is declared as a function here, or what it is initialised with. */
function functionsOf(node: Node): readonly Node[] {
  if (isVariableStatement(node)) return node.declarationList.declarations.flatMap((one) => one.initializer ?? []);
  if (isPropertyDeclaration(node)) return node.initializer ? [node.initializer] : [];
  return [node];
}

function annotatedBody(node: Node): Node | undefined {
  const isFunction =
    isFunctionDeclaration(node) ||
    isMethodDeclaration(node) ||
    isGetAccessorDeclaration(node) ||
    isArrowFunction(node) ||
    isFunctionExpression(node);
  return isFunction && node.type !== undefined && node.body?.kind === SyntaxKind.Block ? node.body : undefined;
}

/** Takes in `first`, and again and again the statements that mention a name that one of those already in has an effect on. */
function closure(
  tree: SourceFile,
  first: Statement,
  names: Set<string>,
  leaves: boolean,
): readonly Range[] | undefined {
  const variables = tree.statements.flatMap(variablesOf);
  const mentions = new Map(tree.statements.map((statement) => [statement, namesIn(written(tree, statement))]));
  const met = new Set<Statement>();
  for (let next: readonly Statement[] = [first]; next.length > 0; ) {
    for (const statement of next) {
      if (!followed(statement) || (leaves && isExported(statement))) return undefined;
      met.add(statement);
      for (const name of declaredNames(statement)) names.add(name);
      for (const { name } of variables) if (mentions.get(statement)?.has(name)) names.add(name);
    }
    next = tree.statements.filter(
      (statement) => !met.has(statement) && [...(mentions.get(statement) ?? [])].some((name) => names.has(name)),
    );
  }
  return [...met].map(({ pos, end }) => ({ start: pos, end }));
}

/** Statements whose effect on others goes by the names that they declare and assign to. */
function followed(statement: Node): boolean {
  switch (statement.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.ClassDeclaration:
    case SyntaxKind.InterfaceDeclaration:
    case SyntaxKind.TypeAliasDeclaration:
    case SyntaxKind.EnumDeclaration:
    case SyntaxKind.VariableStatement:
    case SyntaxKind.ExpressionStatement:
      return true;
    default:
      return false;
  }
}

function declaredNames(statement: Node): readonly string[] {
  if (isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => bound(name));
  if (isExpressionStatement(statement) || !("name" in statement)) return [];
  const { name } = statement as Node & { readonly name?: Node };
  return name !== undefined && isIdentifier(name) ? [name.text] : [];
}

function bound(name: BindingName): readonly string[] {
  if (isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => ("name" in element && element.name ? bound(element.name) : []));
}

interface Variable {
  readonly name: string;
  readonly constant: boolean;
}

/**
 * Variables, whose type at a place can depend on code that only mentions them: an assignment or a check narrows them, and
 * an assignment anywhere takes that away (https://www.typescriptlang.org/docs/handbook/2/narrowing.html).
 */
function variablesOf(statement: Node): readonly Variable[] {
  if (!isVariableStatement(statement)) return [];
  const { flags, declarations } = statement.declarationList;
  const constant = (flags & NodeFlags.BlockScoped) === NodeFlags.Const;
  // A function cannot be narrowed to anything.
  const narrowed = declarations.filter(({ initializer }) => !(constant && initializer && isFunctionValue(initializer)));
  return narrowed.flatMap(({ name }) => bound(name)).map((name) => ({ name, constant }));
}

function isFunctionValue(node: Node): boolean {
  return isArrowFunction(node) || isFunctionExpression(node);
}

function isExported(statement: Node): boolean {
  const { modifiers } = statement as Node & { readonly modifiers?: readonly Node[] };
  return modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword) ?? false;
}

/** What a script declares is seen by all other scripts. */
function isModule(tree: SourceFile): boolean {
  return tree.statements.some(
    (statement) =>
      statement.kind === SyntaxKind.ImportDeclaration ||
      statement.kind === SyntaxKind.ExportDeclaration ||
      statement.kind === SyntaxKind.ExportAssignment ||
      isExported(statement),
  );
}

function written(tree: SourceFile, statement: Node): string {
  return tree.text.slice(statement.getStart(tree), statement.end);
}

/** Everything in a text that reads like a name, in strings and comments too. A name can also be written with escapes. */
function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/[\p{ID_Start}$_\\][\p{ID_Continue}$\\\u200c\u200d]*/gu) ?? []);
}
