/**
 * The `require` of CommonJS that a hook has compiled.
 *
 * Node makes one of its own for such files, which in Node 20 and 22 fails for packages that are ES modules, and in none
 * of them asks the hooks how a file is spelled. Packages are left to the `require` that other files have.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, resolve } from "node:path";
import { spelledOtherwise } from "./spellings.js";

/** Where compiled code finds {@link requireOf}. */
const place = "fearless-threads.require";

/** What stands in front of compiled CommonJS: one line, which keeps it strict. */
export const opening = `"use strict"; require = globalThis[Symbol.for("${place}")]?.(require, __filename) ?? require;\n`;

export function offerRequire(): void {
  Object.defineProperty(globalThis, Symbol.for(place), { value: requireOf, enumerable: false });
}

function requireOf(ofHook: NodeJS.Require, file: string): NodeJS.Require {
  const own = createRequire(file);
  const load = (id: string): unknown => {
    if (/^\.{1,2}(?:\/|$)/.test(id) || isAbsolute(id)) return ofHook(spelled(resolve(dirname(file), id)) ?? id);
    try {
      return own(id);
    } catch (error) {
      // One that is not installed: the hook may have it all the same.
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
      return ofHook(id);
    }
  };
  return Object.assign(load, own);
}

function spelled(path: string): string | undefined {
  return existsSync(path) ? undefined : spelledOtherwise(path);
}
