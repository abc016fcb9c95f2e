/** Which file of the project a worker runs, as far as the code that starts it says so. */
import type { Call, Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { bundledWorker, roleOf } from "../models/roles.js";
import { indexModule } from "../threads/walk.js";
import { locate } from "./location.js";
import { sharedModulePaths } from "./shared-modules.js";
import { filesAt, workingFolders } from "./source-files.js";

/** What is known of a project: its files that were read, by path. */
export type Modules = ReadonlyMap<string, Module>;

/**
 * The paths that the file of a worker may have, of which the first one that there is counts; empty where it is not known.
 *
 * @param modules A path that another file exports is known where that file is one of them.
 */
export function workerPaths(module: Module, call: Call, modules: Modules): readonly string[] {
  const place = placeOf(module, call, modules);
  if (place === undefined || place.kind === "exported") return [];
  if (place.kind === "path") return filesAt(place.path, module);
  // Relative to the folder that the program is started in, or that its page is in.
  // In a page that is a URL, which needs no dot.
  const isWeb = call.callee.kind === "item" && call.callee.local === undefined;
  return /^\.\.?\//.test(place.text) || (isWeb && /^[\w@-][^:]*\.[cm]?[jt]sx?$/.test(place.text))
    ? workingFolders(module.file).flatMap((folder) => filesAt(`${folder}/${place.text}`, module))
    : [];
}

/** The file that a worker runs, where it was read. */
export function workerModule(modules: Modules, module: Module, call: Call): Module | undefined {
  const path = workerPaths(module, call, modules).find((each) => modules.has(each));
  return path === undefined ? undefined : modules.get(path);
}

/** Adds the files of the workers that a module starts to those that were read. */
export async function loadStarted(
  module: Module,
  models: Models,
  modules: Map<string, Module>,
  load: (file: string) => Promise<Module | undefined>,
): Promise<void> {
  const loadFirst = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      const found = modules.get(path) ?? (await load(path));
      if (found === undefined) continue;
      modules.set(path, found);
      return;
    }
  };
  for (const { call } of workerStarts(module, models)) {
    const place = placeOf(module, call, modules);
    if (place?.kind === "exported") await loadFirst(filesAt(place.file, module));
    await loadFirst(workerPaths(module, call, modules));
    const worker = workerModule(modules, module, call);
    // What both import is there twice.
    if (worker !== undefined && worker !== module) await loadFirst(sharedModulePaths(module, worker));
  }
}

function placeOf(module: Module, call: Call, modules: Modules) {
  const [file] = call.args;
  const bundled = bundledWorker(module, call);
  if (bundled !== undefined) return locate.beside(module, bundled);
  return file === undefined || file.spread ? undefined : locate.operand(module, file.value, modules);
}

/** Where a module starts workers. */
export function workerStarts(module: Module, models: Models) {
  return indexModule(module).calls.filter(({ call }) => roleOf(module, models, call)?.kind === "worker");
}
