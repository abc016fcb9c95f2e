/** Runs cases: one mocha test each, all of them against one real compiler. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createSession } from "../../../server/src/analysis/analyse.js";
import type { Diagnostic } from "../../../server/src/analysis/diagnostic.js";
import { applyEdits, compatibleFixes, preferredFix } from "../../../server/src/analysis/edits.js";
import type { Rule } from "../../../server/src/analysis/rules/rule.js";
import { createNeighbours } from "../../../server/src/checker/neighbours.js";
import { createRelevance } from "../../../server/src/typescript/relevance.js";
import { withProject } from "../../support/project.js";
import { type Case, type CaseFile, type Marker, parseCases } from "./cases.js";

export interface RunOptions {
  /** The rules that run; a case shows nothing of any other. */
  readonly rules: readonly Rule[];
}

/** Describes one test for each case of a Markdown file. */
export function runCases(markdown: URL, options: RunOptions): void {
  for (const one of parseCases(readFileSync(markdown, "utf8"))) {
    it(one.name, () => checkCase(one, options));
  }
}

/**
 * Analyses and compiles the files of a case, and compares with its markers and its fixed text.
 *
 * @throws AssertionError that shows the code with the markers there should have been.
 */
export async function checkCase(one: Case, options: RunOptions): Promise<void> {
  const found = await analyse(one.files, options);
  for (const file of one.files) {
    const findings = found.get(file.name) ?? [];
    assert.equal(
      annotated(file.text, findings.map(toMarker(file.text))),
      annotated(file.text, expected(file, findings)),
    );
  }
  if (one.fixed.length === 0) return;
  const { files: repaired, found: after } = await repair(one, found, options);
  for (const fixed of one.fixed) {
    const file = repaired.find(({ name }) => name === fixed.name);
    assert.equal(file?.text, fixed.text, `The preferred fixes of ${fixed.name} give another text`);
  }
  for (const file of repaired) {
    const findings = after.get(file.name) ?? [];
    const markers = one.fixed.find(({ name }) => name === file.name)?.markers ?? [];
    assert.equal(
      annotated(file.text, findings.map(toMarker(file.text))),
      annotated(file.text, expected({ ...file, markers }, findings)),
    );
  }
}

/** The findings of each file. Fails where a file does not compile or a rule throws. */
async function analyse(files: readonly CaseFile[], { rules }: RunOptions): Promise<Found> {
  const texts = Object.fromEntries(files.map((file) => [file.name, file.text]));
  return withProject(texts, async (snapshot, path) => {
    // As the editor and the command line do, it leaves out the files that no threads come to.
    const relevance = createRelevance();
    const neighbours = createNeighbours(relevance);
    // The files of a case are a package of their own.
    relevance.edit(path("package.json"), "{}");
    for (const file of files) {
      relevance.edit(path(file.name), file.text);
      neighbours.edited(path(file.name));
    }
    const session = createSession({ rules, texts: relevance, neighbours: neighbours.find });
    const found = new Map<string, readonly Diagnostic[]>();
    for (const file of files) {
      const report = await session.analyse(snapshot, path(file.name), {});
      for (const failure of report.failures) throw failure.error;
      found.set(file.name, report.diagnostics);
      if (!file.nocompile)
        assert.deepEqual(await snapshot.errors(path(file.name)), [], `${file.name} does not compile`);
    }
    return found;
  });
}

type Found = ReadonlyMap<string, readonly Diagnostic[]>;

/** More rounds than this would mean that two fixes undo each other. */
const maxRounds = 5;

/** Applies preferred fixes until there is none left, as `check --fix` does: fixes that meet wait for another round. */
async function repair(
  { files, offered = false }: Case,
  found: Found,
  options: RunOptions,
): Promise<{ readonly files: readonly CaseFile[]; readonly found: Found }> {
  let now = { files, found };
  for (let round = 0; round < maxRounds; round++) {
    const edits = compatibleFixes(
      [...now.found.values()].flat().flatMap(({ fixes }) => (offered ? fixes[0] : preferredFix(fixes)) ?? []),
    );
    if (edits.length === 0) return now;
    const fixed = now.files.map((file) => {
      const own = edits.filter((edit) => edit.file.endsWith(`/${file.name}`));
      return { ...file, text: applyEdits(file.text, own).text };
    });
    now = { files: fixed, found: await analyse(fixed, options) };
  }
  assert.fail("The preferred fixes come to no end");
}

/** A finding's marker, with its whole message. */
function toMarker(text: string): (finding: Diagnostic) => Marker {
  return ({ rule, message, location }) => {
    const lineEnd = /[\r\n]|$/.exec(text.slice(location.start))?.index ?? 0;
    const end = Math.max(Math.min(location.end, location.start + lineEnd), location.start);
    return { rule, message, span: { start: location.start, end } };
  };
}

/** The markers of a file, each with the whole message of the finding that it fits, so that equal ones compare equal. */
function expected(file: CaseFile, findings: readonly Diagnostic[]): readonly Marker[] {
  const actual = findings.map(toMarker(file.text));
  return file.markers.map((marker) => {
    const fits = actual.find(
      ({ rule, span, message }) =>
        rule === marker.rule &&
        span.start === marker.span.start &&
        span.end === marker.span.end &&
        message.includes(marker.message),
    );
    return fits ?? marker;
  });
}

/** A text with marker lines in it: what the two sides of a failed comparison show. */
function annotated(text: string, markers: readonly Marker[]): string {
  const lines = text.split("\n");
  const below = new Map<number, string[]>();
  for (const { rule, message, span } of [...markers].sort((a, b) => a.span.start - b.span.start)) {
    const before = text.slice(0, span.start).split("\n");
    const column = before.at(-1)?.length ?? 0;
    const carets = "^".repeat(Math.max(1, span.end - span.start));
    const lead = column < 3 ? `//<${column} ` : `//${" ".repeat(column - 2)}`;
    const line = before.length - 1;
    below.set(line, [...(below.get(line) ?? []), `${lead}${carets} ${rule}: ${message}`]);
  }
  return lines.flatMap((line, index) => [line, ...(below.get(index) ?? []).sort()]).join("\n");
}
