/** Takes a value out of `move` and out of the parameters. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import { replace } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import type { ThreadStart } from "../../threads/starts.js";

export function takeBack(module: Module, { move, closure, call }: ThreadStart, index: number): readonly Fix[] {
  const { file } = module;
  const args = move?.args.map(({ value }) => value.span) ?? [];
  const params = closure.body.params.map(({ span }) => span);
  const own = args[index];
  if (move === undefined || own === undefined || isCalled(module, own)) return [];
  const edits: TextEdit[] = [];
  if (args.length === 1) {
    const [first, second] = call.args;
    // `spawn(move(x), f)` becomes `spawn(f)`.
    if (first === undefined || second === undefined) return [];
    edits.push(replace(file, { start: move.spans.whole.start, end: second.value.span.start }, ""));
  } else {
    edits.push(replace(file, withComma(args, index), ""));
  }
  const param = params[index];
  if (param !== undefined) {
    const { spans } = closure.body;
    // `x => 1` needs its parentheses, once it has no parameter.
    if (!spans.parenthesized) edits.push(replace(file, param, "()"));
    else edits.push(replace(file, withComma(params, index), ""));
  }
  return [{ title: "Do not move it", preferred: true, edits }];
}

/** What is called to make the value may do something else too. */
function isCalled(module: Module, { start, end }: Span): boolean {
  return !/^[\w$.]+(?:\.clone\(\))?$/.test(module.text.slice(start, end));
}

/** One of several, with the comma before it or, for the first, behind it. */
function withComma(all: readonly Span[], index: number): Span {
  const [own, before, after] = [all[index], all[index - 1], all[index + 1]];
  if (own === undefined) throw new RangeError(`There is no part ${index}`);
  if (before !== undefined) return { start: before.end, end: own.end };
  return { start: own.start, end: after?.start ?? own.end };
}
