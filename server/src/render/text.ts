/**
 * A finding as rustc writes it: headline, the source with its spans underlined, notes, help, and the fix as it would
 * look in the file.
 */
import type { Diagnostic, Fix, Label, Location } from "../analysis/diagnostic.js";
import { type Lines, linesOf, positionAt } from "./lines.js";
import { displayPath } from "./paths.js";
import { lowerFirst } from "./sentence.js";
import { type Mark, type Row, snippetRows } from "./snippet.js";
import { type Style, styleOf } from "./style.js";
import { suggestionRows } from "./suggestion.js";

export interface TextOptions {
  /** Paths are shown relative to it. */
  readonly cwd: string;
  /** The text that a file's spans refer to. Undefined where it cannot be read: then only the place is shown. */
  readonly text: (file: string) => string | undefined;
  readonly colors: boolean;
}

/** Renders one finding, without a line break at the end. */
export function renderText(diagnostic: Diagnostic, options: TextOptions): string {
  const style = styleOf(options);
  const sections = fileSections(diagnostic, options, style);
  const fix = shownFix(diagnostic);
  const suggestions = fix === undefined ? [] : suggestionSections(fix, options, style);
  const numbers = [...sections, ...suggestions]
    .flatMap((section) => section.rows)
    .map((row) => (typeof row.line === "number" ? row.line + 1 : 0));
  const gutter = Math.max(1, String(Math.max(0, ...numbers)).length);
  const out = [headline(diagnostic, style)];
  for (const [index, section] of sections.entries()) {
    const arrow = index === 0 ? "-->" : ":::";
    if (index > 0) out.push(bar(gutter, style));
    out.push(`${" ".repeat(gutter + 1)}${style.gutter(arrow)} ${section.title}`);
    if (section.rows.length === 0) continue;
    out.push(bar(gutter, style));
    out.push(...section.rows.map((row) => printRow(row, gutter, style)));
  }
  out.push(...remarks(diagnostic, fix, gutter, style));
  if (fix !== undefined) out.push(...suggestionLines(fix, suggestions, { diagnostic, options, gutter, style }));
  return out.join("\n");
}

function headline(diagnostic: Diagnostic, style: Style): string {
  const paint = style.severity(diagnostic.severity);
  return `${paint(`${diagnostic.severity}[${diagnostic.rule}]`)}${style.headline(`: ${diagnostic.message}`)}`;
}

/** Rows with the mark that stands right of the number: the bar, or `+` and `-` in a diff. */
interface Section {
  readonly title: string;
  readonly rows: readonly (Row & { readonly mark?: "|" | "+" | "-" })[];
}

/** The primary file comes first, then the others in the order they are mentioned. */
function fileSections(diagnostic: Diagnostic, options: TextOptions, style: Style): readonly Section[] {
  const primary: Label = { ...diagnostic.location, message: diagnostic.label };
  const files = [...new Set([primary.file, ...diagnostic.related.map((label) => label.file)])];
  return files.map((file) => {
    const labels = diagnostic.related.filter((label) => label.file === file);
    const text = options.text(file);
    const at = file === primary.file ? primary : (labels[0] ?? primary);
    const lines = text === undefined ? undefined : linesOf(text);
    const title = place(at, lines, options);
    if (lines === undefined) return { title, rows: [] };
    const marks: Mark[] = labels.map((label) => ({
      ...label,
      label: label.message,
      character: "-",
      paint: style.secondary,
    }));
    if (file === primary.file) {
      const paint = style.severity(diagnostic.severity);
      marks.push({ ...primary, label: primary.message, character: "^", paint });
    }
    return { title, rows: snippetRows(lines, marks) };
  });
}

/** `src/main.ts:4:31`, both counted from 1, as terminals and editors link it. */
function place(location: Location, lines: Lines | undefined, options: TextOptions): string {
  const path = displayPath(location.file, options.cwd);
  if (lines === undefined) return path;
  const { line, character } = positionAt(lines, location.start);
  return `${path}:${line + 1}:${character + 1}`;
}

function bar(gutter: number, style: Style): string {
  return `${" ".repeat(gutter + 2)}${style.gutter("|")}`;
}

function printRow(row: Section["rows"][number], gutter: number, style: Style): string {
  if (row.line === "gap") return `...${" ".repeat(gutter + 1)}${row.content}`.trimEnd();
  const number = row.line === undefined ? "" : String(row.line + 1);
  const mark = row.mark ?? "|";
  const paint = mark === "+" ? style.added : mark === "-" ? style.removed : style.gutter;
  const head = `${style.gutter(` ${number.padStart(gutter)}`)} ${paint(mark)}`;
  return row.content === "" ? head : `${head} ${row.content}`;
}

/** Notes and help as rustc's `= note:`. A help that the shown fix says again is left out. */
function remarks(diagnostic: Diagnostic, fix: Fix | undefined, gutter: number, style: Style): readonly string[] {
  const others = diagnostic.fixes.filter((other) => other !== fix).map((other) => `or ${lowerFirst(other.title)}`);
  const said = fix === undefined ? undefined : lowerFirst(fix.title);
  const entries = [
    ...diagnostic.notes.map((text) => ["note", text] as const),
    ...diagnostic.help
      .map(lowerFirst)
      .filter((text) => text !== said)
      .map((text) => ["help", text] as const),
    ...others.map((text) => ["help", text] as const),
  ];
  if (entries.length === 0) return [bar(gutter, style)].slice(0, fix === undefined ? 0 : 1);
  const indent = " ".repeat(gutter + 10);
  return [
    bar(gutter, style),
    ...entries.map(([kind, text]) => {
      const [first = "", ...rest] = text.split("\n");
      const head = `${" ".repeat(gutter + 2)}${style.gutter("=")} ${style.strong(kind)}: ${first}`;
      return [head, ...rest.map((line) => `${indent}${line}`)].join("\n");
    }),
  ];
}

/** The fix that is shown in full: the first preferred one, else the first. */
function shownFix(diagnostic: Diagnostic): Fix | undefined {
  const usable = diagnostic.fixes.filter((fix) => fix.edits.length > 0);
  return usable.find((fix) => fix.preferred) ?? usable[0];
}

function suggestionSections(fix: Fix, options: TextOptions, style: Style): readonly (Section & { file: string })[] {
  const files = [...new Set(fix.edits.map((edit) => edit.file))];
  return files.flatMap((file) => {
    const text = options.text(file);
    if (text === undefined) return [];
    const edits = fix.edits.filter((edit) => edit.file === file);
    return [{ file, title: displayPath(file, options.cwd), rows: suggestionRows(text, edits, style) }];
  });
}

function suggestionLines(
  fix: Fix,
  sections: readonly (Section & { readonly file: string })[],
  { diagnostic, gutter, style }: { diagnostic: Diagnostic; options: TextOptions; gutter: number; style: Style },
): readonly string[] {
  const out = [`${style.strong("help")}: ${lowerFirst(fix.title)}`];
  for (const section of sections) {
    if (section.file !== diagnostic.location.file || sections.length > 1) {
      out.push(`${" ".repeat(gutter + 1)}${style.gutter("-->")} ${section.title}`);
    }
    out.push(bar(gutter, style), ...section.rows.map((row) => printRow(row, gutter, style)));
  }
  return out;
}
