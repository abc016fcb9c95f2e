import { blankOut } from "../worker/nativeUsing.js";
import { type CompiledClosure, noteRunning } from "./closurePlace.js";
import { imported, importHelper } from "./importing.js";

interface Place {
  readonly filename: string;
  readonly lineOffset: number;
  readonly columnOffset: number;
}

type Make = (...values: unknown[]) => (...parameters: unknown[]) => unknown;

/** Node can say where imports are looked for; here the text is changed to ask {@link importHelper}. */
export const vmConstants = { USE_MAIN_CONTEXT_DEFAULT_LOADER: undefined };

/**
 * As Node's: a function of a body's text, which runs under the name and at the place of its script. The text is padded up
 * to its place, so that stacks name the script's own positions.
 */
export function compileFunction(body: string, parameters: readonly string[], place: Place): Make {
  const { filename, lineOffset, columnOffset } = place;
  const head = `(function (${[importHelper, ...parameters].join(", ")}) {`;
  const gap = lineOffset > 0 ? "\n".repeat(lineOffset) + " ".repeat(Math.max(0, columnOffset)) : "";
  const closure = closureIn(`${head}${gap}`, body, filename);
  // biome-ignore lint/security/noGlobalEval: it is the page's own closure, whose text was sent here to be run.
  const run: unknown = globalThis.eval(`${head}${gap}${withImports(body)}\n})\n//# sourceURL=${filename}`);
  if (typeof run !== "function") throw new TypeError("expected a function");
  return (...values) => {
    noteRunning(closure);
    return run(imported(filename), ...values);
  };
}

/** The closure that a body gives: `return (` and its text, a line break, and `)`. */
function closureIn(before: string, body: string, file: string): CompiledClosure {
  const start = body.indexOf("return (") + "return (".length;
  const lines = `${before}${body.slice(0, start)}`.split("\n");
  const text = body.slice(start, body.lastIndexOf("\n"));
  return { file, text, line: lines.length - 1, column: lines.at(-1)?.length ?? 0 };
}

/** `import(…)` as a call of the helper, whose name is as long as `import`: nothing moves. */
function withImports(body: string): string {
  let text = body;
  for (const { index } of blankOut(body).matchAll(/(?<![\w$.])import(?=\s*\()/g)) {
    text = text.slice(0, index) + importHelper + text.slice(index + importHelper.length);
  }
  return text;
}
