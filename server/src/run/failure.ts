/** What an error that nobody caught says, and where. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Position, ProgramFailed } from "./events.js";

/** Thrown where a file cannot be compiled; its position needs no stack. */
export const syntaxErrorName = "SyntaxError";

const frame = /\(?((?:file:\/\/|[A-Za-z]:[\\/]|\/)[^()\n]*?):(\d+):(\d+)\)?$/;

/** The error's message, and the first place of its stack that is a file of the program's own. */
export function failureOf(error: unknown): ProgramFailed {
  if (!(error instanceof Error)) return { kind: "failure", message: `Uncaught ${String(error)}`, position: undefined };
  return {
    kind: "failure",
    message: `Uncaught ${error.name}: ${error.message}`,
    position: firstPlace(error.stack ?? ""),
  };
}

function firstPlace(stack: string): Position | undefined {
  for (const line of stack.split("\n")) {
    const match = frame.exec(line.trim());
    if (match === null) continue;
    const [, place = "", row = "1", column = "1"] = match;
    const file = place.startsWith("file:") ? fileURLToPath(place) : place;
    if (file.includes("node_modules") || !existsSync(file)) continue;
    return { file, line: Number(row), column: Number(column) };
  }
  return undefined;
}
