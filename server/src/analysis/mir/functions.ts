/** Functions: each becomes a body of its own. */
import type { Block as BlockNode, FunctionLikeDeclaration, Node, ParameterDeclaration } from "typescript/ast";
import { ModifierFlags, SyntaxKind, skipTrivia } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import { assign, newTemp, placeOf, placeOperand, use } from "./builder.js";
import { implicitReturn, lowerReturn } from "./exits.js";
import { discard, lowerOperand } from "./expressions.js";
import type { BodyId, BodyKind, BodySpans, Scope } from "./mir.js";
import { giveUp } from "./opaque.js";
import { bindName, fillDefault, withDefault } from "./patterns.js";
import {
  boundNames,
  declare,
  declareBlock,
  declareVars,
  implicitLocal,
  innerFrame,
  newScope,
  ownKey,
} from "./scopes.js";
import type { BodyDraft, BodyState, FileState, Frame } from "./state.js";
import { insideOf, maxDepth, spanOf } from "./state.js";
import { lowerStatements } from "./statements.js";
import { bodyOf, hasModifier, listed, textOf, unwrapped } from "./syntax.js";
import { askParameterType } from "./types.js";

export interface Naming {
  readonly name?: string | undefined;
  /** Stands before the name in the symbol key: `Class.`. */
  readonly qualifier?: string | undefined;
  /** The whole key, where it is not the name with the qualifier: a constructor has its class's. */
  readonly symbol?: BodyDraft["symbol"];
}

export interface BodyParts {
  readonly node: Node;
  readonly kind: BodyKind;
  readonly name: string | undefined;
  readonly symbol: BodyDraft["symbol"];
  readonly async: boolean;
  readonly generator: boolean;
  readonly spans: BodySpans;
  readonly scope: Scope["kind"];
}

/** Starts a body below the current one. */
export function openBody(file: FileState, parent: Frame | undefined, parts: BodyParts): BodyState {
  const draft: BodyDraft = {
    id: file.bodies.length,
    parent: parent?.body,
    kind: parts.kind,
    name: parts.name,
    symbol: parts.symbol,
    async: parts.async,
    generator: parts.generator,
    params: [],
    blocks: [],
    captures: new Map(),
    implicit: new Map(),
    spans: parts.spans,
    scope: 0,
    finallyCopies: 0,
  };
  file.bodies.push(draft);
  file.bodyOf.set(parts.node, draft.id);
  const frame = newScope(file, draft, parent, parts.scope, parts.spans.body, "");
  draft.scope = frame.id;
  const entry = { id: 0, steps: [], end: undefined, unwind: undefined, loop: undefined, reachable: true };
  draft.blocks.push(entry);
  return {
    file,
    draft,
    frame,
    block: entry,
    unwind: undefined,
    statement: parts.spans.whole,
    exits: [{ kind: "scope", frame, disposals: [] }],
    entered: undefined,
    labels: [],
  };
}

export function lowerFunction(b: BodyState, node: FunctionLikeDeclaration, naming: Naming): BodyId {
  const known = b.file.bodyOf.get(node);
  if (known !== undefined) return known;
  const own = (node as Node & { readonly name?: Node }).name;
  const name = naming.name ?? textOf(own);
  const frame = { ...b.frame, qualifier: naming.qualifier ?? b.frame.qualifier };
  const inner = openBody(b.file, b.frame, {
    node,
    kind: kindOf(node),
    name,
    symbol: naming.symbol ?? (name === undefined ? undefined : ownKey(b.file, frame, name, nameNode(node))),
    async: hasModifier(node, ModifierFlags.Async),
    generator: node.asteriskToken !== undefined,
    spans: functionSpans(b.file, node),
    scope: "function",
  });
  if (node.kind === SyntaxKind.FunctionExpression && own !== undefined && textOf(own) !== undefined) {
    const id = declare(b.file, inner.frame, { kind: "function", name: textOf(own) ?? "", node: own, statement: node });
    const local = b.file.locals[id];
    if (local !== undefined) local.function = inner.draft.id;
    inner.frame = innerFrame(inner.frame);
  }
  b.file.depth++;
  if (b.file.depth > maxDepth) giveUpBody(inner, node);
  else lowerBody(inner, node);
  b.file.depth--;
  return inner.draft.id;
}

/** The name a key points at: the function's own, or that of the variable or property that holds it. */
export function nameNode(node: Node): Node | undefined {
  const named = node as Node & { readonly name?: Node };
  if (named.name !== undefined) return named.name;
  let holder: Node | undefined = node.parent;
  while (holder?.kind === SyntaxKind.ParenthesizedExpression || holder?.kind === SyntaxKind.AsExpression)
    holder = holder.parent;
  switch (holder?.kind) {
    case SyntaxKind.VariableDeclaration:
    case SyntaxKind.PropertyAssignment:
    case SyntaxKind.PropertyDeclaration:
      return (holder as Node & { readonly name?: Node }).name;
    default:
      return undefined;
  }
}

function kindOf(node: FunctionLikeDeclaration): BodyKind {
  switch (node.kind) {
    case SyntaxKind.ArrowFunction:
      return "arrow";
    case SyntaxKind.MethodDeclaration:
      return "method";
    case SyntaxKind.Constructor:
      return "constructor";
    case SyntaxKind.GetAccessor:
      return "getter";
    case SyntaxKind.SetAccessor:
      return "setter";
    default:
      return "function";
  }
}

function functionSpans(file: FileState, node: FunctionLikeDeclaration): BodySpans {
  const whole = spanOf(file, node);
  const { parameters } = node;
  const body = bodyOf(node);
  const expressionBody = body !== undefined && body.kind !== SyntaxKind.Block;
  const inside = body === undefined ? { start: whole.end, end: whole.end } : insideOf(file, body);
  const spans = { whole, body: expressionBody ? spanOf(file, body) : inside, expressionBody };
  if (parameters === undefined) return { ...spans, params: undefined, parenthesized: false };
  const first = listed(parameters)[0];
  const parenthesized = parameters.pos > whole.start && file.text[parameters.pos - 1] === "(";
  if (!parenthesized) {
    return { ...spans, params: first === undefined ? undefined : spanOf(file, first), parenthesized };
  }
  const close = skipTrivia(file.text, parameters.end);
  const end = file.text[close] === ")" ? close : parameters.end;
  return { ...spans, params: { start: parameters.pos, end }, parenthesized };
}

function lowerBody(b: BodyState, node: FunctionLikeDeclaration): void {
  const parameters = listed(node.parameters).filter((parameter) => !isThis(parameter));
  declareParameters(b, parameters);
  for (const parameter of parameters) lowerParameter(b, parameter);
  const body = bodyOf(node);
  const { body: span } = b.draft.spans;
  if (body !== undefined && body.kind !== SyntaxKind.Block) {
    b.statement = spanOf(b.file, body);
    lowerExpressionBody(b, body, span);
  } else if (body !== undefined) {
    const statements = listed((body as BlockNode).statements);
    const outer = b.frame;
    b.frame = innerFrame(outer);
    declareVars(b.file, b.frame, statements);
    declareBlock(b.file, b.frame, statements);
    adoptParameters(b, outer);
    b.exits = [{ kind: "scope", frame: b.frame, disposals: [] }];
    b.statement = span;
    lowerStatements(b, statements);
    implicitReturn(b, span);
  } else implicitReturn(b, span);
  b.block.end ??= { kind: "unreachable" };
}

function giveUpBody(b: BodyState, node: Node): void {
  giveUp(b, node);
  implicitReturn(b, b.draft.spans.body);
}

/** `var x` in a function whose parameter is `x` is that parameter. */
function adoptParameters(b: BodyState, outer: Frame): void {
  for (const [name, id] of b.frame.names) {
    const parameter = outer.names.get(name);
    if (parameter === undefined || b.file.locals[id]?.kind !== "var") continue;
    b.frame.names.set(name, parameter);
    b.frame.locals.splice(b.frame.locals.indexOf(id), 1);
  }
}

function isThis(parameter: ParameterDeclaration): boolean {
  return parameter.name?.kind === SyntaxKind.Identifier && textOf(parameter.name) === "this";
}

/** `() => void f()` throws the value away on purpose; anything else is returned. */
function lowerExpressionBody(b: BodyState, body: Node, span: Span): void {
  const inner = unwrapped(body);
  if (inner.kind === SyntaxKind.VoidExpression) {
    const operand = lowerOperand(b, (inner as Node & { readonly expression: Node }).expression);
    discard(b, operand, span, true);
    lowerReturn(b, undefined, span);
  } else lowerReturn(b, lowerOperand(b, body), span);
}

function declareParameters(b: BodyState, parameters: readonly ParameterDeclaration[]): void {
  for (const parameter of parameters) {
    const statement = spanOf(b.file, parameter);
    const simple = parameter.name?.kind === SyntaxKind.Identifier;
    for (const name of boundNames(parameter.name)) {
      const text = textOf(name);
      if (text === undefined) continue;
      const { initializer } = parameter;
      declare(b.file, b.frame, { kind: "param", name: text, node: name, statement: parameter, initializer });
    }
    const own = simple ? b.frame.names.get(textOf(parameter.name) ?? "") : undefined;
    b.draft.params.push({
      local: own,
      arrives: own ?? newTemp(b),
      span: statement,
      rest: parameter.dotDotDotToken !== undefined,
      optional: parameter.questionToken !== undefined || parameter.initializer !== undefined,
    });
  }
}

function lowerParameter(b: BodyState, node: ParameterDeclaration): void {
  b.statement = spanOf(b.file, node);
  const span = b.statement;
  const param = b.draft.params.find((known) => known.span.start === span.start && known.span.end === span.end);
  if (param === undefined || node.name === undefined) return;
  const type = askParameterType(b, node);
  if (param.local === undefined) {
    const arriving = b.file.locals[param.arrives];
    if (arriving !== undefined && type !== undefined) arriving.type = type;
    bindName(b, node.name, withDefault(b, use(placeOperand(placeOf(param.arrives), span)), node.initializer, span));
  } else if (node.initializer !== undefined) fillDefault(b, placeOf(param.local), node.initializer, span);
  if (!isParameterProperty(node) || param.local === undefined) return;
  const self = implicitLocal(b, "this");
  const field = { kind: "field", name: textOf(node.name) ?? "" } as const;
  assign(b, placeOf(self, [field]), use(placeOperand(placeOf(param.local), span)), span, true);
}

function isParameterProperty(node: ParameterDeclaration): boolean {
  return hasModifier(node, ModifierFlags.ParameterPropertyModifier);
}
