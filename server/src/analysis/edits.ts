/** Choosing fixes that go together, and applying their edits to a text. */
import type { Fix, Span, TextEdit } from "./diagnostic.js";

export type Replacement = Span & Pick<TextEdit, "newText">;

/** Where each replacement went, in the text it made. */
export interface Applied {
  readonly text: string;
  readonly placed: readonly { readonly edit: Replacement; readonly start: number; readonly end: number }[];
}

/** In order of position; insertions at one place keep their order. */
function sortEdits<E extends Span>(edits: readonly E[]): readonly E[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/**
 * Applies edits that do not overlap.
 *
 * @throws {RangeError} where two overlap or one is outside of the text.
 */
export function applyEdits(text: string, edits: readonly Replacement[]): Applied {
  const placed: { edit: Replacement; start: number; end: number }[] = [];
  let out = "";
  let at = 0;
  for (const edit of sortEdits(edits)) {
    if (edit.start < at || edit.end < edit.start || edit.end > text.length) {
      throw new RangeError(`an edit at ${edit.start}..${edit.end} overlaps another or is outside of the text`);
    }
    out += text.slice(at, edit.start);
    const start = out.length;
    out += edit.newText;
    placed.push({ edit, start, end: out.length });
    at = edit.end;
  }
  return { text: out + text.slice(at), placed };
}

/** The fix that *fix all* and `--fix` apply, if the finding has one. */
export function preferredFix(fixes: readonly Fix[]): Fix | undefined {
  return fixes.find((fix) => fix.preferred && fix.edits.length > 0);
}

/**
 * Chooses fixes that can be applied together: in the order given, each whose edits do not get in the way of those
 * chosen before. An edit that is the same as one chosen already (two findings both add one import) is shared.
 */
export function compatibleFixes(fixes: readonly Fix[]): readonly TextEdit[] {
  const chosen = new Map<string, readonly TextEdit[]>();
  for (const fix of fixes) {
    const fresh = fix.edits.filter((edit) => !(chosen.get(edit.file) ?? []).some((other) => sameEdit(edit, other)));
    if (fresh.some((edit) => (chosen.get(edit.file) ?? []).some((other) => conflict(edit, other)))) continue;
    for (const edit of fresh) chosen.set(edit.file, [...(chosen.get(edit.file) ?? []), edit]);
  }
  return [...chosen.values()].flatMap((edits) => sortEdits(edits));
}

function sameEdit(a: TextEdit, b: TextEdit): boolean {
  return a.start === b.start && a.end === b.end && a.newText === b.newText;
}

/** Two insertions at one place can need each other's text (two wrap the same closure), so the second one waits. */
function conflict(a: Span, b: Span): boolean {
  if (a.start === b.start) return true;
  return a.start < b.end && b.start < a.end;
}
