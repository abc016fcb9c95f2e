/** Edits that give a thread further values: they go into `move(…)` and, at the same position, into the parameters. */
import type { TextEdit } from "../diagnostic.js";
import { insert, textOf } from "../fix.js";
import type { Body } from "../mir/mir.js";
import { type LibraryName, libraryNames } from "./imports.js";
import type { Scene, ThreadStart } from "./starts.js";

/** One value: the expression the parent moves, and the name of the parameter that it arrives in. */
export interface Gift {
  readonly expression: string;
  readonly param: string;
}

/**
 * Edits so that the thread gets the values. Undefined where there is no place for them: the closure is not written in
 * the call, or what the call moves already cannot be told.
 *
 * @param latest the position that they must not stand behind: a default value of the parameter there needs them
 */
export function giveEdits(
  scene: Scene,
  start: ThreadStart,
  gifts: readonly Gift[],
  library: ReadonlyMap<string, LibraryName> = libraryNames(scene, ["move"]),
  latest = Number.POSITIVE_INFINITY,
): readonly TextEdit[] | undefined {
  const { closure, moved, wrapper } = start;
  if (closure.how !== "inline" || wrapper !== undefined || moved === undefined) return undefined;
  // What is left over has its type from its default alone; a moved value before it would take that from it.
  if (
    !isJavaScript(scene.module.file) &&
    closure.body.params.some((param, index) => index >= moved.length && !param.rest)
  ) {
    return undefined;
  }
  // A value that nothing takes yet would shift the new ones: they go before it, in both lists.
  const position = Math.min(moved.length, latest, closure.body.params.filter((param) => !param.rest).length);
  const params = paramEdits(scene, closure.body, position, gifts.map((gift) => gift.param).join(", "));
  const list = gifts.map((gift) => gift.expression).join(", ");
  const values = moveEdits(scene, start, position, list, library.get("move"));
  return params === undefined || values === undefined ? undefined : [...values, ...params];
}

function isJavaScript(file: string): boolean {
  return /\.[mc]?jsx?$/.test(file);
}

function moveEdits(
  scene: Scene,
  start: ThreadStart,
  position: number,
  list: string,
  name: LibraryName | undefined,
): readonly TextEdit[] | undefined {
  const { file } = scene.module;
  if (start.move === undefined) {
    const at = argumentStart(scene, start);
    return name === undefined || at === undefined
      ? undefined
      : [...name.edits, insert(file, at, `${name.text}(${list}), `)];
  }
  const inside = start.move.spans.args;
  if (inside === undefined) return undefined;
  const before = start.move.args[position];
  if (before !== undefined) return [insert(file, before.value.span.start, `${list}, `)];
  const last = start.move.args.at(-1);
  return last === undefined ? [insert(file, inside.start, list)] : [insert(file, last.value.span.end, `, ${list}`)];
}

/** Where the closure's argument starts, with parentheses around it. Undefined where it has a type asserted. */
function argumentStart({ module }: Scene, { call, closure }: ThreadStart): number | undefined {
  const { args } = call.spans;
  if (args === undefined) return undefined;
  const before = module.text.slice(args.start, closure.operand.start);
  const behind = module.text.slice(closure.operand.end, args.end);
  const parentheses = /^([\s(]*)$/.test(before) && before.includes("(");
  if (!parentheses) return /^\s*(?:as|satisfies)\b/.test(behind) ? undefined : closure.operand.start;
  return /^[\s),]*$/.test(behind) ? args.start + before.indexOf("(") : undefined;
}

function paramEdits(scene: Scene, body: Body, position: number, list: string): readonly TextEdit[] | undefined {
  const { file } = scene.module;
  const { params, parenthesized } = body.spans;
  if (params === undefined) return undefined;
  const before = body.params[position];
  const last = body.params.at(-1);
  if (!parenthesized) {
    return before === undefined
      ? [insert(file, params.start, "("), insert(file, params.end, `, ${list})`)]
      : [insert(file, params.start, `(${list}, `), insert(file, params.end, ")")];
  }
  if (before !== undefined) return [insert(file, before.span.start, `${list}, `)];
  if (last !== undefined) return [insert(file, last.span.end, `, ${list}`)];
  // `function (this: void)` has something between the parentheses that is not a parameter of the call.
  return textOf(scene.module, params).trim() === "" ? [insert(file, params.start, list)] : undefined;
}
