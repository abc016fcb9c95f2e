/** What lowering asks the type checker, and no more: each question costs more than lowering the line it is about. */
import type { BindingName, Node, ParameterDeclaration, VariableDeclaration } from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { SymbolKey, TypeKey } from "../program/program.js";
import type { LocalId, Operand, Place } from "./mir.js";
import { boundNames, lookup } from "./scopes.js";
import type { BodyState } from "./state.js";
import { listed, textOf, unwrapped } from "./syntax.js";

/** Globals whose members never start, hold or share a thread. */
const dullGlobals = new Set(
  "console Math JSON Object Number String Boolean Symbol Date Reflect RegExp parseInt parseFloat isNaN BigInt Error TypeError RangeError Intl".split(
    " ",
  ),
);

/** Methods of the default library whose results hold nothing that was not in the receiver or an argument already. */
const dullMethods = new Set(
  (
    "push unshift forEach includes indexOf lastIndexOf some every charCodeAt charAt codePointAt toString toFixed trim split " +
    "startsWith endsWith replace replaceAll toLowerCase toUpperCase padStart padEnd substring localeCompare test has clear " +
    "log warn error addEventListener removeEventListener setTimeout clearTimeout setInterval clearInterval hasOwnProperty"
  ).split(" "),
);

function rootOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

/** Asks at most once for all nodes with this key, since they all mean the same declaration. */
function askOnce(b: BodyState, key: string, node: Node): SymbolKey | undefined {
  const asked = b.file.symbolOf.get(key);
  if (asked === undefined) b.file.symbolOf.set(key, node);
  return b.file.answers.symbol(asked ?? node);
}

/** The declaration behind a member of an import, `thread.spawn`. */
export function askMember(b: BodyState, local: LocalId, path: string, name: Node | undefined): SymbolKey | undefined {
  return name === undefined ? undefined : askOnce(b, `${local}:${path}`, name);
}

export function calleeSymbol(b: BodyState, callee: Operand, name: Node | undefined): SymbolKey | undefined {
  if (callee.kind === "item") {
    if (callee.local !== undefined || name === undefined) return callee.symbol;
    return dullGlobals.has(rootOf(callee.name)) ? undefined : askOnce(b, `:${callee.name}`, name);
  }
  if (callee.kind !== "place" || name === undefined) return undefined;
  if (callee.place.path.length > 0) return askOnce(b, keyOfPlace(b, callee.place, name), name);
  return localSymbol(b, callee.place.base);
}

function keyOfPlace(b: BodyState, place: Place, name: Node): string {
  const path = place.path
    .map((step) => (step.kind === "field" ? `.${step.name}` : `[${step.constant ?? ""}]`))
    .join("");
  const unique = b.file.locals[place.base]?.kind === "temp" ? `@${name.pos}` : "";
  return `${place.base}${path}${unique}`;
}

/** What a call of a local calls, as far as its declaration alone tells. */
function localSymbol(b: BodyState, local: LocalId): SymbolKey | undefined {
  const alias = b.file.aliasOf.get(local);
  if (alias !== undefined) return alias.symbol;
  const member = b.file.memberOf.get(local);
  if (member !== undefined) return b.file.answers.symbol(member);
  const declared = b.file.locals[local];
  switch (declared?.kind) {
    case "function":
    case "class":
    case "const":
      return declared.symbol;
    default:
      return undefined;
  }
}

/** The type of a call's result, unless nothing of interest can come out of it. */
export function askCallType(
  b: BodyState,
  node: Node,
  callee: Operand,
  method: string | undefined,
): TypeKey | undefined {
  if (method !== undefined && dullMethods.has(method)) return undefined;
  if (callee.kind === "item" && callee.local === undefined && dullGlobals.has(rootOf(callee.name))) return undefined;
  return b.file.answers.type(node);
}

/** Asks for the type of a declared variable or of each name of its pattern, and returns the variable's. */
export function askVariableType(b: BodyState, name: BindingName, node: VariableDeclaration): TypeKey | undefined {
  const plain = name.kind === SyntaxKind.Identifier;
  if (plain && isDull(node.type, node.initializer)) return undefined;
  let type: TypeKey | undefined;
  for (const bound of boundNames(name)) {
    type = b.file.answers.type(bound);
    setType(b, bound, type);
  }
  return plain ? type : undefined;
}

function setType(b: BodyState, name: Node, type: TypeKey | undefined): void {
  const local = lookup(b.frame, textOf(name) ?? "");
  const declared = local === undefined ? undefined : b.file.locals[local];
  if (declared !== undefined && type !== undefined) declared.type = type;
}

export function askParameterType(b: BodyState, node: ParameterDeclaration): TypeKey | undefined {
  if (isDull(node.type, node.initializer) || node.name === undefined) return undefined;
  if (node.name.kind === SyntaxKind.Identifier) {
    const type = b.file.answers.type(node.name);
    setType(b, node.name, type);
    return type;
  }
  for (const bound of boundNames(node.name)) setType(b, bound, b.file.answers.type(bound));
  return undefined;
}

/** Whether a declaration can only hold a primitive, a function, or something that was just made of nothing. */
function isDull(type: Node | undefined, initializer: Node | undefined): boolean {
  if (type !== undefined) return isDullType(type);
  return initializer !== undefined && isDullValue(unwrapped(initializer));
}

function isDullType(type: Node): boolean {
  switch (type.kind) {
    case SyntaxKind.StringKeyword:
    case SyntaxKind.NumberKeyword:
    case SyntaxKind.BooleanKeyword:
    case SyntaxKind.BigIntKeyword:
    case SyntaxKind.SymbolKeyword:
    case SyntaxKind.UnknownKeyword:
    case SyntaxKind.AnyKeyword:
    case SyntaxKind.LiteralType:
    case SyntaxKind.FunctionType:
      return true;
    case SyntaxKind.ArrayType:
      return isDullType((type as Node & { readonly elementType: Node }).elementType);
    default:
      return false;
  }
}

function isDullValue(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateExpression:
    case SyntaxKind.RegularExpressionLiteral:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ClassExpression:
    case SyntaxKind.ObjectLiteralExpression:
    case SyntaxKind.PrefixUnaryExpression:
    case SyntaxKind.PostfixUnaryExpression:
    case SyntaxKind.TypeOfExpression:
      return true;
    case SyntaxKind.ArrayLiteralExpression:
      return listed((node as Node & { readonly elements?: readonly Node[] }).elements).length === 0;
    default:
      return false;
  }
}
