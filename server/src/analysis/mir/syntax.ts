/** Small questions about syntax nodes that several parts of lowering ask. */
import type {
  ExpressionBase,
  FunctionLikeDeclaration,
  ModifiersBase,
  Node,
  NodeArray,
  VariableDeclarationList,
} from "typescript/ast";
import { ModifierFlags, NodeFlags, SyntaxKind } from "typescript/ast";
import type { LocalKind } from "./mir.js";

interface Wrapper extends ExpressionBase {
  readonly expression: Node;
}

/** The expression inside parentheses, casts, `!` and `satisfies`, which all leave the value as it is. */
export function unwrapped(node: Node): Node {
  let inner = node;
  while (isTransparent(inner)) inner = (inner as Wrapper).expression;
  return inner;
}

function isTransparent(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.ParenthesizedExpression:
    case SyntaxKind.AsExpression:
    case SyntaxKind.SatisfiesExpression:
    case SyntaxKind.TypeAssertionExpression:
    case SyntaxKind.NonNullExpression:
    case SyntaxKind.ExpressionWithTypeArguments:
    case SyntaxKind.PartiallyEmittedExpression:
      return (node as Wrapper).expression !== undefined;
    default:
      return false;
  }
}

/** The flags of the modifiers that are written at a declaration. */
function modifiersOf(node: Node): ModifierFlags {
  return (node as Node & Partial<ModifiersBase>).modifierFlags ?? ModifierFlags.None;
}

export function hasModifier(node: Node, flag: ModifierFlags): boolean {
  return (modifiersOf(node) & flag) !== 0;
}

/** `let`, `const`, `var`, `using` or `await using`. */
export function variableKind(list: VariableDeclarationList): LocalKind {
  switch (list.flags & NodeFlags.BlockScoped) {
    case NodeFlags.Let:
      return "let";
    case NodeFlags.Const:
      return "const";
    case NodeFlags.Using:
      return "using";
    case NodeFlags.AwaitUsing:
      return "await-using";
    default:
      return "var";
  }
}

export function isFunctionLike(node: Node): node is FunctionLikeDeclaration {
  switch (node.kind) {
    case SyntaxKind.FunctionDeclaration:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.Constructor:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor:
      return true;
    default:
      return false;
  }
}

/** The children of a list that a broken tree may lack. */
export function listed<T extends Node>(list: NodeArray<T> | readonly T[] | undefined): readonly T[] {
  const nodes: T[] = [];
  // By index: the iterator of the compiler's lists is a generator, which is slower by far.
  for (let index = 0, length = list?.length ?? 0; index < length; index++) {
    const node = list?.[index];
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

/** The compiler's nodes decode their text anew each time. */
let texts = new Map<Node, string>();

/** Another tree is gone through from now on: the texts of the one before are needed no more. */
export function forgetTexts(): void {
  texts = new Map();
}

/** The text of a name, or undefined where the parser had to invent it. */
export function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const known = texts.get(node);
  if (known !== undefined) return known;
  const { text } = node as Node & { readonly text?: string };
  if (text === undefined || text === "") return undefined;
  texts.set(node, text);
  return text;
}

/** The fixed name of a property, or undefined for a computed one. `#x` keeps its `#`. */
export function propertyNameOf(name: Node | undefined): string | undefined {
  switch (name?.kind) {
    case SyntaxKind.Identifier:
    case SyntaxKind.PrivateIdentifier:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return textOf(name);
    default:
      return undefined;
  }
}

const operators: ReadonlyMap<SyntaxKind, string> = new Map([
  [SyntaxKind.PlusToken, "+"],
  [SyntaxKind.MinusToken, "-"],
  [SyntaxKind.AsteriskToken, "*"],
  [SyntaxKind.AsteriskAsteriskToken, "**"],
  [SyntaxKind.SlashToken, "/"],
  [SyntaxKind.PercentToken, "%"],
  [SyntaxKind.LessThanLessThanToken, "<<"],
  [SyntaxKind.GreaterThanGreaterThanToken, ">>"],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ">>>"],
  [SyntaxKind.AmpersandToken, "&"],
  [SyntaxKind.BarToken, "|"],
  [SyntaxKind.CaretToken, "^"],
  [SyntaxKind.LessThanToken, "<"],
  [SyntaxKind.LessThanEqualsToken, "<="],
  [SyntaxKind.GreaterThanToken, ">"],
  [SyntaxKind.GreaterThanEqualsToken, ">="],
  [SyntaxKind.EqualsEqualsToken, "=="],
  [SyntaxKind.ExclamationEqualsToken, "!="],
  [SyntaxKind.EqualsEqualsEqualsToken, "==="],
  [SyntaxKind.ExclamationEqualsEqualsToken, "!=="],
  [SyntaxKind.InstanceOfKeyword, "instanceof"],
  [SyntaxKind.InKeyword, "in"],
  [SyntaxKind.ExclamationToken, "!"],
  [SyntaxKind.TildeToken, "~"],
  [SyntaxKind.PlusPlusToken, "++"],
  [SyntaxKind.MinusMinusToken, "--"],
  [SyntaxKind.PlusEqualsToken, "+="],
  [SyntaxKind.MinusEqualsToken, "-="],
  [SyntaxKind.AsteriskEqualsToken, "*="],
  [SyntaxKind.AsteriskAsteriskEqualsToken, "**="],
  [SyntaxKind.SlashEqualsToken, "/="],
  [SyntaxKind.PercentEqualsToken, "%="],
  [SyntaxKind.LessThanLessThanEqualsToken, "<<="],
  [SyntaxKind.GreaterThanGreaterThanEqualsToken, ">>="],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken, ">>>="],
  [SyntaxKind.AmpersandEqualsToken, "&="],
  [SyntaxKind.BarEqualsToken, "|="],
  [SyntaxKind.CaretEqualsToken, "^="],
]);

export function operatorText(kind: SyntaxKind): string {
  return operators.get(kind) ?? "?";
}

/**
 * The block or expression of a function. TypeScript 7.1.0-beta gives the type of a JSDoc comment in its place where
 * there is one; then the body is the last child.
 */
export function bodyOf(node: FunctionLikeDeclaration): Node | undefined {
  const { body } = node;
  if (body === undefined || (body.flags & NodeFlags.Reparsed) === 0) return body;
  let last: Node | undefined;
  node.forEachChild((child) => {
    last = child;
    return undefined;
  });
  return last;
}
