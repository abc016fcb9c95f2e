import { type ClosureText, closureText } from "../worker/closure.js";
import type { ScriptPosition } from "../worker/position.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** What a closure was marked with where its file's items were lifted. */
export interface Marked {
  /** Gives the closure with this number the items that it needs, and runs it. */
  readonly items: AnyFunction;
  readonly index: number;
}

/** The mark, which `items/lift.ts` writes into scripts. */
const mark = Symbol.for("fearless-threads items");

const texts = new WeakMap<AnyFunction, ClosureText[]>();

/** What a closure was marked with; nothing for one without items. */
export function markOf(f: AnyFunction): Marked | undefined {
  return Reflect.get(f, mark);
}

/** The text of a marked closure, with the items that it needs. @throws SpawnError */
export function textWithItems({ items, index }: Marked, site: ScriptPosition | undefined): ClosureText {
  const known = texts.get(items) ?? [];
  texts.set(items, known);
  known[index] ??= numbered(closureText(items, site), index);
  return known[index];
}

function numbered({ source, origin }: ClosureText, index: number): ClosureText {
  const head = "(...values) => (";
  return {
    source: `${head}${source})(${index}, ...values)`,
    origin: origin && { ...origin, column: origin.column - head.length },
  };
}
