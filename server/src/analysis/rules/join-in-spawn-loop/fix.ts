/** Two loops in place of one: the first starts the threads, the second joins them. */
import type { Fix } from "../../diagnostic.js";
import { indentationAt, insert, lineBreak, replace, textOf } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { freshName } from "../../places.js";
import type { Start, Turn } from "./turns.js";

/**
 * Only where the turn does nothing but start and join. It is not preferred: all threads then run at the same time, and
 * how many the machine can take is not known here.
 */
export function startAllFirst(module: Module, start: Start, { loop, step }: Turn): readonly Fix[] {
  const { file, text } = module;
  const whole = textOf(module, loop.body).trim();
  const spawn = textOf(module, start.call.spans.whole);
  const joining = textOf(module, step.statement);
  const separate = joining.includes(spawn) ? undefined : /^const ([\w$]+) = /.exec(whole)?.[1];
  const expected = separate === undefined ? joining : `const ${separate} = ${spawn};`;
  const rest = separate === undefined ? "" : whole.slice(expected.length).trim();
  if (separate === undefined ? whole !== joining : !whole.startsWith(expected) || rest !== joining) return [];
  const receiver = separate ?? spawn;
  const tail = joining.replace(receiver, "\0");
  if (!/^(?:\(?await )\0\.join\(\)(?:\)\.(?:unwrap|expect)\([^()]*\))?;?$/.test(tail)) return [];
  const handles = freshName(module, "handles", 0);
  const handle = separate ?? freshName(module, "handle", 0);
  const newline = lineBreak(text) + indentationAt(text, loop.span.start);
  const at = text.indexOf(whole, loop.body.start);
  return [
    {
      title: "Start all threads first, then join them",
      preferred: false,
      edits: [
        insert(file, loop.span.start, `const ${handles} = [];${newline}`),
        replace(file, { start: at, end: at + whole.length }, `${handles}.push(${spawn});`),
        insert(file, loop.span.end, `${newline}for (const ${handle} of ${handles}) ${tail.replace("\0", handle)}`),
      ],
    },
  ];
}
