/**
 * Lines and columns of a text, as LSP counts them: `\n`, `\r\n` and `\r` end a line, a character is a UTF-16 code unit,
 * and both start at 0.
 */
import type { Span } from "../analysis/diagnostic.js";

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

export interface Lines {
  readonly text: string;
  /** Offsets at which lines start. The first is 0. */
  readonly starts: readonly number[];
}

export function linesOf(text: string): Lines {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return { text, starts };
}

/** The position of an offset. Offsets outside of the text are moved into it. */
export function positionAt(lines: Lines, offset: number): Position {
  const wanted = Math.max(0, Math.min(offset, lines.text.length));
  let low = 0;
  let high = lines.starts.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (lines.starts[middle]! <= wanted) low = middle;
    else high = middle;
  }
  return { line: low, character: wanted - lines.starts[low]! };
}

/** The offset of a position. A character past the end of its line is the line's end. */
export function offsetAt(lines: Lines, position: Position): number {
  if (position.line < 0) return 0;
  const span = lineSpan(lines, position.line);
  if (span === undefined) return lines.text.length;
  return Math.max(span.start, Math.min(span.start + position.character, span.end));
}

export function rangeOf(lines: Lines, span: Span): Range {
  return { start: positionAt(lines, span.start), end: positionAt(lines, Math.max(span.start, span.end)) };
}

/** A line without its line break. Undefined where there is no such line. */
export function lineSpan(lines: Lines, line: number): Span | undefined {
  const start = lines.starts[line];
  if (start === undefined) return undefined;
  let end = lines.starts[line + 1] ?? lines.text.length;
  if (end > start && lines.text[end - 1] === "\n") end--;
  if (end > start && lines.text[end - 1] === "\r") end--;
  return { start, end };
}

export function lineText(lines: Lines, line: number): string {
  const span = lineSpan(lines, line);
  return span === undefined ? "" : lines.text.slice(span.start, span.end);
}
