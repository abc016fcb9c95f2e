import { type ClosureText, closureText } from "../worker/closure.js";
import type { ScriptPosition } from "../worker/position.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** What a closure was marked with where its file's items were lifted. */
interface Marked {
  /** Gives the closure with this number the items that it needs, and runs it. */
  readonly items: AnyFunction;
  readonly index: number;
}

/** The mark, which `items/lift.ts` writes into scripts. */
const mark = Symbol.for("fearless-threads items");

const texts = new WeakMap<AnyFunction, ClosureText[]>();

/** The text of a closure that has items of its file, with those; nothing for all others. @throws SpawnError */
export function textWithItems(f: AnyFunction, site: () => ScriptPosition | undefined): ClosureText | undefined {
  const marked: Marked | undefined = Reflect.get(f, mark);
  if (marked === undefined) return undefined;
  const { items, index } = marked;
  const known = texts.get(items) ?? [];
  texts.set(items, known);
  known[index] ??= numbered(closureText(items, site()), index);
  return known[index];
}

function numbered({ source, origin }: ClosureText, index: number): ClosureText {
  const head = "(...values) => (";
  return {
    source: `${head}${source})(${index}, ...values)`,
    origin: origin && { ...origin, column: origin.column - head.length },
  };
}
