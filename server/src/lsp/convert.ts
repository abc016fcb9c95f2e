/** From findings to what LSP calls diagnostics. */
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type Diagnostic as LspDiagnostic,
  type Range as LspRange,
} from "vscode-languageserver";
import type { Diagnostic, Location, Severity } from "../analysis/diagnostic.js";
import { type Lines, linesOf, rangeOf } from "../render/lines.js";
import { lowerFirst } from "../render/sentence.js";
import type { DiagnosticData } from "./protocol.js";

export const diagnosticSource = "fearless-threads";

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** What conversion needs to know of the files that findings mention. */
export interface Places {
  /** The URI that the client knows a file by. */
  uri(file: string): string;
  /** The text that the file's spans refer to; undefined where it cannot be read. */
  text(file: string): string | undefined;
}

export interface Conversion {
  readonly places: Places;
  readonly ruleUrl: (rule: string) => string;
  /** Clients that cannot show related places and links would show nothing of them. */
  readonly supports: { readonly related: boolean; readonly links: boolean };
}

export type ToRange = (location: Location) => LspRange;

/** Finds ranges; the lines of each file are found once. */
export function ranges(places: Pick<Places, "text">): ToRange {
  const cache = new Map<string, Lines>();
  return (location) => {
    const lines = cache.get(location.file) ?? linesOf(places.text(location.file) ?? "");
    cache.set(location.file, lines);
    const mark = markLength(lines.text);
    return rangeOf(lines, { start: location.start + mark, end: location.end + mark });
  };
}

/** The compiler counts from behind the byte order mark, an editor that sends one counts it. */
export function markLength(text: string): 0 | 1 {
  return text.startsWith("\uFEFF") ? 1 : 0;
}

export function toLsp(diagnostic: Diagnostic, toRange: ToRange, conversion: Conversion): LspDiagnostic {
  const { places, ruleUrl, supports } = conversion;
  const data: DiagnosticData = { rule: diagnostic.rule, notes: diagnostic.notes, help: diagnostic.help };
  const tags = diagnostic.tags.map((tag) =>
    tag === "unnecessary" ? DiagnosticTag.Unnecessary : DiagnosticTag.Deprecated,
  );
  return {
    range: toRange(diagnostic.location),
    severity: severities[diagnostic.severity],
    source: diagnosticSource,
    code: diagnostic.rule,
    message: messageOf(diagnostic),
    data,
    ...(supports.links ? { codeDescription: { href: ruleUrl(diagnostic.rule) } } : {}),
    ...(tags.length > 0 ? { tags } : {}),
    ...(supports.related && diagnostic.related.length > 0
      ? {
          relatedInformation: diagnostic.related.map((label) => ({
            message: label.message,
            location: { uri: places.uri(label.file), range: toRange(label) },
          })),
        }
      : {}),
  };
}

/** The headline first, since lists of problems show only that line. */
function messageOf(diagnostic: Diagnostic): string {
  const label = diagnostic.label === "" ? [] : [diagnostic.label];
  const notes = diagnostic.notes.map((note) => `note: ${note}`);
  const help = diagnostic.help.map((text) => `help: ${lowerFirst(text)}`);
  return [diagnostic.message, ...label, ...notes, ...help].join("\n");
}
