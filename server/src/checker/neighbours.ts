/** Who imports a file, and which files one program can load: found out from the texts of a package, without a compiler. */
import { readdirSync } from "node:fs";
import type { FindNeighbours, Neighbours } from "../analysis/neighbourhood.js";
import { remember } from "../typescript/memo.js";
import { isDeclarationFile, isSourceFile, parentOf } from "../typescript/paths.js";
import type { Relevance } from "../typescript/relevance.js";

export interface NeighbourFinder {
  readonly find: FindNeighbours;
  /** A text is another one now. */
  edited(file: string): void;
  /** Anything may be another one now. */
  diskChanged(): void;
}

/** A package of more files than this is not looked through. */
const maxFiles = 20_000;

export function createNeighbours(relevance: Pick<Relevance, "text" | "targets">): NeighbourFinder {
  const edited = new Set<string>();
  /** Those since a graph was made. */
  const dirty = new Set<string>();
  const roots = new Map<string, string>();
  const listed = new Map<string, readonly string[]>();
  const graphs = new Map<string, Graph>();

  const rootOf = (folder: string): string => remember(roots, folder, () => findRoot(folder, relevance));
  /** Most edits leave the imports alone, and the package's other files need not be looked at again. */
  const forgetOld = (): void => {
    for (const file of dirty) {
      const root = rootOf(parentOf(file));
      if (isOwnSource(file) && graphs.get(root)?.targets.get(file) !== targetsOf(file, relevance)) graphs.delete(root);
    }
    dirty.clear();
  };
  const graphOf = (root: string): Graph => {
    forgetOld();
    return remember(graphs, root, () => {
      const onDisk = remember(listed, root, () => sourcesBelow(root));
      const open = [...edited].filter((file) => isOwnSource(file) && rootOf(parentOf(file)) === root);
      return createGraph([...new Set([...onDisk, ...open])], relevance);
    });
  };

  return {
    find(files) {
      const [first] = files;
      const graph = first === undefined ? undefined : graphOf(rootOf(parentOf(first)));
      return neighboursIn(graph ?? createGraph([], relevance), files, relevance);
    },
    edited(file) {
      edited.add(file);
      dirty.add(file);
    },
    diskChanged() {
      roots.clear();
      listed.clear();
      graphs.clear();
    },
  };
}

function isOwnSource(file: string): boolean {
  return isSourceFile(file) && !isDeclarationFile(file);
}

/** The folder of the package that a folder belongs to; the folder itself where it belongs to none. */
function findRoot(folder: string, { text }: Pick<Relevance, "text">): string {
  for (const name of ["package.json", "tsconfig.json", "jsconfig.json"]) {
    for (let at = folder; parentOf(at) !== at; at = parentOf(at)) if (text(`${at}/${name}`) !== undefined) return at;
  }
  return folder;
}

function sourcesBelow(root: string): readonly string[] {
  const files: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = `${folder === "/" ? "" : folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) waiting.push(path);
      } else if (isOwnSource(path)) files.push(path);
    }
    if (files.length > maxFiles) return [];
  }
  return files;
}

function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder);
  } catch {
    return [];
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

interface Graph {
  /** Which files import each one. */
  readonly importers: ReadonlyMap<string, ReadonlySet<string>>;
  /** The imports of each file, as one text. */
  readonly targets: ReadonlyMap<string, string>;
}

function createGraph(files: readonly string[], relevance: Pick<Relevance, "targets">): Graph {
  const importers = new Map<string, Set<string>>();
  for (const file of files) {
    for (const target of relevance.targets(file)) {
      if (target.kind === "file") remember(importers, target.file, () => new Set<string>()).add(file);
    }
  }
  return { importers, targets: new Map(files.map((file) => [file, targetsOf(file, relevance)])) };
}

function targetsOf(file: string, { targets }: Pick<Relevance, "targets">): string {
  return targets(file)
    .map((target) => (target.kind === "file" ? target.file : ""))
    .join("\n");
}

const exportsSomething = /^\s*export\b|\bmodule\.exports\b|\bexports\./m;
const exportsAgain = /\bexport\b[^;]*?\bfrom\b/;

function neighboursIn(
  { importers: graph }: Graph,
  files: readonly string[],
  { text }: Pick<Relevance, "text">,
): Neighbours {
  const importers = reachable(files, (file) => graph.get(file) ?? []);
  const texts = new Map<string, string>();
  for (const file of [...importers].sort()) {
    const found = text(file);
    if (found !== undefined) texts.set(file, found);
  }
  // What exports again what it imports makes it known to whoever imports that.
  const handsOn = (file: string): boolean => files.includes(file) || exportsAgain.test(texts.get(file) ?? "");
  const near = reachable(files, (file) => (handsOn(file) ? (graph.get(file) ?? []) : []));
  const above = new Map<string, ReadonlySet<string>>();
  const aboveOf = (file: string): ReadonlySet<string> =>
    remember(above, file, () => reachable([file], (one) => graph.get(one) ?? []));
  /** Something outside of the project may load it: nothing in it does, and it has something to offer. */
  const isLoadedFromOutside = (file: string): boolean =>
    [...aboveOf(file)].some((one) => !graph.has(one) && exportsSomething.test(text(one) ?? ""));
  return {
    importers: texts,
    near,
    together(a, b) {
      const over = aboveOf(a);
      return [...aboveOf(b)].some((one) => over.has(one)) || (isLoadedFromOutside(a) && isLoadedFromOutside(b));
    },
  };
}

function reachable(from: Iterable<string>, next: (file: string) => Iterable<string>): ReadonlySet<string> {
  const met = new Set(from);
  // What is added while a set is walked is walked, too.
  for (const file of met) for (const one of next(file)) met.add(one);
  return met;
}
