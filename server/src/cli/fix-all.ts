/** `--fix`: applies preferred fixes until there is nothing left that they can do. */
import type { TextEdit } from "../analysis/diagnostic.js";
import { applyEdits, compatibleFixes, preferredFix } from "../analysis/edits.js";
import type { Checker } from "../checker/checker.js";
import { readSource, replaceSource } from "../source-text.js";
import type { Pass } from "./check.js";

export interface Fixed {
  readonly pass: Pass;
  readonly fixed: { readonly messages: readonly string[] };
}

/** A fix can make the next one possible. More rounds than this would mean that two fixes undo each other. */
const maxRounds = 20;

/**
 * Checks, fixes and checks again. Files are written once a round, each in one step, so a stop in between leaves every
 * file as it was before or as it is after.
 */
export async function fixAll(check: () => Promise<Pass>, checker: Checker): Promise<Fixed> {
  const messages: string[] = [];
  const touched = new Set<string>();
  const refused = new Set<string>();
  const seen = new Set<string>();
  const first = await check();
  let pass = first;
  for (let round = 0; round < maxRounds; round++) {
    const written = applyRound(pass, { refused, seen, messages });
    if (written.length === 0) break;
    for (const file of written) touched.add(file);
    checker.diskChanged({ changed: written });
    pass = await check();
  }
  const gone = Math.max(0, first.diagnostics.length - pass.diagnostics.length);
  messages.push(
    `fixed ${gone} ${gone === 1 ? "problem" : "problems"} in ${touched.size} ${touched.size === 1 ? "file" : "files"}`,
  );
  return { pass, fixed: { messages } };
}

interface RoundState {
  /** Files that cannot be written. */
  readonly refused: Set<string>;
  /** Texts that were there before: coming back to one would go on for ever. */
  readonly seen: Set<string>;
  readonly messages: string[];
}

/** Writes what one pass's fixes make of the files, and returns which. */
function applyRound(pass: Pass, { refused, seen, messages }: RoundState): readonly string[] {
  const fixes = pass.diagnostics
    .map(({ fixes }) => preferredFix(fixes))
    .filter((fix) => fix !== undefined)
    // All of a fix or nothing of it.
    .filter((fix) => fix.edits.every(({ file }) => !refused.has(file) && !file.includes("/node_modules/")));
  const written: string[] = [];
  for (const [file, edits] of byFile(compatibleFixes(fixes))) {
    try {
      const { text, byteOrderMark, faithful } = readSource(file);
      if (!faithful) throw new Error("its bytes are not UTF-8");
      const next = applyEdits(text, edits).text;
      seen.add(`${file}\0${text}`);
      if (seen.has(`${file}\0${next}`)) continue;
      replaceSource(file, next, { byteOrderMark });
      written.push(file);
    } catch (error) {
      refused.add(file);
      messages.push(`${file}: not fixed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return written;
}

function byFile(edits: readonly TextEdit[]): ReadonlyMap<string, readonly TextEdit[]> {
  const files = new Map<string, TextEdit[]>();
  for (const edit of edits) files.set(edit.file, [...(files.get(edit.file) ?? []), edit]);
  return files;
}
