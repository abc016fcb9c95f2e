/** What lowering asks the type checker, and no more: each question costs more than lowering the line it is about. */
import type {
  BindingName,
  CallExpression,
  Identifier,
  Node,
  ParameterDeclaration,
  PropertyAccessExpression,
  VariableDeclaration,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { SymbolKey, TypeKey } from "../program/program.js";
import { isDullGlobal, isDullMethod, isDullType, isDullValue, plainType } from "./dull.js";
import type { Argument, Call, LocalId, Operand, Place } from "./mir.js";
import { boundNames, lookup } from "./scopes.js";
import type { BodyState, Draft } from "./state.js";
import { textOf, unwrapped } from "./syntax.js";

/** Notes what was made with a symbol or type that is only a stand-in yet. */
export function held<T extends Item | Draft<Call>>(b: BodyState, holder: Draft<T>): T {
  b.file.holders.push(holder);
  return holder;
}

type Item = Extract<Operand, { kind: "item" }>;

/** Asks at most once for all nodes with this key, since they all mean the same declaration. */
function askOnce(b: BodyState, key: string, node: Node): SymbolKey | undefined {
  const asked = b.file.symbolOf.get(key);
  if (asked === undefined) b.file.symbolOf.set(key, node);
  return b.file.asked.symbol(asked ?? node);
}

/** The declaration behind a member of an import, `thread.spawn`. */
export function askMember(b: BodyState, local: LocalId, path: string, name: Node | undefined): SymbolKey | undefined {
  return name === undefined ? undefined : askOnce(b, `${local}:${path}`, name);
}

export function calleeSymbol(b: BodyState, callee: Operand, name: Node | undefined): SymbolKey | undefined {
  if (callee.kind === "item") {
    if (callee.local !== undefined || name === undefined) return callee.symbol;
    return isDullGlobal(callee.name) ? undefined : askOnce(b, `:${callee.name}`, name);
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
  if (member !== undefined) return b.file.asked.symbol(member);
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

/** The type of a call's result, unless the callee cannot give anything of interest. */
export function askCallType(b: BodyState, node: Node, callee: Operand): TypeKey | undefined {
  if (callee.kind === "item" && callee.local === undefined && isDullGlobal(callee.name)) return undefined;
  return b.file.asked.type(node);
}

/** Asks what the arguments of a call hold, where that is not plain from the text. */
export function askParts(
  b: BodyState,
  nodes: readonly Node[],
  args: readonly Draft<Argument>[],
  of: "all" | "members" | undefined,
): void {
  if (of === undefined) return;
  for (const [index, node] of nodes.entries()) {
    const argument = args[index];
    if (argument === undefined || argument.spread || isPlainText(unwrapped(node))) continue;
    if (of === "members" && unwrapped(node).kind !== SyntaxKind.PropertyAccessExpression) continue;
    argument.parts = b.file.asked.parts(node);
    b.file.holders.push(argument);
  }
}

/** A literal that is copied as it is. */
function isPlainText(node: Node): boolean {
  const type = plainType(node);
  return type?.kind === "primitive";
}

/** Asks for the type of a declared variable or of each name of its pattern, and returns the variable's. */
export function askVariableType(b: BodyState, name: BindingName, node: VariableDeclaration): TypeKey | undefined {
  return askDeclared(b, name, node);
}

export function askParameterType(b: BodyState, node: ParameterDeclaration): TypeKey | undefined {
  return node.name === undefined ? undefined : askDeclared(b, node.name, node);
}

function askDeclared(
  b: BodyState,
  name: BindingName,
  { type, initializer }: VariableDeclaration | ParameterDeclaration,
): TypeKey | undefined {
  const shown = type ?? (initializer === undefined ? undefined : unwrapped(initializer));
  const plain = shown === undefined ? undefined : plainType(shown);
  if (plain !== undefined) {
    if (name.kind === SyntaxKind.Identifier) setType(b, name, plain);
    return undefined;
  }
  if (type !== undefined ? isDullType(type) : initializer !== undefined && isDullInitializer(b, initializer))
    return undefined;
  if (name.kind !== SyntaxKind.Identifier) {
    for (const bound of boundNames(name)) setType(b, bound, b.file.asked.type(bound));
    // What a parameter brings has no name of its own, and a type that was written down has.
    return type !== undefined && isNamed(b, type) ? b.file.asked.type(firstOfType(b, type, type)) : undefined;
  }
  const answer = b.file.asked.type(type === undefined ? name : firstOfType(b, type, name));
  setType(b, name, answer);
  return answer;
}

/** `Locks`, and no pattern of a type. */
function isNamed({ file }: BodyState, type: Node): boolean {
  return /^\s*[A-Z]\w*$/.test(file.text.slice(type.pos, type.end));
}

/** All declarations with the same annotation have one type, so one question is enough for them. */
function firstOfType(b: BodyState, type: Node, name: Node): Node {
  const text = b.file.text.slice(type.pos, type.end).trim();
  if (!/^(readonly )?[A-Z]\w*(\[\])*$/.test(text)) return name;
  const root = /[A-Z]\w*/.exec(text)?.[0] ?? "";
  // A name that the module does not declare may be a type parameter, which is another type in each function.
  if (!b.file.typeNames.has(root)) return name;
  const known = b.file.typeOf.get(text);
  if (known === undefined) b.file.typeOf.set(text, name);
  return known ?? name;
}

function setType(b: BodyState, name: Node, type: TypeKey | undefined): void {
  const local = lookup(b.frame, textOf(name) ?? "");
  const declared = local === undefined ? undefined : b.file.locals[local];
  if (declared !== undefined && type !== undefined) declared.type = type;
}

function isDullInitializer(b: BodyState, initializer: Node): boolean {
  const node = unwrapped(initializer);
  if (node.kind !== SyntaxKind.CallExpression) return isDullValue(node);
  const callee = unwrapped((node as CallExpression).expression ?? node);
  if (callee.kind !== SyntaxKind.PropertyAccessExpression) return false;
  const { expression, name } = callee as PropertyAccessExpression;
  if (isDullMethod(textOf(name) ?? "")) return true;
  const root = expression === undefined ? undefined : unwrapped(expression);
  if (root?.kind !== SyntaxKind.Identifier) return false;
  const text = textOf(root as Identifier) ?? "";
  return isDullGlobal(text) && lookup(b.frame, text) === undefined;
}
