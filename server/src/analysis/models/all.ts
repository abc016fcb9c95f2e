/** The models that are built in. */
import { fearlessDialect, fearlessThreads } from "./fearless-threads.js";
import { createModels, type LibraryModel, type Models } from "./model.js";
import { multithreading } from "./multithreading.js";
import { poolLibraries } from "./pools.js";
import { node, standardLibrary } from "./standard.js";
import { webWorker } from "./web-worker.js";
import { workerThreads, workerThreadsModules } from "./worker-threads.js";

export const builtInModels: Models = withModels([]);

/** The models of a user before those that are built in, so that the user's count where both know a name. */
export function withModels(own: readonly LibraryModel[]): Models {
  return createModels({
    libraries: [...own, fearlessThreads, multithreading, ...workerThreadsModules, ...poolLibraries],
    ambient: [standardLibrary, webWorker, node, workerThreads],
    own: { name: fearlessThreads.package, dialect: fearlessDialect },
  });
}
