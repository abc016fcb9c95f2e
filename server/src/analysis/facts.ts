/** Everything the rules may look at for one file, computed once. No rule asks TypeScript, and no rule computes these again. */
import type { Module } from "./mir/mir.js";
import type { Models } from "./models/model.js";
import type { Neighbourhood } from "./neighbourhood.js";
import type { Ownership } from "./ownership/ownership.js";

export interface Facts {
  readonly file: string;
  readonly module: Module;
  readonly models: Models;
  /** This module, and those of the project's files whose functions it calls or hands to a thread, by path. */
  readonly modules: ReadonlyMap<string, Module>;
  /** What becomes of the handles of the file: computed at the first use, the same for every rule. */
  readonly ownership: () => Ownership;
  /** The importers of the files that rules asked for. Undefined where none did, or nobody knows who imports whom. */
  readonly neighbourhood: () => Neighbourhood | undefined;
}
