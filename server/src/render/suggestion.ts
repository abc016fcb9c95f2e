/** A fix shown as the lines it makes: `+++` below what is added, `~~~` below what is replaced, else as a diff. */
import type { TextEdit } from "../analysis/diagnostic.js";
import { displayLine, displayWidth } from "./columns.js";
import { type Applied, applyEdits } from "./edits.js";
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
  const rows = withinLines && !deletes ? markedRows(text, applied, style) : diffRows(text, applied, style);
  return rows.length > maxRows
    ? [...rows.slice(0, maxRows), { line: "gap", mark: "|", content: "" } satisfies SuggestionRow]
    : rows;
}

function markedRows(text: string, applied: Applied, style: Style): readonly SuggestionRow[] {
  const before = linesOf(text);
  const after = linesOf(applied.text);
  const rows: SuggestionRow[] = [];
  let previous: number | undefined;
  for (const line of changedLines(after, applied)) {
    if (previous !== undefined && line > previous + 1) rows.push({ line: "gap", mark: "|", content: "" });
    previous = line;
    const layout = displayLine(lineText(after, line));
    rows.push({ line, mark: "|", content: layout.display.trimEnd() });
    let marks = "";
    let painted = "";
    for (const { edit, start, end } of applied.placed) {
      const position = positionAt(after, start);
      if (position.line !== line) continue;
      const inserted = applied.text.slice(start, end);
      const lead = inserted.length - inserted.trimStart().length;
      const from = layout.column(position.character + lead);
      const width = layout.column(position.character + lead + inserted.trim().length) - from;
      const isInsertion = text.slice(edit.start, edit.end).trim() === "";
      const gap = " ".repeat(Math.max(0, from - displayWidth(marks)));
      const run = (isInsertion ? "+" : "~").repeat(Math.max(0, width));
      marks += gap + run;
      painted += gap + (isInsertion ? style.added(run) : style.replaced(run));
    }
    rows.push({ line: undefined, mark: "|", content: painted });
  }
  // The numbers are the same before and after, since no line came or went.
  return before.starts.length === after.starts.length ? rows : [];
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
  const shown = displayLine(text).display.trimEnd();
  return { line, mark, content: shown === "" ? "" : paint(shown) };
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
