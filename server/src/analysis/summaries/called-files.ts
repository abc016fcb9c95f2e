/** Which files a file's calls lead into: what has to be read before its summaries can be made. */
import type { Module } from "../mir/mir.js";

/** The project's own files, other than this one, that declare a function which `module` calls. */
export function calledFiles(module: Module): string[] {
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
