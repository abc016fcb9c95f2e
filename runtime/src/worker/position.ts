import type { SourceMap, SourceMapPayload } from "node:module";
import type { SourcePosition } from "../errors.js";
import { fileURLToPath, findSourceMap, newSourceMap, pathToFileURL, process, readFileSync, relative } from "./node.js";

/** A position in a script as it runs, which a compiler may have made; line and column count from 1. */
export interface ScriptPosition {
  /** The script's own name: a URL, or a path for a CommonJS module. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What the library is called in stacks: it is text, not a file. */
export const libraryName = "fearless-threads";

/** The position in the source that a position in a running script came from. */
export function toSource(position: ScriptPosition): SourcePosition {
  const path = toPath(position.file);
  const map = sourceMapOf(position.file, path);
  if (map !== undefined) {
    const entry = map.findEntry(position.line - 1, position.column - 1);
    if ("originalSource" in entry && typeof entry.originalSource === "string") {
      const file = toPath(absolute(entry.originalSource, path));
      return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
  }
  return { file: path, line: position.line, column: position.column };
}

/** What a compiler has renamed, and the text of the source. */
export interface OriginalName {
  readonly name: string;
  readonly text: string;
}

/** What the source calls what stands at a position; nothing where that cannot be told. */
export function nameInSource(position: ScriptPosition): OriginalName | undefined {
  const path = toPath(position.file);
  const map = sourceMapOf(position.file, path);
  const entry = map?.findEntry(position.line - 1, position.column - 1);
  if (map === undefined || entry === undefined || !("originalSource" in entry)) return undefined;
  const text = sourceText(map.payload, entry.originalSource, path);
  const line = text.split("\n")[entry.originalLine] ?? "";
  const isExact = entry.generatedLine === position.line - 1 && entry.generatedColumn === position.column - 1;
  const found = isExact ? identifierAt(line, entry.originalColumn) : undefined;
  const name: unknown = found ?? Reflect.get(entry, "name");
  return typeof name === "string" ? { name, text } : undefined;
}

/** The identifier at a column; of `a.b` it is `a` also where a compiler gives the place of `b`. */
function identifierAt(line: string, column: number): string | undefined {
  const owner = /([\p{ID_Start}$_][\p{ID_Continue}$]*)\??\.$/u.exec(line.slice(0, column).trimEnd())?.[1];
  return owner ?? /^[\p{ID_Start}$_][\p{ID_Continue}$]*/u.exec(line.slice(column))?.[0];
}

function sourceText({ sources, sourcesContent }: SourceMapPayload, source: string, path: string): string {
  const known: unknown =
    sourcesContent?.[sources.findIndex((name) => name === source || absolute(name, path) === source)];
  if (typeof known === "string") return known;
  try {
    return readFileSync(toPath(absolute(source, path)), "utf8");
  } catch {
    return "";
  }
}

/** As people read it: relative to the working folder where the file is inside it. */
export function formatPosition(position: SourcePosition): string {
  const inside = relative(process.cwd(), position.file);
  const file = inside === "" || inside.startsWith("..") || position.file.includes("://") ? position.file : inside;
  return `${file}:${position.line}:${position.column}`;
}

/** The path a script's name stands for; a URL that is no file stays as it is. */
export function toPath(file: string): string {
  if (!file.startsWith("file:")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

/** Whether a script belongs to this library, whose frames say nothing to a user. */
export function isOwn(file: string): boolean {
  return file === libraryName;
}

function absolute(source: string, path: string): string {
  try {
    return new URL(source, pathToFileURL(path)).href;
  } catch {
    return source;
  }
}

const fromDisk = new Map<string, SourceMap | undefined>();
const given = new Map<string, SourceMap>();

/** In a worker: the map of a script that only the parent has loaded. */
export function giveSourceMap(file: string, map: SourceMapPayload): void {
  if (!given.has(file)) given.set(file, newSourceMap(map));
}

/** The map of a script that was never on disk as it runs; what a worker cannot find by itself. */
export function ungivenSourceMap(file: string): SourceMapPayload | undefined {
  return (findSourceMap(file) ?? given.get(file))?.payload;
}

function sourceMapOf(file: string, path: string): SourceMap | undefined {
  const known = findSourceMap(file) ?? findSourceMap(path) ?? given.get(file);
  if (known !== undefined) return known;
  if (!fromDisk.has(path)) fromDisk.set(path, readSourceMap(path));
  return fromDisk.get(path);
}

/** The map a script's last `sourceMappingURL` names, inline or beside it. */
function readSourceMap(path: string): SourceMap | undefined {
  try {
    const text = readFileSync(path, "utf8");
    const named = [...text.matchAll(/^\/\/[#@] sourceMappingURL=(\S+)\s*$/gm)].at(-1)?.[1];
    if (named === undefined) return undefined;
    const inline = /^data:application\/json[^,]*?(;base64)?,(.*)$/.exec(named);
    const json =
      inline === null
        ? readFileSync(new URL(named, pathToFileURL(path)), "utf8")
        : Buffer.from(decodeURIComponent(inline[2] ?? ""), inline[1] === undefined ? "utf8" : "base64").toString();
    return newSourceMap(JSON.parse(json));
  } catch {
    return undefined;
  }
}
