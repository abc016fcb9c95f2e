/** The `if` that a statement stands in, read from the text: the middle form keeps conditions, and not how they are written. */
import type { Span } from "../../diagnostic.js";
import { textOf } from "../../fix.js";
import type { Module, ScopeId } from "../../mir/mir.js";

export interface If {
  readonly keyword: Span;
  /** The inside of the parentheses. */
  readonly condition: Span;
  /** What runs if it holds, with its braces where there are any. */
  readonly body: Span;
}

/** Undefined where the statement is in no `if`, in one that is part of an `else`, or in one with an `else`. */
export function ifAround(module: Module, statement: Span, scope: ScopeId): If | undefined {
  const { text } = module;
  const body = bodyAround(module, statement, scope);
  if (body === undefined) return undefined;
  const close = text.slice(0, body.start).trimEnd().length - 1;
  const open = text[close] === ")" ? matchingOpen(text, close) : undefined;
  if (open === undefined) return undefined;
  const head = /(?:^|[^\w$.])(if)\s*$/.exec(text.slice(Math.max(0, open - 40), open));
  if (head === null) return undefined;
  const start = open - (head[0].length - head[0].lastIndexOf("if"));
  if (/\belse\s*$/.test(text.slice(Math.max(0, start - 40), start))) return undefined;
  if (/^\s*else\b/.test(text.slice(body.end))) return undefined;
  return { keyword: { start, end: start + 2 }, condition: { start: open + 1, end: close }, body };
}

function bodyAround({ text, scopes }: Module, statement: Span, scope: ScopeId): Span | undefined {
  if (text.slice(0, statement.start).trimEnd().endsWith(")")) return statement;
  const inside = scopes[scope];
  if (inside?.kind !== "block" || text[inside.span.start - 1] !== "{") return undefined;
  return { start: inside.span.start - 1, end: inside.span.end + 1 };
}

/** Where the parenthesis that ends at `close` begins; undefined where quotes or comments could be in the way. */
function matchingOpen(text: string, close: number): number | undefined {
  for (let at = close, depth = 0; at >= 0; at--) {
    const char = text[at];
    if (char === ";" || char === "`") return undefined;
    if (char === ")") depth++;
    if (char === "(" && --depth === 0) return isPlain(text.slice(at, close)) ? at : undefined;
  }
  return undefined;
}

/** Quotes and comments with parentheses in them would be counted wrongly. */
function isPlain(condition: string): boolean {
  return !/\/[/*]|["'][^"']*[()][^"']*["']/.test(condition);
}

/** Whether a name is used in a span of text. */
export function mentions(module: Module, span: Span, name: string): boolean {
  return new RegExp(`(?:^|[^\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`).test(textOf(module, span));
}
