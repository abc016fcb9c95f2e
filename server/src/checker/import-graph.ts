/** Which file of the project imports which, found out from texts alone: no compiler is asked. */
import type { Target } from "../typescript/relevance/resolve.js";

export interface ImportGraph {
  /** The text as it counts now. Undefined where there is no such file. */
  text(file: string): string | undefined;
  /** Where the imports of a file lead. */
  targets(file: string): readonly Target[];
  /**
   * Those of `files` that are one of `changed` or import one, directly or through other files of the project. A file
   * whose imports may lead anywhere is one of them.
   */
  affectedBy(changed: ReadonlySet<string>, files: readonly string[]): readonly string[];
}

/** What the graph is read from. */
type Source = Pick<ImportGraph, "text" | "targets">;

export function createImportGraph(source: Source): ImportGraph {
  return { ...source, affectedBy: (changed, files) => affectedBy(source, changed, files) };
}

/** Walks forwards from `files` once, then backwards from what changed. */
function affectedBy({ targets }: Source, changed: ReadonlySet<string>, files: readonly string[]): readonly string[] {
  const importers = new Map<string, string[]>();
  const affected = new Set(changed);
  const met = new Set(files);
  const waiting = [...met];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const target of targets(file)) {
      if (target.kind === "doubt") affected.add(file);
      if (target.kind !== "file") continue;
      const known = importers.get(target.file);
      if (known === undefined) importers.set(target.file, [file]);
      else known.push(file);
      if (met.has(target.file)) continue;
      met.add(target.file);
      waiting.push(target.file);
    }
  }
  // What is added while a set is walked is walked, too.
  for (const file of affected) for (const importer of importers.get(file) ?? []) affected.add(importer);
  return files.filter((file) => affected.has(file));
}
