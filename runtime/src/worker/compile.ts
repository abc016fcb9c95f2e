import { standsAlone } from "./alone.js";
import { bringWhole } from "./entry.js";
import { compileFunction, vmConstants } from "./node.js";
import type { Code } from "./protocol.js";

/** A closure in the thread it runs in. */
export type Closure = (...parameters: unknown[]) => unknown;

/** What a closure's text is given, by the names it has there. */
export interface Given {
  readonly names: readonly string[];
  readonly values: readonly unknown[];
}

type Compile = (code: Code) => () => Closure;

let compileInside: Compile | undefined;

/** Says how a closure is compiled that needs more than its parameters: only the whole library knows. */
export function provideCompiler(compile: Compile): void {
  compileInside = compile;
}

/**
 * What makes the closure that a text stands for, anew for each thread: a function can have fields. It runs under the name
 * and at the place of its script, so that stacks name the script's own positions and relative imports find the script's
 * neighbours.
 */
export function compile(code: Code): () => Closure {
  if (standsAlone(code.source)) return compileText(code.source, code, nothing);
  if (compileInside === undefined) bringWhole();
  return (compileInside ?? compileAlone)(code);
}

const nothing: Given = { names: [], values: [] };

function compileAlone(code: Code): () => Closure {
  return compileText(code.source, code, nothing);
}

/** As `compile`, of a text that sees the values it is given. @throws SyntaxError */
export function compileText(text: string, { origin }: Code, { names, values }: Given): () => Closure {
  const head = '"use strict"; return (';
  const make = compileFunction(`${head}${text}\n)`, names, {
    filename: origin?.file ?? "thread-closure",
    lineOffset: origin?.line ?? 0,
    columnOffset: (origin?.column ?? 0) - head.length,
    importModuleDynamically: vmConstants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return (): Closure => make(...values);
}
