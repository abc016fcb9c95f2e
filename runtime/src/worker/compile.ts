import { tellUnwinding } from "../sync/unwinding.js";
import { helpersIn } from "./helpers.js";
import { hasNativeUsing, passing, watchUsing } from "./nativeUsing.js";
import { compileFunction, vmConstants } from "./node.js";
import type { Run } from "./protocol.js";

type Closure = (...parameters: unknown[]) => unknown;

const compiled = new Map<string, Closure>();

/**
 * The closure that a text stands for. It runs under the name and at the place of its script, so that stacks name the
 * script's own positions and relative imports find the script's neighbours.
 */
export function compile(run: Run): Closure {
  const { source, origin } = run;
  const key = `${origin?.file}:${origin?.line}:${origin?.column}:${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const closure = compileWatched(run) ?? compileText(source, run);
  if (compiled.size > 1000) compiled.clear();
  compiled.set(key, closure);
  return closure;
}

/** The closure with its `using` declarations watched; nothing where there are none, or the result is no code. */
function compileWatched(run: Run): Closure | undefined {
  const watched = hasNativeUsing ? watchUsing(run.source) : run.source;
  if (watched === run.source) return undefined;
  try {
    return compileText(watched, run);
  } catch {
    return undefined;
  }
}

function compileText(text: string, { origin }: Run): Closure {
  const { names, values } = helpersIn(text);
  const head = '"use strict"; return (';
  const make = compileFunction(`${head}${text}\n)`, [passing, ...names], {
    filename: origin?.file ?? "thread-closure",
    lineOffset: origin?.line ?? 0,
    columnOffset: (origin?.column ?? 0) - head.length,
    importModuleDynamically: vmConstants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const closure: Closure = make(tellUnwinding, ...values);
  return closure;
}
