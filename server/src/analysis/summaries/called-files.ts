/** Which files a file's calls lead into: what has to be read before its summaries can be made. */
import type { Module } from "../mir/mir.js";

const called = new WeakMap<Module, readonly string[]>();

/** The project's own files, other than this one, that declare a function which `module` calls. Worked out once. */
export function calledFiles(module: Module): readonly string[] {
  const files = called.get(module) ?? findCalledFiles(module);
  called.set(module, files);
  return files;
}

function findCalledFiles(module: Module): readonly string[] {
  const files = new Set<string>();
  for (const body of module.bodies) {
    for (const block of body.blocks) {
      for (const step of block.steps) {
        if (step.kind !== "assign" || step.value.kind !== "call") continue;
        const { symbol } = step.value;
        if (symbol !== undefined && symbol.package === undefined && symbol.file !== module.file) files.add(symbol.file);
      }
    }
  }
  return [...files];
}

/**
 * The project's own files that declare something which `module` hands to a call: a function that is spawned by name.
 *
 * @param packages The thread libraries. Only calls of theirs and of the project's own functions count.
 */
export function handedFiles(module: Module, packages: ReadonlySet<string>): string[] {
  const files = new Set<string>();
  for (const body of module.bodies) {
    for (const block of body.blocks) {
      for (const step of block.steps) {
        if (step.kind !== "assign" || step.value.kind !== "call") continue;
        const { symbol, args } = step.value;
        if (symbol?.package !== undefined && !packages.has(symbol.package)) continue;
        for (const { value } of args) {
          if (value.kind !== "item" || value.symbol === undefined || value.symbol.package !== undefined) continue;
          if (value.symbol.file !== module.file) files.add(value.symbol.file);
        }
      }
    }
  }
  return [...files];
}
