/** Code actions: repair, repair all, or say that it is on purpose. */
import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Command,
  type Diagnostic as LspDiagnostic,
  type TextEdit as LspTextEdit,
  type Range,
  type SnippetTextEdit,
  type TextDocumentEdit,
  type WorkspaceEdit,
} from "vscode-languageserver";
import type { Diagnostic, TextEdit } from "../analysis/diagnostic.js";
import { compatibleFixes, preferredFix } from "../analysis/edits.js";
import { disableForFile, disableForLine } from "../analysis/suppress.js";
import { linesOf, offsetAt } from "../render/lines.js";
import { markLength, type ToRange } from "./convert.js";
import type { Result } from "./results.js";

/** `source.fixAll.fearlessThreads`: what editors run on save. */
const fixAllKind = `${CodeActionKind.SourceFixAll}.fearlessThreads`;

export const codeActionKinds = [CodeActionKind.QuickFix, fixAllKind];

export interface ActionContext {
  readonly params: CodeActionParams;
  readonly result: Result;
  readonly toRange: ToRange;
  /** The URI and version of a file; the version is null where it is not open. */
  readonly document: (file: string) => { readonly uri: string; readonly version: number | null };
  readonly supports: { readonly documentChanges: boolean; readonly snippetEdits: boolean };
}

export function codeActions(context: ActionContext): (CodeAction | Command)[] {
  const { params, result } = context;
  const wanted = params.context.only;
  const wants = (kind: string): boolean =>
    wanted === undefined || wanted.some((only) => kind === only || kind.startsWith(`${only}.`));
  const lines = linesOf(result.text);
  const mark = markLength(result.text);
  const start = offsetAt(lines, params.range.start) - mark;
  const end = offsetAt(lines, params.range.end) - mark;
  const here = result.report.diagnostics.filter(({ location }) => location.start <= end && start <= location.end);
  const actions: CodeAction[] = [];
  if (wants(CodeActionKind.QuickFix)) {
    actions.push(...here.flatMap((diagnostic) => fixActions(diagnostic, context)));
    const rules = [...new Set(here.map(({ rule }) => rule))];
    actions.push(...rules.flatMap((rule) => fixRuleAction(rule, context)));
    actions.push(...here.flatMap((diagnostic) => disableActions(diagnostic, context)));
  }
  // Without being asked for, *fix all* would show up at every cursor.
  if (wanted?.some((only) => fixAllKind === only || fixAllKind.startsWith(`${only}.`))) {
    const edits = fixableEdits(result.report.diagnostics);
    if (edits.length > 0) {
      actions.push({
        title: "Fix all thread problems that can be fixed",
        kind: fixAllKind,
        edit: workspaceEdit(edits, context),
      });
    }
  }
  return actions;
}

function fixActions(diagnostic: Diagnostic, context: ActionContext): readonly CodeAction[] {
  return diagnostic.fixes
    .filter((fix) => fix.edits.length > 0)
    .map((fix) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: published(diagnostic, context),
      // An editor applies the one preferred action of a finding without asking.
      ...(fix === preferredFix(diagnostic.fixes) ? { isPreferred: true } : {}),
      edit: workspaceEdit(fix.edits, context),
    }));
}

/** *Fix all of this rule in the file*, where that is more than the one fix at the cursor. */
function fixRuleAction(rule: string, context: ActionContext): readonly CodeAction[] {
  const findings = context.result.report.diagnostics.filter((diagnostic) => diagnostic.rule === rule);
  const fixable = findings.filter(({ fixes }) => preferredFix(fixes) !== undefined);
  if (fixable.length < 2) return [];
  return [
    {
      title: `Fix all ${rule} problems in this file`,
      kind: CodeActionKind.QuickFix,
      diagnostics: fixable.flatMap((diagnostic) => published(diagnostic, context)),
      edit: workspaceEdit(fixableEdits(fixable), context),
    },
  ];
}

function fixableEdits(diagnostics: readonly Diagnostic[]): readonly TextEdit[] {
  return compatibleFixes(diagnostics.map(({ fixes }) => preferredFix(fixes)).filter((fix) => fix !== undefined));
}

/** The rules about suppressions cannot be suppressed: that would never end. */
const notSuppressible = /-suppression$/;

const placeholder = "<why>";

function disableActions(diagnostic: Diagnostic, context: ActionContext): readonly CodeAction[] {
  const { rule, location } = diagnostic;
  if (notSuppressible.test(rule)) return [];
  const request = {
    file: location.file,
    text: context.result.text.slice(markLength(context.result.text)),
    rule,
    offset: location.start,
    reason: placeholder,
  };
  const forLine = disableForLine(request, context.result.report.writtenTexts);
  return [
    forLine === undefined ? [] : { title: `Disable ${rule} for this line`, edit: forLine },
    { title: `Disable ${rule} for this file`, edit: disableForFile(request) },
  ]
    .flat()
    .map(({ title, edit }) => ({
      title,
      kind: CodeActionKind.QuickFix,
      diagnostics: published(diagnostic, context),
      edit: context.supports.snippetEdits ? snippetEdit(edit, context) : workspaceEdit([edit], context),
    }));
}

/** The diagnostics as the client knows them, so that it can tie the action to its squiggle. */
function published(diagnostic: Diagnostic, { params, toRange }: ActionContext): LspDiagnostic[] {
  const range = toRange(diagnostic.location);
  return params.context.diagnostics.filter((known) => known.code === diagnostic.rule && sameRange(known.range, range));
}

function sameRange(a: Range, b: Range): boolean {
  return (
    a.start.line === b.start.line &&
    a.start.character === b.start.character &&
    a.end.line === b.end.line &&
    a.end.character === b.end.character
  );
}

function workspaceEdit(edits: readonly TextEdit[], context: ActionContext): WorkspaceEdit {
  const { document, supports, toRange } = context;
  const files = [...new Set(edits.map(({ file }) => file))];
  const changesOf = (file: string): LspTextEdit[] =>
    edits.filter((edit) => edit.file === file).map((edit) => ({ range: toRange(edit), newText: edit.newText }));
  if (!supports.documentChanges) {
    return { changes: Object.fromEntries(files.map((file) => [document(file).uri, changesOf(file)])) };
  }
  return {
    documentChanges: files.map((file): TextDocumentEdit => ({ textDocument: document(file), edits: changesOf(file) })),
  };
}

/** The reason as a placeholder that is typed over. */
function snippetEdit(edit: TextEdit, { document, toRange }: ActionContext): WorkspaceEdit {
  const [before = "", after = ""] = edit.newText.split(placeholder).map(escapeSnippet);
  const snippet: SnippetTextEdit = {
    range: toRange(edit),
    snippet: { kind: "snippet", value: `${before}\${1:why}${after}` },
  };
  return { documentChanges: [{ textDocument: document(edit.file), edits: [snippet] }] };
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, "\\$&");
}
