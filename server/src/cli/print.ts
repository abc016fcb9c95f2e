/** What a check found, in the format that whoever reads it needs. */
import type { Diagnostic, Severity } from "../analysis/diagnostic.js";
import { githubReport } from "../render/github.js";
import { jsonReport } from "../render/json.js";
import type { Report, ReportContext, Summary } from "../render/report.js";
import { sarifReport } from "../render/sarif.js";
import { styleOf } from "../render/style.js";
import { renderText } from "../render/text.js";
import { readSource } from "../source-text.js";
import { version } from "../version.js";
import type { Format } from "./check-options.js";

export interface Printing {
  readonly format: Format;
  readonly colors: boolean;
  readonly context: ReportContext;
  /** What could not be done or was left out, for formats that have a place for it. */
  readonly notes: readonly string[];
}

/** The lines of the report, without the last line break. */
export async function printed(report: Report, { format, colors, context, notes }: Printing): Promise<string> {
  switch (format) {
    case "text": {
      const findings = report.diagnostics.flatMap((one) => [renderText(one, { ...context, colors }), ""]);
      return [...findings, summaryLine(report.summary, { colors })].join("\n");
    }
    case "json":
      return JSON.stringify(jsonReport(report, context), undefined, 2);
    case "sarif": {
      // With the rules comes the analysis, which no other format needs.
      const { describeRules } = await import("../config/rules.js");
      const rules = describeRules();
      const log = sarifReport(report, { ...context, rules, version: version(), notifications: notes });
      return JSON.stringify(log, undefined, 2);
    }
    case "github":
      return [...githubReport(report, context), summaryLine(report.summary, { colors: false })].join("\n");
  }
}

export interface Counts {
  readonly files: number;
  readonly checked: number;
  readonly ms: number;
}

export function summarize(diagnostics: readonly Diagnostic[], { files, checked, ms }: Counts): Summary {
  const count = (...severities: readonly Severity[]): number =>
    diagnostics.filter(({ severity }) => severities.includes(severity)).length;
  return {
    files,
    checked,
    errors: count("error"),
    warnings: count("warning"),
    hints: count("hint", "info"),
    ms: Math.round(ms),
  };
}

/** `3 problems (2 errors, 1 warning) in 312 files (14 use threads), 0.8 s` */
function summaryLine(summary: Summary, options: { readonly colors: boolean }): string {
  const { files, checked, errors, warnings, hints, ms } = summary;
  const total = errors + warnings + hints;
  const parts = [plural(errors, "error"), plural(warnings, "warning"), plural(hints, "hint")];
  const kinds = parts.filter((part) => !part.startsWith("0 "));
  const split = kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
  const use = checked === 1 ? "1 uses threads" : `${checked} use threads`;
  const style = styleOf(options);
  const head = style.headline(`${plural(total, "problem")}${split}`);
  return `${head} in ${plural(files, "file")} (${use}), ${(ms / 1000).toFixed(1)} s`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * Reads each file once, without its byte order mark, as the compiler counts offsets.
 *
 * @param over Texts that count in place of those on disk.
 */
export function textReader(over: ReadonlyMap<string, string> = new Map()): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>(over);
  return (file) => {
    if (!texts.has(file)) {
      try {
        texts.set(file, readSource(file).text);
      } catch {
        texts.set(file, undefined);
      }
    }
    return texts.get(file);
  };
}
