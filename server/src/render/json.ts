/** `--format json`, version 1: lines and characters from 0 in UTF-16 code units, files relative to the working folder. */
import type { Location, Severity } from "../analysis/diagnostic.js";
import { type Lines, linesOf, type Range, rangeOf } from "./lines.js";
import { displayPath } from "./paths.js";
import type { Report, ReportContext, Summary } from "./report.js";

export interface JsonReport {
  readonly version: 1;
  readonly diagnostics: readonly JsonDiagnostic[];
  readonly summary: Summary;
}

export interface JsonDiagnostic {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly range: Range;
  readonly label: string;
  readonly related: readonly { readonly message: string; readonly file: string; readonly range: Range }[];
  readonly notes: readonly string[];
  readonly help: readonly string[];
  readonly fixes: readonly {
    readonly title: string;
    readonly preferred: boolean;
    readonly edits: readonly { readonly file: string; readonly range: Range; readonly newText: string }[];
  }[];
}

export function jsonReport(report: Report, context: ReportContext): JsonReport {
  const located = locator(context);
  return {
    version: 1,
    diagnostics: report.diagnostics.map((diagnostic) => ({
      rule: diagnostic.rule,
      severity: diagnostic.severity,
      message: diagnostic.message,
      ...located(diagnostic.location),
      label: diagnostic.label,
      related: diagnostic.related.map((label) => ({ message: label.message, ...located(label) })),
      notes: diagnostic.notes,
      help: diagnostic.help,
      fixes: diagnostic.fixes.map((fix) => ({
        title: fix.title,
        preferred: fix.preferred,
        edits: fix.edits.map((edit) => ({ ...located(edit), newText: edit.newText })),
      })),
    })),
    summary: report.summary,
  };
}

/** Turns spans into relative files and ranges; the lines of each file are found once. */
export function locator(
  context: ReportContext,
): (location: Location) => { readonly file: string; readonly range: Range } {
  const cache = new Map<string, Lines>();
  return (location) => {
    const lines = cache.get(location.file) ?? linesOf(context.text(location.file) ?? "");
    cache.set(location.file, lines);
    return { file: displayPath(location.file, context.cwd), range: rangeOf(lines, location) };
  };
}
