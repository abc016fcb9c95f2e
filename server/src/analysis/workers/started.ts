/** Which file of the project a worker runs, as far as the code that starts it says so for certain. */
import type { Call, Module, Operand } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { indexModule, onlyDefinition } from "../threads/walk.js";

/**
 * The paths that the file of a worker may have, of which the first one that there is counts; empty where it is not known. Only
 * `new URL("./w.js", import.meta.url)` is, alone or in `fileURLToPath`: what else a path is relative to is not in the code.
 */
export function workerPaths(module: Module, call: Call): readonly string[] {
  const [file] = call.args;
  const specifier = file === undefined || file.spread ? undefined : specifierOf(module, file.value, maxNames);
  if (specifier === undefined) return [];
  const path = normalized(`${module.file.slice(0, module.file.lastIndexOf("/"))}/${specifier}`);
  // TypeScript's sources go by the names of what they become.
  const source = /^(.*\.[cm]?)js$/.exec(path)?.[1];
  return source === undefined ? [path] : [`${source}ts`, path];
}

/** For each worker that a module starts, the paths of {@link workerPaths}. */
export function startedFiles(module: Module, models: Models): readonly (readonly string[])[] {
  const starts = indexModule(module).calls.filter(({ call }) => roleOf(module, models, call)?.kind === "worker");
  return starts.map(({ call }) => workerPaths(module, call)).filter((paths) => paths.length > 0);
}

/** A path may go through this many variables and calls. */
const maxNames = 4;

function specifierOf(module: Module, operand: Operand, depth: number): string | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0 || depth === 0) return undefined;
  const local = module.locals[operand.place.base];
  const value = local?.reassigned === false ? onlyDefinition(module, local.id)?.step.value : undefined;
  if (value?.kind === "use") return specifierOf(module, value.operand, depth - 1);
  if (value?.kind !== "call") return undefined;
  const [first, base] = value.args.map((argument) => argument.value);
  if (value.callee.kind !== "item" || first === undefined) return undefined;
  if (/(?:^|\.)fileURLToPath$/.test(value.callee.name)) return specifierOf(module, first, depth - 1);
  const isUrl = value.form === "new" && value.callee.name === "URL" && base?.kind === "item";
  if (!isUrl || base.name !== "import.meta.url" || first.kind !== "constant") return undefined;
  return typeof first.value === "string" && /^\.\.?\/[^?#]+$/.test(first.value) ? first.value : undefined;
}

/** Without `.` and `..`. */
function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
