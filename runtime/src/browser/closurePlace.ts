import { readFileSync } from "../worker/node.js";

// A page does not know at which column of its script a closure is written: it is compiled as if it began with its line. In a
// script that a minifier has made one line of, that says nothing. The script tells, once somebody has to know.

/** A place in a script; line and column count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A closure as it was compiled: its text, and where that begins in what was compiled; line and column count from 0. */
export interface CompiledClosure {
  readonly file: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

let running: CompiledClosure | undefined;

/** Says which closure this thread runs. */
export function noteRunning(closure: CompiledClosure): void {
  running = closure;
}

/** Where a place of the closure that runs is in its script, and any other place as it is; nothing where nobody knows. */
export function placeInScript(place: Place): Place | undefined {
  const line = place.line - 1 - (running?.line ?? 0);
  if (running?.file !== place.file || line < 0 || line >= running.text.split("\n").length) return place;
  const start = startOf(running);
  if (start === undefined) return undefined;
  const column = line === 0 ? place.column + start.column - running.column : place.column;
  return { file: place.file, line: start.line + line + 1, column };
}

/** Where a closure's text stands in its script, from its line on, if only there; line and column count from 0. */
function startOf({ file, text, line }: CompiledClosure): Omit<Place, "file"> | undefined {
  const script = scriptText(file);
  let from = 0;
  for (let i = 0; i < line; i++) from = script.indexOf("\n", from) + 1;
  const at = script.indexOf(text, from);
  if (at < 0 || script.includes(text, at + 1)) return undefined;
  const before = script.slice(0, at).split("\n");
  return { line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

function scriptText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
