/**
 * `--baseline`: findings that are known and accepted, so that an old code base can begin with the new ones.
 *
 * A finding is recognised by its file, its rule and the text of its line without regard to blanks: code that moves up or
 * down keeps its findings, and a line that changes has a new one. The same finding on equal lines is counted.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../analysis/diagnostic.js";
import { type Lines, linesOf, lineText, positionAt } from "../render/lines.js";
import { displayPath, toSlashes } from "../render/paths.js";
import { UsageError } from "./check-options.js";

export interface Entry {
  readonly rule: string;
  /** The line that the finding begins in, blanks made one each. */
  readonly text: string;
  readonly count: number;
}

/** Entries by file; files are named relative to the folder of the baseline. */
export type Baseline = Readonly<Record<string, readonly Entry[]>>;

interface BaselineFile {
  readonly version: 1;
  readonly findings: Baseline;
}

export interface Applied {
  /** What the baseline does not know. */
  readonly fresh: readonly Diagnostic[];
  /** How many it does. */
  readonly known: number;
  /** Entries, of the files that were checked, that nothing matches any more. */
  readonly stale: readonly (Entry & { readonly file: string })[];
}

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** The files that these are all the findings of. */
  readonly files: readonly string[];
  readonly text: (file: string) => string | undefined;
}

/** @throws {UsageError} where it cannot be read or is none. */
export function readBaseline(path: string): Baseline {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    throw new UsageError(`${path}: cannot be read (${code}); --update-baseline writes a new one`);
  }
  try {
    const { version, findings } = JSON.parse(text) as Partial<BaselineFile>;
    if (version === 1 && findings !== undefined && Object.values(findings).every(isEntries)) return findings;
  } catch {
    // Said below.
  }
  throw new UsageError(`${path}: not a baseline that this version reads; --update-baseline writes a new one`);
}

function isEntries(value: unknown): value is readonly Entry[] {
  return (
    Array.isArray(value) &&
    value.every(({ rule, text, count }: Partial<Entry>) => {
      return typeof rule === "string" && typeof text === "string" && Number.isInteger(count);
    })
  );
}

export function applyBaseline(baseline: Baseline, path: string, checked: Checked): Applied {
  const left = new Map<string, number>();
  const idOf = (file: string, { rule, text }: Pick<Entry, "rule" | "text">): string => `${file}\0${rule}\0${text}`;
  for (const [file, entries] of Object.entries(baseline)) {
    for (const entry of entries) left.set(idOf(file, entry), entry.count);
  }
  const identify = identifier(path, checked.text);
  const fresh = checked.diagnostics.filter((diagnostic) => {
    const { file, rule, text } = identify(diagnostic);
    const id = idOf(file, { rule, text });
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  });
  const looked = new Set(checked.files.map((file) => displayPath(file, dirname(path))));
  const stale = Object.entries(baseline).flatMap(([file, entries]) =>
    looked.has(file) || !existsSync(join(dirname(path), file))
      ? entries
          .map((entry) => ({ ...entry, file, count: left.get(idOf(file, entry)) ?? 0 }))
          .filter(({ count }) => count > 0)
      : [],
  );
  return { fresh, known: checked.diagnostics.length - fresh.length, stale };
}

/** The baseline with all findings of the files that were checked, and the entries of others that are still there. */
export function updatedBaseline(before: Baseline, path: string, checked: Checked): Baseline {
  const folder = dirname(path);
  const looked = new Set(checked.files.map((file) => displayPath(file, folder)));
  const kept = Object.entries(before).filter(([file]) => !looked.has(file) && existsSync(join(folder, file)));
  const files = new Map<string, Map<string, Entry>>(
    kept.map(([file, entries]) => [file, new Map(entries.map((entry) => [`${entry.rule}\0${entry.text}`, entry]))]),
  );
  const identify = identifier(path, checked.text);
  for (const diagnostic of checked.diagnostics) {
    const { file, rule, text } = identify(diagnostic);
    const entries = files.get(file) ?? new Map<string, Entry>();
    const id = `${rule}\0${text}`;
    entries.set(id, { rule, text, count: (entries.get(id)?.count ?? 0) + 1 });
    files.set(file, entries);
  }
  const inOrder = (a: Entry, b: Entry): number => (`${a.rule} ${a.text}` < `${b.rule} ${b.text}` ? -1 : 1);
  return Object.fromEntries(
    [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, entries]) => [file, [...entries.values()].sort(inOrder)]),
  );
}

/** In one step, sorted, one line an entry: it is made to be committed. */
export function writeBaseline(path: string, findings: Baseline): void {
  const files = Object.entries(findings).map(([file, entries]) => {
    const lines = entries.map((entry) => `      ${JSON.stringify(entry)}`);
    return `    ${JSON.stringify(file)}: [\n${lines.join(",\n")}\n    ]`;
  });
  const body = files.length === 0 ? "{}" : `{\n${files.join(",\n")}\n  }`;
  const temporary = `${path}.${process.pid}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(temporary, `{\n  "version": 1,\n  "findings": ${body}\n}\n`);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function identifier(
  path: string,
  textOf: (file: string) => string | undefined,
): (diagnostic: Diagnostic) => { readonly file: string; readonly rule: string; readonly text: string } {
  const lines = new Map<string, Lines>();
  return ({ rule, location }) => {
    const known = lines.get(location.file) ?? linesOf(textOf(location.file) ?? "");
    lines.set(location.file, known);
    const line = lineText(known, positionAt(known, location.start).line);
    return { rule, text: line.trim().replace(/\s+/g, " "), file: displayPath(toSlashes(location.file), dirname(path)) };
  };
}
