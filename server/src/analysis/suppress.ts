/**
 * Suppression comments: how a user says that a finding is known and on purpose.
 *
 *     // fearless-threads-ignore unjoined-handle: the logger lives as long as the process
 *     // fearless-threads-ignore-file capture-without-move: generated code
 *
 * The first form counts for its own line, or where it stands alone for the next line of code. A reason is required: a
 * comment without one silences nothing and is itself a finding, and so is one that silences nothing any more.
 */

import type { Diagnostic, Severity, Span, TextEdit } from "./diagnostic.js";
import { indentationAt, insert, lineBreak, lineEnd, lineStart } from "./fix.js";
import type { WrittenText } from "./mir/written-text.js";

export interface SuppressionRule {
  readonly name: "bare-suppression" | "unused-suppression";
  readonly summary: string;
  readonly severity: Severity;
}

export const bareSuppression: SuppressionRule = {
  name: "bare-suppression",
  summary: "A suppression comment that does not say why",
  severity: "warning",
};

export const unusedSuppression: SuppressionRule = {
  name: "unused-suppression",
  summary: "A suppression comment that silences nothing",
  severity: "warning",
};

interface Suppression {
  /** The comment, from its slashes to its end. */
  readonly span: Span;
  readonly scope: "line" | "file";
  readonly rules: readonly string[];
  readonly reason: string;
  /** The lines (by the offset they start at) it counts for. Undefined for a whole file. */
  readonly line: number | undefined;
}

const directive = /(?:\/\/|\/\*)[ \t]*fearless-threads-ignore(-file)?(?![\w-])[ \t]*([^\r\n]*)/g;

/** All suppression comments of a text, in order. */
function findSuppressions(text: string): readonly Suppression[] {
  const found: Suppression[] = [];
  for (const match of text.matchAll(directive)) {
    const start = match.index;
    const before = text.slice(lineStart(text, start), start);
    if (insideString(before)) continue;
    const block = match[0].startsWith("/*");
    const rest = match[2] ?? "";
    const closing = block ? rest.indexOf("*/") : -1;
    const body = closing < 0 ? rest : rest.slice(0, closing);
    const length = match[0].length - rest.length + (closing < 0 ? rest.trimEnd().length : closing + 2);
    const colon = body.indexOf(":");
    const names = colon < 0 ? body : body.slice(0, colon);
    found.push({
      span: { start, end: start + length },
      scope: match[1] === undefined ? "line" : "file",
      rules: names.split(/[\s,]+/).filter((name) => name !== ""),
      reason: colon < 0 ? "" : body.slice(colon + 1).trim(),
      line: match[1] === undefined ? lineMeant(text, start, before) : undefined,
    });
  }
  return found;
}

/** A quote that is open where the comment would begin means that it is text and no comment. */
function insideString(before: string): boolean {
  return ['"', "'", "`"].some((quote) => (before.split(quote).length - 1) % 2 === 1);
}

/** The comment's own line, or the next line with code where the comment stands alone. */
function lineMeant(text: string, start: number, before: string): number {
  if (!/^[\s{]*$/.test(before)) return lineStart(text, start);
  let line = nextLine(text, start);
  while (line < text.length && /^\s*(?:\/\/.*|\{?\/\*.*\*\/\}?\s*)?$/.test(text.slice(line, lineEnd(text, line)))) {
    line = nextLine(text, line);
  }
  return line;
}

function nextLine(text: string, offset: number): number {
  const end = lineEnd(text, offset);
  return end + (text.startsWith("\r\n", end) ? 2 : 1);
}

export interface SuppressionInput {
  readonly file: string;
  readonly text: string;
  readonly findings: readonly Diagnostic[];
  /** The rules that ran to their end: a suppression of any other rule is not called unused. */
  readonly ran: ReadonlySet<string>;
  /** All rules there are. */
  readonly known: ReadonlySet<string>;
  readonly levels: Readonly<Record<string, Severity | "off">>;
}

/** Leaves out what comments silence, and adds what is wrong with the comments themselves. */
export function applySuppressions(input: SuppressionInput): readonly Diagnostic[] {
  const suppressions = findSuppressions(input.text);
  if (suppressions.length === 0) return input.findings;
  const used = new Set<string>();
  const kept = input.findings.filter((finding) => {
    const line = lineStart(input.text, finding.location.start);
    const silencing = suppressions.filter(
      (one) => one.reason !== "" && one.rules.includes(finding.rule) && (one.scope === "file" || one.line === line),
    );
    for (const one of silencing) used.add(`${one.span.start}:${finding.rule}`);
    return silencing.length === 0;
  });
  return [...kept, ...suppressions.flatMap((one) => judge(one, input, used))];
}

function judge(one: Suppression, input: SuppressionInput, used: ReadonlySet<string>): readonly Diagnostic[] {
  if (one.rules.length === 0 || one.reason === "") {
    const severity = input.levels[bareSuppression.name] ?? bareSuppression.severity;
    return severity === "off" ? [] : [bare(one, input, severity)];
  }
  const severity = input.levels[unusedSuppression.name] ?? unusedSuppression.severity;
  if (severity === "off") return [];
  return one.rules
    .filter((rule) => !used.has(`${one.span.start}:${rule}`) && (input.ran.has(rule) || !input.known.has(rule)))
    .map((rule) => unused(one, rule, input, severity));
}

function bare(one: Suppression, input: SuppressionInput, severity: Severity): Diagnostic {
  const rule = one.rules[0];
  return {
    rule: bareSuppression.name,
    severity,
    message: rule === undefined ? "this suppression names no rule" : `this suppression of \`${rule}\` gives no reason`,
    location: { file: input.file, ...one.span },
    label: rule === undefined ? "which rule, and why?" : "why is the finding right to ignore?",
    related: [],
    notes: [
      "a suppression without a reason silences nothing: whoever reads it next could not tell whether it still holds",
    ],
    help: [`Write the reason behind a colon: \`// fearless-threads-ignore ${rule ?? "<rule>"}: <reason>\``],
    fixes: [{ title: "Remove the suppression comment", preferred: false, edits: [removal(one, input)] }],
    tags: [],
  };
}

function unused(one: Suppression, rule: string, input: SuppressionInput, severity: Severity): Diagnostic {
  const known = input.known.has(rule);
  const where = one.scope === "file" ? "in this file" : "on the line it is for";
  return {
    rule: unusedSuppression.name,
    severity,
    message: known ? `nothing to suppress: \`${rule}\` finds nothing ${where}` : `there is no rule named \`${rule}\``,
    location: { file: input.file, ...one.span },
    label: "silences nothing",
    related: [],
    notes: ["a suppression that is left behind would hide the next mistake on this line"],
    help: [known ? "Remove the comment" : `Name one of ${[...input.known].map((name) => `\`${name}\``).join(", ")}`],
    fixes:
      one.rules.length === 1
        ? [{ title: "Remove the suppression comment", preferred: known, edits: [removal(one, input)] }]
        : [],
    tags: ["unnecessary"],
  };
}

/** Takes the comment away, with its line where it stands alone. */
function removal(one: Suppression, { file, text }: SuppressionInput): TextEdit {
  const start = lineStart(text, one.span.start);
  const end = lineEnd(text, one.span.end);
  const alone = text.slice(start, one.span.start).trim() === "" && text.slice(one.span.end, end).trim() === "";
  if (alone) return { file, start, end: Math.min(nextLine(text, end), text.length), newText: "" };
  const before = text.slice(start, one.span.start).trimEnd().length;
  return { file, start: start + before, end: one.span.end, newText: "" };
}

/** What the editor's *disable* actions need to know. */
export interface DisableRequest {
  readonly file: string;
  readonly text: string;
  readonly rule: string;
  /** Where the finding starts. */
  readonly offset: number;
  /** Why; the editor inserts a placeholder that the user then types over. */
  readonly reason: string;
}

/**
 * The edit that puts a suppression comment on a line of its own before the finding's line. Undefined where that line
 * begins inside of a template literal, which has no comments.
 *
 * @param written Where the file's text is no code.
 */
export function disableForLine(
  { file, text, rule, offset, reason }: DisableRequest,
  written: readonly WrittenText[] = [],
): TextEdit | undefined {
  const at = lineStart(text, offset);
  const within = written.find(({ start, end }) => start < at && at < end);
  if (within?.kind === "template") return undefined;
  const comment = `fearless-threads-ignore ${rule}: ${reason}`;
  const line = within === undefined ? `// ${comment}` : `{/* ${comment} */}`;
  return insert(file, at, indentationAt(text, offset) + line + lineBreak(text));
}

/** The edit that puts a suppression comment for the whole file at its top, behind a byte order mark and a shebang. */
export function disableForFile({ file, text, rule, reason }: Omit<DisableRequest, "offset">): TextEdit {
  const mark = text.startsWith("\uFEFF") ? 1 : 0;
  const at = text.startsWith("#!", mark) ? Math.min(nextLine(text, mark), text.length) : mark;
  return insert(file, at, `// fearless-threads-ignore-file ${rule}: ${reason}${lineBreak(text)}`);
}
