/** Edits of a closure's body: statements at its start, and `async` where they need it. */
import type { Span, TextEdit } from "../diagnostic.js";
import { indentationAt, indentationUnit, insert, lineBreak, replace, textOf } from "../fix.js";
import type { Body, Module } from "../mir/mir.js";

/**
 * Puts statements that `await` something at the start of the function. Undefined where it cannot become async: a
 * generator, a method, or a function whose type of result is written down.
 */
export function openingEdits(module: Module, body: Body, lines: readonly string[]): readonly TextEdit[] | undefined {
  const asyncEdits = makeAsync(module, body);
  return asyncEdits === undefined ? undefined : [...asyncEdits, openWith(module, body, lines)];
}

export function makeAsync(module: Module, body: Body): readonly TextEdit[] | undefined {
  if (body.async) return [];
  if (body.generator || (body.kind !== "arrow" && body.kind !== "function")) return undefined;
  return hasResultType(module, body) ? undefined : [insert(module.file, body.spans.whole.start, "async ")];
}

/** `(): number => …`: an async function would need `Promise<number>`. */
function hasResultType(module: Module, body: Body): boolean {
  const { params, parenthesized } = body.spans;
  if (params === undefined || !parenthesized) return false;
  const head = module.text.slice(params.end, body.spans.body.start);
  return /^[^)]*\)\s*:/.test(head);
}

/** Puts lines at the start of the function, which gets braces where it has none. */
export function openWith(module: Module, body: Body, lines: readonly string[]): TextEdit {
  const { body: inside, expressionBody } = body.spans;
  const eol = lineBreak(module.text);
  const outer = indentationAt(module.text, body.spans.whole.start);
  const inner = outer + indentationUnit(module.text);
  if (expressionBody) {
    const span = parenthesizedSpan(module, body);
    const all = [...lines, `return ${textOf(module, inside)};`];
    return replace(module.file, span, `{${all.map((line) => eol + inner + line).join("")}${eol}${outer}}`);
  }
  const text = textOf(module, inside);
  if (text.includes("\n")) {
    // A comment behind the brace is about the function.
    const comment = /^[ \t]*\/\/[^\r\n]*/.exec(text)?.[0] ?? "";
    return insert(module.file, inside.start + comment.length, lines.map((line) => eol + inner + line).join(""));
  }
  const only = text.trim();
  const all = only === "" ? lines : [...lines, only];
  return replace(module.file, inside, `${all.map((line) => eol + inner + line).join("")}${eol}${outer}`);
}

/** An expression body, and what to put around and between the statements that take its place. */
export function bodyText(
  module: Module,
  body: Body,
): {
  readonly span: Span;
  readonly text: string;
  readonly open: string;
  readonly close: { readonly separator: string; readonly end: string };
} {
  const span = parenthesizedSpan(module, body);
  const eol = lineBreak(module.text);
  const outer = indentationAt(module.text, body.spans.whole.start);
  const inner = outer + indentationUnit(module.text);
  const text = textOf(module, span);
  return { span, text, open: `{${eol}${inner}`, close: { separator: `${eol}${inner}`, end: `${eol}${outer}}` } };
}

/** An expression body with the parentheses around it: `() => ({ a })`. */
function parenthesizedSpan(module: Module, body: Body): Span {
  const { start, end } = body.spans.body;
  const head = module.text.slice(body.spans.params?.end ?? body.spans.whole.start, start);
  const arrow = head.lastIndexOf("=>");
  const open = arrow < 0 ? -1 : head.indexOf("(", arrow);
  if (open < 0) return { start, end };
  return { start: start - (head.length - open), end: body.spans.whole.end };
}
