/**
 * The files around some files of the project, for rules whose findings come together from files that do not call each other.
 *
 * Who imports whom is known from texts alone, so that a file is looked into only where it can have a say in the matter.
 */
import type { Module } from "./mir/mir.js";
import type { Models } from "./models/model.js";
import type { Snapshot } from "./program/program.js";

/** What texts tell of the files around some files of the project. */
export interface Neighbours {
  /**
   * The files themselves, and those that import one of them, directly or through others: each with its text, in order of
   * path.
   */
  readonly importers: ReadonlyMap<string, string>;
  /** Those of them that can name what the files export, without going through what others make of it. */
  readonly near: ReadonlySet<string>;
  /** Whether one program can have loaded both. */
  together(a: string, b: string): boolean;
}

export type FindNeighbours = (files: readonly string[]) => Neighbours;

/** Those of the neighbours that were looked into, with the files whose functions they call. */
export interface Neighbourhood {
  /** By path, in order. */
  readonly modules: ReadonlyMap<string, Module>;
  /** A file, and those whose functions it calls, directly or through each other. */
  called(module: Module): ReadonlyMap<string, Module>;
  together(a: string, b: string): boolean;
  /** Files that could not be looked into, since the compiler has not been told of them. */
  readonly missing: readonly string[];
}

/**
 * Neighbours that are looked into at most: a bound for a file that a whole large project imports, and fewer than the middle
 * forms that are kept.
 */
const maxNeighbours = 150;

/** Files that are asked for at the same time: they share their round trips to the compiler. */
const atOnce = 16;

export interface NeighbourhoodOptions {
  readonly models: Models;
  readonly find: FindNeighbours | undefined;
  load(snapshot: Snapshot, file: string, revision: number): Promise<Module | undefined>;
  loadCalled(snapshot: Snapshot, module: Module, revision: number): Promise<ReadonlyMap<string, Module>>;
}

export interface Neighbourhoods {
  /** The neighbourhood of these files. Undefined where nothing is known of who imports whom. */
  around(snapshot: Snapshot, files: readonly string[], revision: number): Promise<Neighbourhood | undefined>;
}

export function createNeighbourhoods(options: NeighbourhoodOptions): Neighbourhoods {
  const { models, find } = options;
  const known = new Map<string, { readonly revision: number; readonly neighbourhood: Promise<Neighbourhood> }>();
  // Whoever uses a name of one of these may take a lock or start a thread there.
  const names = new RegExp(`\\b(?:${[...models.starters].join("|")})\\b`);

  async function look(snapshot: Snapshot, files: readonly string[], neighbours: Neighbours, revision: number) {
    const { importers, near, together } = neighbours;
    const named = new Set([...importers].filter(([, text]) => names.test(text)).map(([file]) => file));
    const likely = [...near].filter((file) => named.has(file)).sort();
    const telling = [...likely, ...[...importers.keys()].filter((file) => near.has(file) || named.has(file))];
    const modules = new Map<string, Module>();
    const called = new Map<Module, ReadonlyMap<string, Module>>();
    const missing: string[] = [];
    const waiting = [...new Set([...files, ...telling])].slice(0, maxNeighbours).values();
    const loadNext = async (): Promise<void> => {
      // They take turns at the same list.
      for (const file of waiting) {
        const module = await options.load(snapshot, file, revision);
        if (module === undefined) missing.push(file);
        else called.set(module, await options.loadCalled(snapshot, module, revision));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, loadNext));
    for (const around of called.values()) for (const [file, module] of around) modules.set(file, module);
    const sorted = new Map([...modules].sort(([a], [b]) => (a < b ? -1 : 1)));
    return {
      modules: sorted,
      called: (module: Module) => called.get(module) ?? sorted,
      together,
      missing: missing.sort(),
    };
  }

  return {
    async around(snapshot, files, revision) {
      if (find === undefined) return undefined;
      const key = files.join("\0");
      const before = known.get(key);
      if (before?.revision === revision) return before.neighbourhood;
      // Of earlier texts nothing holds any more.
      for (const [other, kept] of known) if (kept.revision !== revision) known.delete(other);
      const neighbourhood = look(snapshot, files, find(files), revision);
      known.set(key, { revision, neighbourhood });
      // What failed is tried again, and what is missing may be there the next time.
      const forget = (): boolean => known.get(key)?.neighbourhood === neighbourhood && known.delete(key);
      neighbourhood.then(({ missing }) => missing.length > 0 && forget(), forget);
      return neighbourhood;
    },
  };
}
