/** Small helpers to write fixes as exact edits of the text. */
import type { Span, TextEdit } from "./diagnostic.js";
import type { Module } from "./mir/mir.js";

/** Inserts `newText` at `offset`. */
export function insert(file: string, offset: number, newText: string): TextEdit {
  return { file, start: offset, end: offset, newText };
}

/** Puts `newText` in place of `span`. */
export function replace(file: string, span: Span, newText: string): TextEdit {
  return { file, start: span.start, end: span.end, newText };
}

/** The text of `span`. */
export function textOf(module: Pick<Module, "text">, span: Span): string {
  return module.text.slice(span.start, span.end);
}

/** The line break that the file uses. */
export function lineBreak(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** Where the line of `offset` starts. */
export function lineStart(text: string, offset: number): number {
  let start = offset;
  // Step by step: a search for the other line break, which the file has not, would go to its beginning.
  while (start > 0 && !isLineBreak(text.charCodeAt(start - 1))) start--;
  return start;
}

function isLineBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** Where the line of `offset` ends, before its line break. */
export function lineEnd(text: string, offset: number): number {
  const found = text.slice(offset).search(/[\r\n]/);
  return found < 0 ? text.length : offset + found;
}

/** The white space that the line of `offset` begins with. */
export function indentationAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";
}

/** One step of indentation, as the file does it: a tab, or the least spaces that any line begins with. */
export function indentationUnit(text: string): string {
  if (/^\t/m.test(text)) return "\t";
  const widths = [...text.matchAll(/^( {2,8})\S/gm)].map((match) => match[1]?.length ?? 2);
  return " ".repeat(widths.length === 0 ? 2 : Math.min(...widths));
}
