import { tellUnwinding } from "../sync/unwinding.js";
import { bundledLibrary } from "./bundled.js";
import { type Helpers, helpersIn } from "./helpers.js";
import { minifiedHelpers } from "./minified.js";
import { hasNativeUsing, passing, watchUsing } from "./nativeUsing.js";
import { compileFunction, createRequire, dirname, vmConstants } from "./node.js";
import { toPath } from "./position.js";
import type { Code } from "./protocol.js";

/** A closure in the thread it runs in. */
export type Closure = (...parameters: unknown[]) => unknown;

/**
 * What makes the closure that a text stands for, anew for each thread: a function can have fields. It runs under the name
 * and at the place of its script, so that stacks name the script's own positions and relative imports find the script's
 * neighbours.
 */
export function compile(code: Code): () => Closure {
  return compileWatched(code) ?? compileText(code.source, code);
}

/** The closure with its `using` declarations watched; nothing where there are none, or the result is no code. */
function compileWatched(code: Code): (() => Closure) | undefined {
  const watched = hasNativeUsing ? watchUsing(code.source) : code.source;
  if (watched === code.source) return undefined;
  try {
    return compileText(watched, code);
  } catch {
    return undefined;
  }
}

function compileText(text: string, { origin }: Code): () => Closure {
  const helpers = helpersIn(text, minifiedHelpers(text, origin?.file));
  const library = bundledLibrary(text, origin?.file);
  const { names, values } = withModuleNames(
    { names: [...helpers.names, ...library.keys()], values: [...helpers.values, ...library.values()] },
    text,
    origin?.file,
  );
  const head = '"use strict"; return (';
  const make = compileFunction(`${head}${text}\n)`, [passing, ...names], {
    filename: origin?.file ?? "thread-closure",
    lineOffset: origin?.line ?? 0,
    columnOffset: (origin?.column ?? 0) - head.length,
    importModuleDynamically: vmConstants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return (): Closure => make(tellUnwinding, ...values);
}

/** What each CommonJS module has of its own; compilers write `import(…)` as a call of its `require`, esbuild of `__require`. */
const moduleNames: Readonly<Record<string, (file: string) => unknown>> = {
  require: createRequire,
  __require: createRequire,
  __filename: toPath,
  __dirname: (file) => dirname(toPath(file)),
};

function withModuleNames({ names, values }: Helpers, text: string, file: string | undefined): Helpers {
  const mentioned = new Set(text.match(/(?<![\w$.])(?:(?:__)?require(?=\s*\()|__filename\b|__dirname\b)/g));
  if (mentioned.size === 0 || file === undefined || !/^(?:file:|[\\/]|[A-Za-z]:)/.test(file)) return { names, values };
  return {
    names: [...names, ...mentioned],
    values: [...values, ...[...mentioned].map((name) => moduleNames[name]?.(file))],
  };
}
