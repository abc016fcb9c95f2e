/** `--format github`: workflow commands that GitHub Actions turns into annotations on the changed lines. */
import type { Diagnostic, Severity } from "../analysis/diagnostic.js";
import { locator } from "./json.js";
import type { Report, ReportContext } from "./report.js";
import { lowerFirst } from "./sentence.js";

const commands: Readonly<Record<Severity, string>> = {
  error: "error",
  warning: "warning",
  info: "notice",
  hint: "notice",
};

export function githubReport(report: Report, context: ReportContext): readonly string[] {
  const located = locator(context);
  return report.diagnostics.map((diagnostic) => {
    const { file, range } = located(diagnostic.location);
    const properties = {
      file,
      line: range.start.line + 1,
      endLine: range.end.line + 1,
      // GitHub refuses columns on annotations of several lines.
      ...(range.start.line === range.end.line
        ? { col: range.start.character + 1, endColumn: range.end.character + 1 }
        : {}),
      title: `fearless-threads: ${diagnostic.rule}`,
    };
    const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
    return `::${commands[diagnostic.severity]} ${list.join(",")}::${escapeData(message(diagnostic))}`;
  });
}

function message(diagnostic: Diagnostic): string {
  const notes = diagnostic.notes.map((note) => `note: ${note}`);
  const help = diagnostic.help.map((text) => `help: ${lowerFirst(text)}`);
  return [diagnostic.message, ...notes, ...help].join("\n");
}

/** As `@actions/core` escapes them. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
