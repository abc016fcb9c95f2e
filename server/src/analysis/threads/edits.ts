/** Edits that come from several places, made one list. */
import type { TextEdit } from "../diagnostic.js";

/** The same edit twice (two changes that need one import) is one edit. */
export function mergeEdits(edits: readonly TextEdit[]): readonly TextEdit[] {
  return edits.filter((edit, index) => edits.findIndex((other) => sameEdit(edit, other)) === index);
}

function sameEdit(a: TextEdit, b: TextEdit): boolean {
  return a.file === b.file && a.start === b.start && a.end === b.end && a.newText === b.newText;
}
