/** Which file of the project imports which, found out from texts alone: no compiler is asked. */

import type { Target } from "../typescript/relevance/resolve.js";
import type { Relevance } from "../typescript/relevance.js";

export interface ImportGraph {
  /** The text as it counts now. Undefined where there is no such file. */
  text(file: string): string | undefined;
  /** Takes a file to exist, empty, until {@link ImportGraph.unpretend}: what imported one that is gone leads to it. */
  pretend(file: string): void;
  unpretend(file: string): void;
  /** Where the imports of a file lead. */
  targets(file: string): readonly Target[];
  /**
   * Those of `files` that are one of `changed` or import one, directly or through other files of the project. A file
   * whose imports may lead anywhere is one of them.
   */
  affectedBy(changed: ReadonlySet<string>, files: readonly string[]): readonly string[];
}

export function createImportGraph(relevance: Relevance): ImportGraph {
  const { text, targets } = relevance;
  return {
    text,
    targets,
    pretend: (file) => relevance.edit(file, ""),
    unpretend: (file) => relevance.close(file),
    affectedBy: (changed, files) => affectedBy(targets, changed, files),
  };
}

/** Walks forwards from `files` once, then backwards from what changed. */
function affectedBy(
  targets: ImportGraph["targets"],
  changed: ReadonlySet<string>,
  files: readonly string[],
): readonly string[] {
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
