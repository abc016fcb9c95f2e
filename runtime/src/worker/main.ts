// What every worker starts with: what serves closures. The rest of the library is in `whole.ts`.
import { boot } from "./boot.js";
import { isMainThread, process } from "./node.js";
import { serve } from "./serve.js";

export { libraryItself } from "./entry.js";

if (!isMainThread && boot !== undefined) {
  quietLoaderWarning();
  serve(boot);
}

/** Node calls importing from a closure's text experimental; whoever wrote the closure can do nothing about that. */
function quietLoaderWarning(): void {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (String(warning).includes("USE_MAIN_CONTEXT_DEFAULT_LOADER")) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
}
