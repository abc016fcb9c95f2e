/** How a library's API writes what fixes put into the code, and how findings explain what it does. */
import type { Call, Module } from "../mir/mir.js";
import type { Models } from "./model.js";

export interface Dialect {
  /** The names that a fix can import. Without it: all that fixes know of. */
  readonly exports?: readonly string[];
  /** What a join gives: `methods` has `unwrap()`, `ok-field` is `{ ok: true, value }` or `{ ok: false, error }`. */
  readonly results: "methods" | "ok-field";
  /** How one says that nobody waits: `handle.detach()`, or `void handle.join()`. */
  readonly detach: "method" | "void-join";
  /** `await using` joins a handle. */
  readonly usingJoins: boolean;
  /** How to share what threads change, as help. */
  readonly sharing: string;
  /** What to count with in place of a lock around a number, as help; undefined where the library has nothing. */
  readonly counter?: string;
  /** What becomes of a thread whose handle is dropped, as a note. */
  readonly dropped: string;
  /** How a join, and a send, tell of a failure, as a note. */
  readonly failedJoin: string;
  readonly failedSend: string;
  /** What happens to who uses a lock or an end of a channel that was moved, as a note. */
  readonly usedAfterMove: string;
  /** The same of what was dropped. */
  readonly usedAfterDrop: string;
  /** What becomes of a result that cannot be sent back, as a note. */
  readonly unsendableResult: string;
  /** What to do with instances of classes, which lose their methods, as help. */
  readonly instances: string;
}

/** A library, and how it writes. */
export interface Library {
  readonly name: string;
  readonly dialect: Dialect;
}

/** What a library is looked up in: facts and scenes are such. */
export interface InModule {
  readonly module: Module;
  readonly models: Models;
}

/**
 * The library that a module uses: what a call in it comes from, else the first one that it imports. Where a wrapper of
 * the project stands between, that is the project's own.
 */
export function libraryOf({ module, models }: InModule, call?: Call): Library {
  const type = call?.type?.kind === "named" ? call.type.symbol.package : undefined;
  const names = [call?.symbol?.package, type, ...module.imports.map(({ specifier }) => specifier)];
  for (const name of names) {
    const dialect = name === undefined ? undefined : models.dialects.get(name);
    if (name !== undefined && dialect !== undefined) return { name, dialect };
  }
  return models.ownLibrary;
}
