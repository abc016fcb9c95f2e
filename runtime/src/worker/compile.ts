import { tellUnwinding } from "../sync/unwinding.js";
import { helpersIn } from "./helpers.js";
import { hasNativeUsing, passing, watchUsing } from "./nativeUsing.js";
import { compileFunction, vmConstants } from "./node.js";
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
  const { names, values } = helpersIn(text);
  const head = '"use strict"; return (';
  const make = compileFunction(`${head}${text}\n)`, [passing, ...names], {
    filename: origin?.file ?? "thread-closure",
    lineOffset: origin?.line ?? 0,
    columnOffset: (origin?.column ?? 0) - head.length,
    importModuleDynamically: vmConstants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return (): Closure => make(tellUnwinding, ...values);
}
