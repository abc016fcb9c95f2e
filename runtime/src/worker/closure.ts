import { SpawnError } from "../errors.js";
import { functionLocation, scriptName } from "./inspect.js";
import { readFileSync } from "./node.js";
import { type ScriptPosition, toPath } from "./position.js";
import type { ClosureOrigin } from "./protocol.js";

/** A closure as it travels: its text and where that was written. */
export interface ClosureText {
  readonly source: string;
  readonly origin: ClosureOrigin | undefined;
}

type AnyFunction = (...parameters: never[]) => unknown;

/**
 * The text of a closure, ready for another thread.
 *
 * @throws SpawnError for what has no text that stands alone: methods, classes, native and bound functions.
 */
export function closureText(f: AnyFunction, site: ScriptPosition | undefined): ClosureText {
  if (typeof f !== "function") {
    throw new SpawnError(`spawn takes a function, but was given ${f === null ? "null" : typeof f}`);
  }
  const source = Function.prototype.toString.call(f);
  assertStandsAlone(source, f.name);
  return { source, origin: originOf(f, source, site) };
}

function assertStandsAlone(source: string, name: string): void {
  const called = name === "" ? "this function" : `\`${name}\``;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw new SpawnError(
      `${called} is native or bound, so it has no text to run in a thread; write a closure that calls it: spawn(() => …)`,
    );
  }
  const start = skipBlank(source, 0);
  if (source.startsWith("class", start)) {
    throw new SpawnError(`${called} is a class; write a closure that constructs it inside the thread`);
  }
  const word = /^(?:async\b)?/.exec(source.slice(start))?.[0] ?? "";
  const rest = skipBlank(source, start + word.length);
  const head = source.slice(rest);
  if (/^function\b/.test(head)) return;
  if (/^\(/.test(head) || /^[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\s|\/\*[\s\S]*?\*\/)*=>/u.test(head)) return;
  throw new SpawnError(
    `${called} is a method, whose text does not stand alone; write an arrow function: spawn((…) => …)`,
  );
}

/** The place after blanks and comments. */
function skipBlank(text: string, from: number): number {
  const blank = /(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*\n)*/y;
  blank.lastIndex = from;
  return blank.test(text) ? blank.lastIndex : from;
}

const origins = new Map<string, ClosureOrigin>();

/** Where a closure's text begins. The same text spawned from the same place comes from the same place. */
function originOf(f: AnyFunction, source: string, site: ScriptPosition | undefined): ClosureOrigin | undefined {
  if (site === undefined) return undefined;
  const key = `${site.file}:${site.line}:${site.column}:${source}`;
  const known = origins.get(key);
  if (known !== undefined) return known;
  const place = functionLocation(f);
  if (place === undefined) return { file: site.file, line: site.line - 1, column: 0 };
  const start = textStart(source, place);
  const isHere = isWrittenAt(f, site, place) || isTextAt(site.file, start, source);
  const file = isHere ? site.file : (scriptName(place.script) ?? site.file);
  const origin = { file, ...start };
  if (origins.size > 1000) origins.clear();
  origins.set(key, origin);
  return origin;
}

/** A function without a name, right after the call that takes it, was written there. */
function isWrittenAt(f: AnyFunction, site: ScriptPosition, place: Place): boolean {
  const lines = place.line - (site.line - 1);
  return f.name === "" && (lines === 0 ? place.column >= site.column - 1 : lines > 0 && lines <= 10);
}

/** Whether the file on disk is what runs, and has the text there. */
function isTextAt(file: string, start: Place, source: string): boolean {
  try {
    const line = readFileSync(toPath(file), "utf8").split("\n")[start.line] ?? "";
    return line.startsWith(source.split("\n")[0] ?? "", start.column);
  } catch {
    return false;
  }
}

/**
 * Whether a text is written once in the file of the call that it was spawned from, and there within that call: it cannot
 * be spawned from anywhere else in the file. A file that is not what runs does not hold the text.
 *
 * What imports by a path is left out, as it matters there which file it is from.
 */
export function isWrittenOnlyInCall({ source, origin }: ClosureText, site: ScriptPosition): boolean {
  if (origin?.file !== site.file || /\b(?:import|require|__filename|__dirname)\b/.test(source)) return false;
  try {
    const text = readFileSync(toPath(site.file), "utf8");
    const start = offsetOf(text, origin.line, origin.column);
    if (text.indexOf(source) !== start || text.indexOf(source, start + 1) >= 0) return false;
    return isInCall(text.slice(offsetOf(text, site.line - 1, site.column - 1), start));
  } catch {
    return false;
  }
}

/** Whether what stands between the name of a function and a text leaves its parenthesis open all along. */
function isInCall(between: string): boolean {
  const call = /^[\w$.?]+\s*\(/.exec(between);
  if (call === null) return false;
  let depth = 1;
  for (const character of between.slice(call[0].length)) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth === 0) return false;
  }
  return true;
}

/** Line and column count from 0. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let i = 0; i < line; i++) start = text.indexOf("\n", start) + 1;
  return start + column;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** From the place of the parameter list back to the first character of the text. */
function textStart(source: string, parameters: Place): Place {
  const head = source.slice(0, parametersAt(source)).split("\n");
  const line = parameters.line - (head.length - 1);
  return { line, column: head.length === 1 ? parameters.column - head[0]!.length : parameters.column };
}

function parametersAt(source: string): number {
  let at = skipBlank(source, 0);
  const word = (pattern: RegExp): void => {
    const found = pattern.exec(source.slice(at))?.[0];
    if (found !== undefined) at = skipBlank(source, at + found.length);
  };
  word(/^async\b(?!\s*=>)/);
  if (!/^function\b/.test(source.slice(at))) return at;
  word(/^function\b/);
  word(/^\*/);
  word(/^[\p{ID_Start}$_][\p{ID_Continue}$]*/u);
  return at;
}
