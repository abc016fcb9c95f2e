/** Classes: a body for the constructor, each method and each initialiser; decorators are calls. */
import type {
  ClassLikeBase,
  ClassStaticBlockDeclaration,
  ConstructorDeclaration,
  Decorator,
  FunctionLikeDeclaration,
  HeritageClause,
  ModifierLike,
  Node,
  NodeArray,
  PropertyDeclaration,
} from "typescript/ast";
import { ModifierFlags, SyntaxKind } from "typescript/ast";
import { assign, asTemp, placeOf, use } from "./builder.js";
import { closeScope, implicitReturn, openScope } from "./exits.js";
import { lowerExpression, lowerOperand } from "./expressions.js";
import { lowerFunction, nameNode, openBody } from "./functions.js";
import type { BodyId, Call, Operand } from "./mir.js";
import { lowerPropertyName } from "./objects.js";
import { declare, declareBlock, declareVars, implicitLocal, lookup, ownKey } from "./scopes.js";
import type { BodyState, Frame } from "./state.js";
import { insideOf, spanOf } from "./state.js";
import { lowerStatements } from "./statements.js";
import { hasModifier, isFunctionLike, listed, textOf } from "./syntax.js";
import { calleeSymbol, held } from "./types.js";

type ClassNode = ClassLikeBase & Node;

export function lowerClassDeclaration(b: BodyState, node: Node): void {
  const name = textOf((node as ClassNode).name) ?? "default";
  const local = lookup(b.frame, name);
  const value = lowerClass(b, node, name);
  if (local === undefined || value.kind !== "function") return;
  const declared = b.file.locals[local];
  if (declared !== undefined) declared.function = value.body;
  assign(b, placeOf(local), use(value), value.span, true);
}

export function lowerClass(b: BodyState, outer: Node, given: string | undefined): Operand {
  const node = outer as ClassNode;
  const own = textOf(node.name);
  const name = own ?? given;
  const span = spanOf(b.file, node);
  const operands = heritageOf(node).map((type) => lowerOperand(b, type));
  const decorators = decoratorsOf(node).map((decorator) => lowerOperand(b, decorator.expression));
  const qualifier = name === undefined ? "" : `${b.frame.qualifier}${name}.`;
  const members = listed<Node>(node.members);
  const inside = {
    start: node.members?.pos ?? span.start,
    end: Math.max(node.members?.pos ?? span.start, span.end - 1),
  };
  const frame = openScope(b, { node, kind: "class", span: inside, statements: [], qualifier });
  const body = lowerConstructor(b, node, name, members);
  const value: Operand = { kind: "function", body: body.id, span };
  if (node.kind === SyntaxKind.ClassExpression && own !== undefined && node.name !== undefined) {
    declareOwnName(b, frame, node, own, value);
  }
  body.finish();
  operands.push(...members.flatMap((member) => lowerMember(b, member, qualifier, value)));
  closeScope(b, frame, inside);
  if (operands.length > 0) asTemp(b, { kind: "opaque", operands }, span);
  for (const decorator of decorators.reverse()) callDecorator(b, decorator, value);
  return value;
}

/** The name of a class expression, which only the class itself sees, and for as long as it lives. */
function declareOwnName(b: BodyState, frame: Frame, node: ClassNode, name: string, value: Operand): void {
  if (node.name === undefined || value.kind !== "function") return;
  const unqualified = { ...frame, qualifier: outerFrame(b).qualifier, locals: [] };
  const id = declare(b.file, unqualified, { kind: "class", name, node: node.name, statement: node });
  const local = b.file.locals[id];
  if (local !== undefined) local.function = value.body;
  assign(b, placeOf(id), use(value), value.span, true);
}

function heritageOf(node: ClassNode): readonly Node[] {
  return listed(node.heritageClauses)
    .filter((clause: HeritageClause) => clause.token === SyntaxKind.ExtendsKeyword)
    .flatMap((clause) => listed<Node>(clause.types));
}

function decoratorsOf(node: Node): readonly Decorator[] {
  const { modifiers } = node as Node & { readonly modifiers?: NodeArray<ModifierLike> };
  return listed<Node>(modifiers).filter((modifier): modifier is Decorator => modifier.kind === SyntaxKind.Decorator);
}

function callDecorator(b: BodyState, callee: Operand, decorated: Operand): void {
  const { span } = callee;
  asTemp(
    b,
    held<Call>(b, {
      kind: "call",
      form: "call",
      symbol: calleeSymbol(b, callee, undefined),
      callee,
      receiver: undefined,
      method: undefined,
      args: [{ value: decorated, spread: false }],
      type: undefined,
      spans: { whole: span, callee: span, name: span, args: undefined },
    }),
    span,
  );
}

interface Constructor {
  readonly id: BodyId;
  readonly finish: () => void;
}

/** The class's constructor, or an empty one in its place. Its own name is declared before its body is lowered. */
function lowerConstructor(
  b: BodyState,
  node: ClassNode,
  name: string | undefined,
  members: readonly Node[],
): Constructor {
  const written = members.find(
    (member) => member.kind === SyntaxKind.Constructor && (member as ConstructorDeclaration).body !== undefined,
  );
  const known = b.file.bodyOf.get(node);
  if (known !== undefined) return { id: known, finish: () => undefined };
  const symbol = name === undefined ? undefined : ownKey(b.file, outerFrame(b), name, nameNode(node) ?? node);
  const span = spanOf(b.file, node);
  if (written !== undefined) {
    const id = b.file.bodies.length;
    b.file.bodyOf.set(node, id);
    return {
      id,
      finish: () => void lowerFunction(b, written as FunctionLikeDeclaration, { name, symbol, qualifier: "" }),
    };
  }
  const spans = {
    whole: span,
    params: undefined,
    parenthesized: false,
    body: { start: span.end, end: span.end },
    expressionBody: false,
  };
  const inner = openBody(b.file, b.frame, {
    node,
    kind: "constructor",
    name,
    symbol,
    async: false,
    generator: false,
    spans,
    scope: "function",
  });
  implicitReturn(inner, span);
  return { id: inner.draft.id, finish: () => undefined };
}

function outerFrame(b: BodyState): BodyState["frame"] {
  return b.frame.parent ?? b.frame;
}

function lowerMember(b: BodyState, node: Node, qualifier: string, self: Operand): readonly Operand[] {
  if (hasModifier(node, ModifierFlags.Ambient) || hasModifier(node, ModifierFlags.Abstract)) return [];
  const decorators = decoratorsOf(node).map((decorator) => lowerOperand(b, decorator.expression));
  const parameters = listed<Node>((node as Node & { readonly parameters?: NodeArray<Node> }).parameters);
  for (const parameter of parameters) {
    decorators.push(...decoratorsOf(parameter).map((decorator) => lowerOperand(b, decorator.expression)));
  }
  const value = memberValue(b, node, qualifier);
  for (const decorator of decorators.reverse()) callDecorator(b, decorator, value ?? self);
  return value === undefined ? [] : [value];
}

function memberValue(b: BodyState, node: Node, qualifier: string): Operand | undefined {
  const span = spanOf(b.file, node);
  switch (node.kind) {
    case SyntaxKind.ClassStaticBlockDeclaration:
      return { kind: "function", body: lowerStaticBlock(b, node as ClassStaticBlockDeclaration), span };
    case SyntaxKind.PropertyDeclaration:
      return lowerField(b, node as PropertyDeclaration, qualifier);
    case SyntaxKind.MethodDeclaration:
    case SyntaxKind.GetAccessor:
    case SyntaxKind.SetAccessor: {
      if (!isFunctionLike(node) || node.body === undefined) return undefined;
      const name = lowerPropertyName(b, (node as Node & { readonly name?: Node }).name);
      return { kind: "function", body: lowerFunction(b, node, { name, qualifier }), span };
    }
    default:
      return undefined;
  }
}

function lowerField(b: BodyState, node: PropertyDeclaration, qualifier: string): Operand | undefined {
  const name = lowerPropertyName(b, node.name);
  if (node.initializer === undefined) return undefined;
  const span = spanOf(b.file, node);
  const known = b.file.bodyOf.get(node);
  if (known !== undefined) return { kind: "function", body: known, span };
  const at = spanOf(b.file, node.initializer);
  const inner = openBody(b.file, b.frame, {
    node,
    kind: "initializer",
    name,
    symbol: name === undefined ? undefined : ownKey(b.file, { ...b.frame, qualifier }, name, node.name),
    async: false,
    generator: false,
    spans: { whole: span, params: undefined, parenthesized: false, body: at, expressionBody: true },
    scope: "function",
  });
  const value = lowerExpression(inner, node.initializer, { name });
  const step =
    name === undefined ? ({ kind: "index", constant: undefined } as const) : ({ kind: "field", name } as const);
  assign(inner, placeOf(implicitLocal(inner, "this"), [step]), value, span, true);
  implicitReturn(inner, span);
  return { kind: "function", body: inner.draft.id, span };
}

function lowerStaticBlock(b: BodyState, node: ClassStaticBlockDeclaration): BodyId {
  const known = b.file.bodyOf.get(node);
  if (known !== undefined) return known;
  const span = spanOf(b.file, node);
  const body = node.body === undefined ? span : insideOf(b.file, node.body);
  const inner = openBody(b.file, b.frame, {
    node,
    kind: "static-block",
    name: undefined,
    symbol: undefined,
    async: false,
    generator: false,
    spans: { whole: span, params: undefined, parenthesized: false, body, expressionBody: false },
    scope: "function",
  });
  const statements = listed(node.body?.statements);
  declareVars(b.file, inner.frame, statements);
  declareBlock(b.file, inner.frame, statements);
  inner.statement = body;
  lowerStatements(inner, statements);
  implicitReturn(inner, body);
  return inner.draft.id;
}
