/**
 * What was found out about a function while one file was analysed, for the analyses of other files to use.
 *
 * A summary follows from the function and from what it calls, and one analysis looks into only so many files. So what
 * is kept says which files it looked for and what it found there; where another analysis finds the same, it holds.
 */
import type { BodyId, Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";

/** The files that were looked for, and what was there: nothing for unknown code. */
export type Footprint = ReadonlyMap<string, Module | undefined>;

export interface Traced<T> {
  readonly value: T;
  readonly footprint: Footprint;
}

/** Keeps one value for each function, for as long as its file is as it is. */
export interface Keeper<T> {
  /** What is kept, if it holds where `modules` are the files that are looked into. */
  get(body: BodyId, module: Module, modules: Footprint): Traced<T> | undefined;
  set(body: BodyId, module: Module, traced: Traced<T>): void;
}

export function createKeeper<T>(): (models: Models) => Keeper<T> {
  const keepers = new WeakMap<Models, Keeper<T>>();
  return (models) => {
    const keeper = keepers.get(models) ?? keeperOf<T>();
    keepers.set(models, keeper);
    return keeper;
  };
}

function keeperOf<T>(): Keeper<T> {
  const kept = new WeakMap<Module, Map<BodyId, Traced<T>>>();
  return {
    get(body, module, modules) {
      const traced = kept.get(module)?.get(body);
      return traced !== undefined && holds(traced.footprint, modules) ? traced : undefined;
    },
    set(body, module, traced) {
      const ofModule = kept.get(module) ?? new Map<BodyId, Traced<T>>();
      kept.set(module, ofModule.set(body, traced));
    },
  };
}

function holds(footprint: Footprint, modules: Footprint): boolean {
  for (const [file, module] of footprint) if (modules.get(file) !== module) return false;
  return true;
}
