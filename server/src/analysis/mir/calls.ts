/** Members and calls: chains such as `a.b?.c(d)[e]`, followed without nesting, `new`, and tagged templates. */
import type {
  CallExpression,
  ElementAccessExpression,
  NewExpression,
  Node,
  PropertyAccessExpression,
  TaggedTemplateExpression,
  TemplateExpression,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import {
  asOperand,
  assign,
  asTemp,
  constant,
  enter,
  jump,
  newBlock,
  newTemp,
  placeOf,
  placeOperand,
  use,
} from "./builder.js";
import type { Hint } from "./expressions.js";
import { branchOnNullish, lowerArguments, lowerExpression, lowerOperand } from "./expressions.js";
import type { Argument, Call, Operand, Projection, Value } from "./mir.js";
import type { BlockDraft, BodyState } from "./state.js";
import { spanOf } from "./state.js";
import { listed, textOf, unwrapped } from "./syntax.js";
import { askCallType, askMember, askParts, calleeSymbol, held } from "./types.js";

type Link = PropertyAccessExpression | ElementAccessExpression | CallExpression;

/** Longer paths than this start anew from a temporary, so that a long chain costs linear time. */
const maxPath = 16;

/** The point in a chain that lowering has come to. */
interface Chain {
  value: Value;
  span: Span;
  /** What is left of the last dot, and the name right of it, while the value is that member. */
  receiver: Operand | undefined;
  name: Node | undefined;
  /** Where control goes when something left of a `?.` is nullish. */
  nullish: BlockDraft | undefined;
}

export function lowerChain(b: BodyState, node: Node, hint: Hint): Value {
  const links: Link[] = [];
  let root = node;
  while (isLink(root)) {
    links.push(root);
    root = unwrapped(root.expression);
  }
  const isImport = root.kind === SyntaxKind.ImportKeyword;
  const span = spanOf(b.file, root);
  const chain: Chain = {
    value: isImport
      ? use({ kind: "item", name: "import", symbol: undefined, local: undefined, span })
      : lowerExpression(b, root),
    span,
    receiver: undefined,
    name: root.kind === SyntaxKind.Identifier || root.kind === SyntaxKind.SuperKeyword ? root : undefined,
    nullish: undefined,
  };
  for (const link of links.reverse()) lowerLink(b, chain, link, link === node ? hint : {});
  return chain.nullish === undefined ? chain.value : joined(b, chain, chain.nullish);
}

function isLink(node: Node): node is Link {
  switch (node.kind) {
    case SyntaxKind.PropertyAccessExpression:
    case SyntaxKind.ElementAccessExpression:
    case SyntaxKind.CallExpression:
      return (node as Link).expression !== undefined;
    default:
      return false;
  }
}

function lowerLink(b: BodyState, chain: Chain, link: Link, hint: Hint): void {
  if (link.questionDotToken !== undefined) skipNullish(b, chain);
  const span = spanOf(b.file, link);
  if (link.kind === SyntaxKind.CallExpression) {
    chain.value = lowerCall(b, chain, link as CallExpression, hint);
    chain.receiver = undefined;
    chain.name = undefined;
  } else {
    const receiver = asOperand(b, chain.value, chain.span);
    const element = link.kind === SyntaxKind.ElementAccessExpression;
    const step = element
      ? keyOf(lowerOperand(b, (link as ElementAccessExpression).argumentExpression))
      : ({ kind: "field", name: textOf((link as PropertyAccessExpression).name) ?? "" } as const);
    const name = element
      ? (link as ElementAccessExpression).argumentExpression
      : (link as PropertyAccessExpression).name;
    const member = project(b, receiver, step, span, name);
    const isRun = !element && member.kind === "place" && b.file.getters.has(textOf(name) ?? "");
    chain.value = isRun ? callGetter(b, member, receiver, { whole: span, name }, hint) : use(member);
    chain.receiver = isRun ? undefined : receiver;
    chain.name = isRun ? undefined : name;
  }
  chain.span = span;
}

function skipNullish(b: BodyState, chain: Chain): void {
  const operand = asOperand(b, chain.value, chain.span);
  chain.nullish ??= newBlock(b);
  const next = newBlock(b);
  branchOnNullish(b, operand, chain.nullish, next);
  enter(b, next);
  chain.value = use(operand);
}

/** The value of an optional chain: its own, or undefined. */
function joined(b: BodyState, chain: Chain, nullish: BlockDraft): Value {
  const result = placeOf(newTemp(b));
  const after = newBlock(b);
  assign(b, result, chain.value, chain.span);
  jump(b, after);
  enter(b, nullish);
  assign(b, result, use(constant(undefined, chain.span)), chain.span);
  jump(b, after);
  enter(b, after);
  return use(placeOperand(result, chain.span));
}

/** How a key selects: a constant number is an index, a constant string a field, anything else any element. */
export function keyOf(key: Operand): Projection {
  if (key.kind !== "constant") return { kind: "index", constant: undefined, by: key };
  if (typeof key.value === "string") return { kind: "field", name: key.value };
  return { kind: "index", constant: typeof key.value === "number" ? key.value : undefined };
}

/** A member of an operand. A member of an import or global is again an item. */
export function project(b: BodyState, base: Operand, step: Projection, span: Span, name: Node | undefined): Operand {
  if (base.kind === "item" && step.kind === "field") {
    const path = `${base.name}.${step.name}`;
    const symbol = base.local === undefined ? undefined : askMember(b, base.local, path, name);
    return held(b, { kind: "item", name: path, symbol, local: base.local, of: base, span });
  }
  if (base.kind === "place" && base.place.path.length < maxPath) {
    return placeOperand(placeOf(base.place.base, [...base.place.path, step]), span);
  }
  return placeOperand(placeOf(asTemp(b, use(base), base.span).base, [step]), span);
}

function lowerCall(b: BodyState, chain: Chain, node: CallExpression, hint: Hint): Call {
  const callee = asOperand(b, chain.value, chain.span);
  const { receiver, name } = chain;
  const symbol = calleeSymbol(b, callee, name);
  const args = lowerArguments(b, node.arguments);
  askParts(b, listed(node.arguments), args, sent(b, callee, methodOf(name)));
  const whole = spanOf(b.file, node);
  return held(b, {
    kind: "call",
    form: callee.kind === "item" && callee.name === "import" && name === undefined ? "import" : "call",
    symbol,
    callee,
    receiver,
    method: methodOf(name),
    args,
    type: hint.type ?? (hint.awaited ? askCallType(b, node, callee) : undefined),
    spans: {
      whole,
      callee: chain.span,
      name: name === undefined ? chain.span : spanOf(b.file, name),
      args: argumentSpan(b, node, whole),
    },
  });
}

/** `jobs.worker`, where `get worker()` starts a thread. */
function callGetter(
  b: BodyState,
  callee: Operand,
  receiver: Operand,
  { whole, name }: { readonly whole: Span; readonly name: Node },
  hint: Hint,
): Call {
  return held(b, {
    kind: "call",
    form: "call",
    symbol: calleeSymbol(b, callee, name),
    callee,
    receiver,
    method: methodOf(name),
    args: [],
    type: hint.type,
    spans: { whole, callee: whole, name: spanOf(b.file, name), args: undefined },
  });
}

/** Which arguments go with a call, by a name of its callee: as it is written, imported, or held. */
function sent(b: BodyState, callee: Operand, method: string | undefined): "all" | "members" | undefined {
  const { senders } = b.file;
  const byMethod = method === undefined ? undefined : senders.get(method);
  if (byMethod !== undefined) return byMethod;
  const item = callee.kind === "place" ? b.file.aliasOf.get(callee.place.base) : callee;
  if (item?.kind !== "item" || item.local === undefined) return undefined;
  const byName = senders.get(item.name.slice(item.name.lastIndexOf(".") + 1));
  if (byName !== undefined) return byName;
  const names = b.file.imports.flatMap((found) => found.names).filter(({ local }) => local === item.local);
  return names.flatMap(({ imported }) => senders.get(imported) ?? [])[0];
}

function methodOf(name: Node | undefined): string | undefined {
  if (name?.kind === SyntaxKind.SuperKeyword) return "super";
  switch (name?.kind) {
    case SyntaxKind.Identifier:
    case SyntaxKind.PrivateIdentifier:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
      return textOf(name);
    default:
      return undefined;
  }
}

/** The inside of the parentheses. A call that is still being typed may lack the closing one. */
function argumentSpan(b: BodyState, node: CallExpression | NewExpression, whole: Span): Span | undefined {
  if (node.arguments === undefined) return undefined;
  const start = Math.min(node.arguments.pos, whole.end);
  const closed = whole.end - 1 >= start && b.file.text[whole.end - 1] === ")";
  return { start, end: closed ? whole.end - 1 : whole.end };
}

interface Callee {
  readonly operand: Operand;
  readonly receiver: Operand | undefined;
  readonly name: Node | undefined;
  readonly span: Span;
}

/** What `new` or a tag calls: a name, a member, or any other expression. */
function lowerCallee(b: BodyState, outer: Node | undefined): Callee {
  const node = outer === undefined ? undefined : unwrapped(outer);
  const operand = lowerOperand(b, node);
  const span = node === undefined ? operand.span : spanOf(b.file, node);
  if (node?.kind === SyntaxKind.Identifier) return { operand, receiver: undefined, name: node, span };
  if (node?.kind !== SyntaxKind.PropertyAccessExpression)
    return { operand, receiver: undefined, name: undefined, span };
  const { name, expression } = node as PropertyAccessExpression;
  return { operand, receiver: receiverOf(operand, spanOf(b.file, expression)), name, span };
}

function receiverOf(callee: Operand, span: Span): Operand | undefined {
  if (callee.kind === "place" && callee.place.path.length > 0) {
    return placeOperand(placeOf(callee.place.base, callee.place.path.slice(0, -1)), span);
  }
  if (callee.kind !== "item" || !callee.name.includes(".")) return undefined;
  const name = callee.name.slice(0, callee.name.lastIndexOf("."));
  return { kind: "item", name, symbol: undefined, local: callee.local, span };
}

export function lowerNew(b: BodyState, outer: Node, hint: Hint): Call {
  const node = outer as NewExpression;
  const callee = lowerCallee(b, node.expression);
  const symbol = calleeSymbol(b, callee.operand, callee.name);
  const args = lowerArguments(b, node.arguments);
  askParts(b, listed(node.arguments), args, sent(b, callee.operand, methodOf(callee.name)));
  const whole = spanOf(b.file, node);
  return held(b, {
    kind: "call",
    form: "new",
    symbol,
    callee: callee.operand,
    receiver: callee.receiver,
    method: methodOf(callee.name),
    args,
    type: hint.type ?? askCallType(b, node, callee.operand),
    spans: {
      whole,
      callee: callee.span,
      name: callee.name === undefined ? callee.span : spanOf(b.file, callee.name),
      args: argumentSpan(b, node, whole),
    },
  });
}

export function lowerTagged(b: BodyState, outer: Node, hint: Hint): Call {
  const node = outer as TaggedTemplateExpression;
  const callee = lowerCallee(b, node.tag);
  const symbol = calleeSymbol(b, callee.operand, callee.name);
  const parts =
    node.template?.kind === SyntaxKind.TemplateExpression
      ? (node.template as TemplateExpression).templateSpans
      : undefined;
  const args: readonly Argument[] = listed(parts).map((part) => ({
    value: lowerOperand(b, part.expression),
    spread: false,
  }));
  return held(b, {
    kind: "call",
    form: "tagged",
    symbol,
    callee: callee.operand,
    receiver: callee.receiver,
    method: methodOf(callee.name),
    args,
    type: hint.type ?? (hint.awaited ? askCallType(b, node, callee.operand) : undefined),
    spans: {
      whole: spanOf(b.file, node),
      callee: callee.span,
      name: callee.name === undefined ? callee.span : spanOf(b.file, callee.name),
      args: undefined,
    },
  });
}
