/** The same threads through a pool: its handles are joined like any others. */
import type { Fix } from "../../diagnostic.js";
import { indentationAt, insert, lineBreak, lineStart, replace } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { freshName, mayAwait, mayUse } from "../../places.js";
import { mergeEdits } from "../../threads/edits.js";
import { libraryNames } from "../../threads/imports.js";
import type { Scene, ThreadStart } from "../../threads/starts.js";
import type { Input } from "./rule.js";

/**
 * Not preferred: at the end of the function the pool waits for its threads, where before nobody did.
 *
 * @returns Nothing where the function may not wait, or where the thread has a name or a stack size of its own.
 */
export function throughPool(scene: Scene, start: ThreadStart, { span, body }: Input): readonly Fix[] {
  const { module } = scene;
  const { file, text } = module;
  const { callee } = start.call.spans;
  if (
    !mayAwait(module, body) ||
    !mayUse(module) ||
    start.wrapper !== undefined ||
    !/^[\w$]+(?:\.[\w$]+)?$/.test(text.slice(callee.start, callee.end))
  )
    return [];
  const statement = statementAround(module, span.start);
  const name = libraryNames(scene, ["ThreadPool"]).get("ThreadPool");
  if (name === undefined || statement === undefined) return [];
  const pool = freshName(module, "pool", 0);
  const line = `await using ${pool} = new ${name.text}();${lineBreak(text)}${indentationAt(text, statement)}`;
  return [
    {
      title: "Let a `ThreadPool` run them, as many at a time as there are cores",
      preferred: false,
      edits: mergeEdits([...name.edits, insert(file, statement, line), replace(file, callee, `${pool}.spawn`)]),
    },
  ];
}

/** Where the line of the statement starts that has the loop or the call in it. */
function statementAround(module: Module, offset: number): number | undefined {
  const { text } = module;
  const start = lineStart(text, offset);
  const indented = start + indentationAt(text, offset).length;
  // Something else in front of it on the line, as in `if (x) for (…)`.
  return /^(?:for\b|const\b|let\b|return\b|await\b|[\w$])/.test(text.slice(indented)) ? indented : undefined;
}
