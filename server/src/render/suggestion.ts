/** A fix shown as the lines it makes: `+++` below what is added, `~~~` below what is replaced, else as a diff. */
import type { TextEdit } from "../analysis/diagnostic.js";
import { type Applied, applyEdits } from "../analysis/edits.js";
import { cutLine, displayLine, displayWidth } from "./columns.js";
import { type Lines, linesOf, lineText, positionAt } from "./lines.js";
import type { Style } from "./style.js";

/** A row of a suggestion. `mark` stands in place of the gutter's bar in a diff. */
export interface SuggestionRow {
  readonly line: number | "gap" | undefined;
  readonly mark: "|" | "+" | "-";
  readonly content: string;
}

/** More changed lines than these are not shown. */
const maxRows = 16;

/** The rows for the edits of one file. Line numbers are those of the text before where there is a choice. */
export function suggestionRows(text: string, edits: readonly TextEdit[], style: Style): readonly SuggestionRow[] {
  const applied = applyEdits(text, edits);
  const withinLines = applied.placed.every(
    ({ edit }) => !/[\r\n]/.test(edit.newText) && !/[\r\n]/.test(text.slice(edit.start, edit.end)),
  );
  const deletes = applied.placed.some(({ edit }) => edit.newText.trim() === "" && edit.end > edit.start);
  const rows = withinLines && !deletes ? markedRows(applied, style) : diffRows(text, applied, style);
  return rows.length > maxRows
    ? [...rows.slice(0, maxRows), { line: "gap", mark: "|", content: "" } satisfies SuggestionRow]
    : rows;
}

function markedRows(applied: Applied, style: Style): readonly SuggestionRow[] {
  const after = linesOf(applied.text);
  const rows: SuggestionRow[] = [];
  let previous: number | undefined;
  for (const line of changedLines(after, applied)) {
    if (previous !== undefined && line > previous + 1) rows.push({ line: "gap", mark: "|", content: "" });
    previous = line;
    const changes = applied.placed.filter(({ start }) => positionAt(after, start).line === line);
    rows.push(
      ...markedLine(
        lineText(after, line),
        line,
        changes.map((change) => toColumns(change, after)),
        style,
      ),
    );
  }
  return rows;
}

/** What a change put into a line: white space at its ends is not worth a mark. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly insertion: boolean;
}

function toColumns({ edit, start, end }: Applied["placed"][number], after: Lines): Change {
  const text = after.text.slice(start, end);
  const from = positionAt(after, start).character + text.length - text.trimStart().length;
  return { start: from, end: from + text.trim().length, insertion: edit.start === edit.end };
}

function markedLine(text: string, line: number, changes: readonly Change[], style: Style): readonly SuggestionRow[] {
  const cut = cutLine(text, Math.min(...changes.map(({ start }) => start)));
  const layout = displayLine(cut.text);
  const width = displayWidth(layout.display);
  let at = 0;
  let marks = "";
  for (const { start, end, insertion } of changes) {
    const from = Math.min(layout.column(start - cut.offset), width);
    const to = Math.min(layout.column(end - cut.offset), width);
    const run = (insertion ? "+" : "~").repeat(Math.max(0, to - from));
    marks += " ".repeat(Math.max(0, from - at)) + (insertion ? style.added(run) : style.replaced(run));
    at = Math.max(at, to);
  }
  return [
    { line, mark: "|", content: layout.display.trimEnd() },
    { line: undefined, mark: "|", content: marks },
  ];
}

function changedLines(after: Lines, applied: Applied): readonly number[] {
  const lines = new Set(applied.placed.map(({ start }) => positionAt(after, start).line));
  return [...lines].sort((a, b) => a - b);
}

interface Hunk {
  readonly oldFirst: number;
  readonly oldLast: number;
  readonly newFirst: number;
  readonly newLast: number;
}

function diffRows(text: string, applied: Applied, style: Style): readonly SuggestionRow[] {
  const before = linesOf(text);
  const after = linesOf(applied.text);
  const rows: SuggestionRow[] = [];
  for (const hunk of hunks(before, after, applied)) {
    if (rows.length > 0) rows.push({ line: "gap", mark: "|", content: "" });
    rows.push(...hunkRows(before, after, hunk, style));
  }
  return rows;
}

/** The runs of lines that edits touch, before and after. */
function hunks(before: Lines, after: Lines, applied: Applied): readonly Hunk[] {
  const found: Hunk[] = [];
  for (const { edit, start, end } of applied.placed) {
    const next = {
      oldFirst: positionAt(before, edit.start).line,
      oldLast: positionAt(before, edit.end).line,
      newFirst: positionAt(after, start).line,
      newLast: positionAt(after, end).line,
    };
    const last = found.at(-1);
    if (last !== undefined && next.oldFirst <= last.oldLast) {
      found[found.length - 1] = { ...last, oldLast: next.oldLast, newLast: next.newLast };
    } else found.push(next);
  }
  return found;
}

function hunkRows(before: Lines, after: Lines, hunk: Hunk, style: Style): readonly SuggestionRow[] {
  const removed = range(hunk.oldFirst, hunk.oldLast).map((line) => ({ line, text: lineText(before, line) }));
  const added = range(hunk.newFirst, hunk.newLast).map((line) => ({ line, text: lineText(after, line) }));
  // A line that the edit only touched with an end is not changed.
  while (removed.length > 0 && added.length > 0 && removed[0]?.text === added[0]?.text) {
    removed.shift();
    added.shift();
  }
  while (removed.length > 0 && added.length > 0 && removed.at(-1)?.text === added.at(-1)?.text) {
    removed.pop();
    added.pop();
  }
  return [
    ...removed.map(({ line, text }) => row(line, "-", text, style.removed)),
    ...added.map(({ line, text }) => row(line, "+", text, style.added)),
  ];
}

function row(line: number, mark: "+" | "-", text: string, paint: (text: string) => string): SuggestionRow {
  const shown = displayLine(cutLine(text, 0).text).display.trimEnd();
  return { line, mark, content: shown === "" ? "" : paint(shown) };
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
