/**
 * Source lines with marks below them, as rustc draws them.
 *
 * A mark on one line is underlined; one over several lines is drawn as a bracket in a margin left of the code.
 */
import type { Span } from "../analysis/diagnostic.js";
import { cutLine, type DisplayLine, displayLine, displayWidth } from "./columns.js";
import { type Lines, lineSpan, lineText, positionAt } from "./lines.js";

type Paint = (text: string) => string;

export interface Mark extends Span {
  readonly label: string;
  /** `^` for what the finding is about, `-` for the rest. */
  readonly character: "^" | "-";
  readonly paint: Paint;
}

/** One printed row: the number of the source line it shows, or undefined; and what stands right of the gutter. */
export interface Row {
  readonly line: number | "gap" | undefined;
  readonly content: string;
}

/** A mark in lines and UTF-16 columns. */
interface Placed extends Mark {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A mark over several lines, with its column in the margin. */
interface Bracket extends Placed {
  readonly slot: number;
}

interface Cell {
  readonly text: string;
  readonly paint: Paint | undefined;
}

/** Lines of a bracket that are shown after its first and before its last. */
const bracketHead = 2;
const bracketTail = 1;

/** Draws the lines that carry the marks, in order. */
export function snippetRows(lines: Lines, marks: readonly Mark[]): readonly Row[] {
  const placed = marks.map((mark) => place(lines, mark));
  const brackets = assignSlots(placed.filter((mark) => mark.startLine !== mark.endLine));
  const inline = placed.filter((mark) => mark.startLine === mark.endLine);
  const shown = linesToShow(inline, brackets);
  const rows: Row[] = [];
  let previous: number | undefined;
  for (const line of shown) {
    if (previous !== undefined && line > previous + 2) {
      rows.push({ line: "gap", content: margin(brackets, line - 1, "between") });
    } else if (previous !== undefined && line === previous + 2) {
      rows.push(...lineRows(lines, previous + 1, [], brackets));
    }
    rows.push(
      ...lineRows(
        lines,
        line,
        inline.filter((mark) => mark.startLine === line),
        brackets,
      ),
    );
    previous = line;
  }
  return rows;
}

function place(lines: Lines, mark: Mark): Placed {
  const start = positionAt(lines, mark.start);
  let end = positionAt(lines, Math.max(mark.start, mark.end));
  // A span that takes the line break with it ends on the line before, for the eye.
  if (end.line > start.line && end.character === 0) {
    const span = lineSpan(lines, end.line - 1);
    end = { line: end.line - 1, character: span === undefined ? 0 : span.end - span.start };
  }
  return {
    ...mark,
    startLine: start.line,
    startColumn: start.character,
    endLine: end.line,
    endColumn: end.character,
  };
}

/** Brackets that overlap stand in different columns of the margin, the outer ones to the left. */
function assignSlots(marks: readonly Placed[]): readonly Bracket[] {
  const sorted = [...marks].sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  const brackets: Bracket[] = [];
  for (const mark of sorted) {
    const taken = new Set(brackets.filter((other) => other.endLine >= mark.startLine).map((other) => other.slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    brackets.push({ ...mark, slot });
  }
  return brackets;
}

function linesToShow(inline: readonly Placed[], brackets: readonly Bracket[]): readonly number[] {
  const shown = new Set(inline.map((mark) => mark.startLine));
  for (const bracket of brackets) {
    for (let line = bracket.startLine; line <= Math.min(bracket.startLine + bracketHead, bracket.endLine); line++) {
      shown.add(line);
    }
    for (let line = Math.max(bracket.endLine - bracketTail, bracket.startLine); line <= bracket.endLine; line++) {
      shown.add(line);
    }
  }
  return [...shown].sort((a, b) => a - b);
}

function lineRows(lines: Lines, line: number, inline: readonly Placed[], brackets: readonly Bracket[]): readonly Row[] {
  const { layout, offset } = layOut(lineText(lines, line), inline);
  const rows: Row[] = [{ line, content: `${margin(brackets, line, "code", lines)}${layout.display}`.trimEnd() }];
  for (const cells of underlineRows(layout, offset, inline)) {
    rows.push({ line: undefined, content: `${margin(brackets, line, "below", lines)}${serialize(cells)}` });
  }
  for (const bracket of brackets) {
    if (bracket.startLine === line && !startsLine(lines, bracket)) {
      rows.push({ line: undefined, content: bracketRow(brackets, bracket, line, layout, "start") });
    }
  }
  for (const bracket of brackets) {
    if (bracket.endLine === line) {
      rows.push({ line: undefined, content: bracketRow(brackets, bracket, line, layout, "end") });
    }
  }
  return rows;
}

/** Lays a line out; a very long one is cut around its marks. */
function layOut(text: string, marks: readonly Placed[]): { readonly layout: DisplayLine; readonly offset: number } {
  const first = marks.length === 0 ? 0 : Math.min(...marks.map((mark) => mark.startColumn));
  const cut = cutLine(text, first);
  return { layout: displayLine(cut.text), offset: cut.offset };
}

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly mark: Placed;
}

/** The row of underlines, with the last label at its end, and the rows on which the other labels hang. */
function underlineRows(layout: DisplayLine, offset: number, marks: readonly Placed[]): readonly (readonly Cell[])[] {
  if (marks.length === 0) return [];
  const segments = marks
    .map((mark): Segment => {
      const start = layout.column(mark.startColumn - offset);
      const end = Math.min(layout.column(mark.endColumn - offset), displayWidth(layout.display) + 1);
      return { start, end: Math.max(end, start + 1), mark };
    })
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const underline: Cell[] = [];
  // The primary mark is drawn last, over the others.
  for (const segment of [...segments].sort((a, b) => rank(a.mark) - rank(b.mark))) {
    for (let column = segment.start; column < segment.end; column++) {
      put(underline, column, { text: segment.mark.character, paint: segment.mark.paint });
    }
  }
  const labelled = segments.filter((segment) => segment.mark.label !== "");
  const last = labelled.at(-1);
  const fits = last !== undefined && segments.every((segment) => segment === last || segment.end <= last.start);
  const hanging = fits ? labelled.slice(0, -1) : labelled;
  if (fits && last !== undefined) put(underline, last.end + 1, { text: last.mark.label, paint: last.mark.paint });
  const rows: Cell[][] = [underline];
  if (hanging.length > 0) rows.push(connectors(hanging));
  for (let index = hanging.length - 1; index >= 0; index--) {
    const segment = hanging[index]!;
    const row = connectors(hanging.slice(0, index).filter((other) => other.start < segment.start));
    put(row, segment.start, { text: segment.mark.label, paint: segment.mark.paint });
    rows.push(row);
  }
  return rows;
}

function rank(mark: Mark): number {
  return mark.character === "^" ? 1 : 0;
}

function connectors(segments: readonly Segment[]): Cell[] {
  const row: Cell[] = [];
  for (const segment of segments) put(row, segment.start, { text: "|", paint: segment.mark.paint });
  return row;
}

function put(cells: Cell[], column: number, cell: Cell): void {
  while (cells.length < column) cells.push({ text: " ", paint: undefined });
  cells[column] = cell;
}

/** Neighbours of one colour are painted together, to keep escape codes few. */
function serialize(cells: readonly Cell[]): string {
  let out = "";
  let run = "";
  let paint: Paint | undefined;
  const flush = (): void => {
    out += paint === undefined || run === "" ? run : paint(run);
    run = "";
  };
  for (const cell of cells) {
    if (cell.paint !== paint) {
      flush();
      paint = cell.paint;
    }
    run += cell.text;
  }
  flush();
  return out.trimEnd();
}

/** A bracket whose text is the first on its line starts with `/` in the margin and needs no row of its own. */
function startsLine(lines: Lines, bracket: Bracket): boolean {
  return lineText(lines, bracket.startLine).slice(0, bracket.startColumn).trim() === "";
}

/** What stands between the gutter and the code: nothing where there are no brackets. */
function margin(brackets: readonly Bracket[], line: number, row: "code" | "below" | "between", lines?: Lines): string {
  if (brackets.length === 0) return "";
  const cells = marginCells(brackets, line, row, lines);
  return `${serialize(cells)}${" ".repeat(Math.max(0, marginWidth(brackets) - trimmedLength(cells)))}`;
}

function marginCells(
  brackets: readonly Bracket[],
  line: number,
  row: "code" | "below" | "between",
  lines: Lines | undefined,
): Cell[] {
  const cells: Cell[] = [];
  for (const bracket of brackets) {
    const slash = lines !== undefined && bracket.startLine === line && startsLine(lines, bracket);
    if (row === "code" && slash) {
      put(cells, bracket.slot, { text: "/", paint: bracket.paint });
      continue;
    }
    const active = line <= bracket.endLine && (line > bracket.startLine || (row === "below" && slash));
    if (active) put(cells, bracket.slot, { text: "|", paint: bracket.paint });
  }
  return cells;
}

function marginWidth(brackets: readonly Bracket[]): number {
  return Math.max(...brackets.map((bracket) => bracket.slot)) + 2;
}

function trimmedLength(cells: readonly Cell[]): number {
  let length = cells.length;
  while (length > 0 && cells[length - 1]?.text === " ") length--;
  return length;
}

/** The row that opens a bracket (` ____^`) or closes it (`|____^ label`). */
function bracketRow(
  brackets: readonly Bracket[],
  bracket: Bracket,
  line: number,
  layout: DisplayLine,
  edge: "start" | "end",
): string {
  const width = marginWidth(brackets);
  const cells: Cell[] = [];
  for (const other of brackets) {
    const passes = other.startLine < line && (other === bracket ? edge === "end" : other.endLine > line);
    if (passes) put(cells, other.slot, { text: "|", paint: other.paint });
  }
  if (edge === "end") put(cells, bracket.slot, { text: "|", paint: bracket.paint });
  const index = edge === "start" ? bracket.startColumn : Math.max(0, bracket.endColumn - 1);
  const column = width + Math.min(layout.column(index), displayWidth(layout.display));
  for (let at = bracket.slot + 1; at < column; at++) {
    if (cells[at] === undefined || cells[at]?.text === " ") put(cells, at, { text: "_", paint: bracket.paint });
  }
  put(cells, column, { text: bracket.character, paint: bracket.paint });
  if (edge === "end" && bracket.label !== "") {
    put(cells, column + 2, { text: bracket.label, paint: bracket.paint });
  }
  return serialize(cells);
}
