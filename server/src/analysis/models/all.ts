/** The models that are built in. */
import { fearlessThreads } from "./fearless-threads.js";
import { createModels, type Models } from "./model.js";
import { node, standardLibrary } from "./standard.js";

export const builtInModels: Models = createModels({
  libraries: [fearlessThreads],
  ambient: [standardLibrary, node],
});
