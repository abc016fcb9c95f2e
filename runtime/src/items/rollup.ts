import { liftItems } from "./lift.js";
import type { SourceMap } from "./sourceMap.js";

/** What Rollup, Rolldown and Vite ask of a plugin here. Source: https://rollupjs.org/plugin-development/#transform */
export interface RollupPlugin {
  readonly name: string;
  readonly transform: (code: string, id: string) => { code: string; map: SourceMap } | undefined;
}

/**
 * Static items in bundles of Rollup, Rolldown and Vite: closures that are spawned may use the imports, functions, classes
 * and constants of their file. It reads JavaScript, so it stands behind a plugin for TypeScript; Vite has one of its own.
 *
 * @example
 * import { staticItems } from "fearless-threads/rollup";
 *
 * const config = { input: "src/main.js", output: { dir: "dist", format: "es" }, plugins: [staticItems()] };
 */
export function staticItems(): RollupPlugin {
  return {
    name: "fearless-threads",
    transform: (code, id) => {
      const [path = id] = id.split("?");
      return id.startsWith("\0") ? undefined : liftItems(code, path);
    },
  };
}
