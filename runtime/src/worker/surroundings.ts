import { tellUnwinding } from "../sync/unwinding.js";
import { bundledLibrary } from "./bundled.js";
import { type Closure, compileText, type Given } from "./compile.js";
import { helpersIn } from "./helpers.js";
import { minifiedHelpers } from "./minified.js";
import { hasNativeUsing, passing, watchUsing } from "./nativeUsing.js";
import { createRequire, dirname } from "./node.js";
import { toPath } from "./position.js";
import type { Code } from "./protocol.js";

/** Compiles a closure that may need what compilers and bundlers put beside it. @throws SyntaxError */
export function compileInside(code: Code): () => Closure {
  return compileWatched(code) ?? compileText(code.source, code, surroundingsOf(code.source, code.origin?.file));
}

/** The closure with its `using` declarations watched; nothing where there are none, or the result is no code. */
function compileWatched(code: Code): (() => Closure) | undefined {
  const watched = hasNativeUsing ? watchUsing(code.source) : code.source;
  if (watched === code.source) return undefined;
  try {
    return compileText(watched, code, surroundingsOf(watched, code.origin?.file));
  } catch {
    return undefined;
  }
}

function surroundingsOf(text: string, file: string | undefined): Given {
  const parts = [
    new Map([[passing, tellUnwinding]]),
    helpersIn(text, minifiedHelpers(text, file)),
    bundledLibrary(text, file),
    moduleNames(text, file),
  ];
  const all = new Map<string, unknown>(parts.flatMap((part) => [...part]));
  return { names: [...all.keys()], values: [...all.values()] };
}

/** What each CommonJS module has of its own; compilers write `import(…)` as a call of its `require`, esbuild of `__require`. */
const ofModules: Readonly<Record<string, (file: string) => unknown>> = {
  require: createRequire,
  __require: createRequire,
  __filename: toPath,
  __dirname: (file) => dirname(toPath(file)),
};

function moduleNames(text: string, file: string | undefined): ReadonlyMap<string, unknown> {
  if (file === undefined || !/^(?:file:|[\\/]|[A-Za-z]:)/.test(file)) return new Map();
  const mentioned = text.match(/(?<![\w$.])(?:(?:__)?require(?=\s*\()|__filename\b|__dirname\b)/g) ?? [];
  return new Map(mentioned.map((name) => [name, ofModules[name]?.(file)]));
}
