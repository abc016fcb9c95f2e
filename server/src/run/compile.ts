/** TypeScript to JavaScript, one file at a time, with the native compiler; types are not checked. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { API, JsxEmit, ModuleKind } from "typescript/async";
import { findExecutable } from "../typescript/compiler/executable.js";
import type { Format } from "./format.js";
import { opening } from "./require.js";

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly format: Format;
  /** Whether the Node that runs it knows `using`. */
  readonly nativeUsing: boolean;
  /** Where a compiler that ships with this build would be. */
  readonly compilerFolder: string;
}

let api: API | undefined;

/** `ScriptTarget`, which the compiler's API takes as a number and does not export. */
const targets = { es2022: 9, esnext: 99 } as const;

/**
 * @returns JavaScript with its source map inline, so that every stack is in the source's positions.
 * @throws {SyntaxError} naming file, line and column.
 */
export async function compile(source: Source): Promise<string> {
  api ??= new API({ tsserverPath: compilerPath(source.compilerFolder) });
  // Decorators are in no engine yet.
  const target = source.nativeUsing && !/^\s*@\w/m.test(source.text) ? targets.esnext : targets.es2022;
  const output = await api.transpileModule(wellFormed(source.text), {
    fileName: source.path,
    reportDiagnostics: true,
    compilerOptions: {
      target,
      module: source.format === "module" ? ModuleKind.ESNext : ModuleKind.CommonJS,
      jsx: JsxEmit.ReactJSX,
      sourceMap: true,
      inlineSources: true,
      esModuleInterop: true,
      removeComments: false,
    },
  });
  const wrong = output.diagnostics?.[0];
  if (wrong !== undefined) {
    const { line, character } = wrong.startPosition ?? { line: 0, character: 0 };
    const error = new SyntaxError(wrong.text);
    error.stack = `SyntaxError: ${wrong.text}\n    at ${source.path}:${line + 1}:${character + 1}`;
    throw error;
  }
  const map = output.sourceMapText ?? "";
  return source.format === "commonjs"
    ? withMap(opening + output.outputText, map, source.path, ";")
    : withMap(output.outputText, map, source.path, "");
}

/** The compiler answers nothing at all when it is sent half a surrogate pair. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function compilerPath(folder: string): string {
  const shipped = join(folder, process.platform === "win32" ? "tsc.exe" : "tsc");
  return existsSync(shipped) ? shipped : findExecutable(undefined);
}

/** `ahead`: a `;` for each line that stands before what the map is of (ECMA-426, "Mappings structure"). */
function withMap(code: string, mapText: string, path: string, ahead: string): string {
  const parsed = JSON.parse(mapText);
  const map = { ...parsed, mappings: ahead + parsed.mappings, sources: [pathToFileURL(path).href] };
  const inline = Buffer.from(JSON.stringify(map)).toString("base64");
  const body = code.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "");
  return `${body}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}
