/** What all answers about one program share: what several files mention is asked about once. */
import type { SourceFile } from "typescript/ast";
import type { Project } from "typescript/async";
import type { BasesCache } from "./keys/bases-cache.js";
import type { Packages } from "./keys/packages.js";
import { createPartKeys, type PartKeys } from "./keys/parts.js";
import { createSymbolKeys, type DeclaredCache, type SymbolKeys } from "./keys/symbols.js";
import { createTypeArguments } from "./keys/type-arguments.js";
import { createTypeKeys, type TypeKeys } from "./keys/types.js";
import { remember } from "./memo.js";

export interface Keys {
  readonly symbols: SymbolKeys;
  readonly types: TypeKeys;
  readonly parts: PartKeys;
}

/** A project belongs to one native snapshot, and what is known of it goes with it. */
export interface Programs {
  tree(project: Project, file: string): Promise<SourceFile | undefined>;
  /** A tree that is there already. */
  knownTree(project: Project, file: string): SourceFile | undefined;
  /** @param from The file that is asked about; all files of one package have the same keys. */
  keys(project: Project, from: string): Keys;
  clear(): void;
}

interface Known {
  readonly trees: Map<string, Promise<SourceFile | undefined>>;
  readonly arrived: Map<string, SourceFile>;
  readonly keys: Map<string, Keys>;
}

interface Sources {
  readonly packages: Packages;
  readonly declared: DeclaredCache;
  readonly bases: BasesCache;
}

export function createPrograms({ packages, declared, bases }: Sources): Programs {
  let programs = new WeakMap<Project, Known>();
  const turn = oneByOne();
  const knownOf = (project: Project): Known => {
    const known = programs.get(project) ?? { trees: new Map(), arrived: new Map(), keys: new Map() };
    programs.set(project, known);
    return known;
  };

  const tree = (project: Project, file: string): Promise<SourceFile | undefined> => {
    const { trees, arrived } = knownOf(project);
    return remember(trees, file, async () => {
      const found = await project.program.getSourceFile(file);
      if (found) arrived.set(file, found);
      await turn();
      return found;
    });
  };

  return {
    tree,
    knownTree: (project, file) => knownOf(project).arrived.get(file),
    keys: (project, from) =>
      remember(knownOf(project).keys, packages.homeOf(from), () => {
        const symbols = createSymbolKeys(project, from, packages, declared, (file) => tree(project, file));
        const argumentsOf = createTypeArguments(project.checker);
        const types = createTypeKeys(project.checker, from, { symbols, argumentsOf }, bases);
        return { symbols, types, parts: createPartKeys(project.checker, types, { symbols, argumentsOf }) };
      }),
    clear() {
      programs = new WeakMap();
    },
  };
}

/**
 * Several trees come with one answer. Handed out one after the other, what is asked about the first one is under way while
 * the next one is gone through, and the compiler need not wait until all of them are.
 */
function oneByOne(): () => Promise<void> {
  let next: Promise<void> = Promise.resolve();
  return () => {
    const turn = next;
    // What is asked in a turn of the event loop is sent in the one after it.
    next = turn.then(() => new Promise((resolve) => setImmediate(() => setImmediate(resolve))));
    return turn;
  };
}
