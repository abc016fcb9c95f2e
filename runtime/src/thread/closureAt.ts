import { type ClosureText, closureText, isWrittenOnlyInCall } from "../worker/closure.js";
import type { ScriptPosition } from "../worker/position.js";
import { callSite } from "../worker/stack.js";
import { markOf, textWithItems } from "./items.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** A closure on its way, and the call that spawns it. */
export interface Closure {
  readonly text: ClosureText;
  readonly site: ScriptPosition | undefined;
}

/** What was spawned with a text: the same text spawned from the same place is the same closure. */
interface Known {
  readonly closures: Closure[];
  uses: number;
  /** Whether the text is written once, in the call that spawns it; absent until it was spawned often. */
  isOnce: boolean | undefined;
}

const texts = new Map<string, Known>();

/** A text that was spawned this often is worth a look into its file. */
const often = 8;
/** One in so many calls is looked at all the same: another file may hold the same text. */
const everyNth = 16;

/** The closure that `caller` was called with. @throws SpawnError */
export function closureAt(f: AnyFunction, caller: AnyFunction): Closure {
  const marked = markOf(f);
  if (marked !== undefined) {
    const site = callSite(caller);
    return { text: textWithItems(marked, site), site };
  }
  const known = texts.get(Function.prototype.toString.call(f));
  return (known && seenBefore(known)) ?? closureFrom(f, callSite(caller));
}

/**
 * The closure with a text that can only come from one place, without asking V8 where the call is: that takes longer than
 * all the rest of a spawn. Should another file spawn the very same text, that is noticed a few calls later.
 */
function seenBefore(known: Known): Closure | undefined {
  const only = known.closures[0];
  if (only === undefined || known.closures.length > 1 || ++known.uses < often || known.uses % everyNth === 0) {
    return undefined;
  }
  known.isOnce ??= only.site !== undefined && isWrittenOnlyInCall(only.text, only.site);
  return known.isOnce ? only : undefined;
}

function closureFrom(f: AnyFunction, site: ScriptPosition | undefined): Closure {
  if (site === undefined) return { text: closureText(f, site), site };
  const { file, line, column } = site;
  const same = texts
    .get(Function.prototype.toString.call(f))
    ?.closures.find(({ site }) => site?.line === line && site.column === column && site.file === file);
  return same ?? note({ text: closureText(f, site), site });
}

function note(closure: Closure): Closure {
  const { source } = closure.text;
  if (texts.size > 1000) texts.clear();
  const known = texts.get(source);
  if (known === undefined) texts.set(source, { closures: [closure], uses: 0, isOnce: undefined });
  else if (known.closures.length < 100) known.closures.push(closure);
  return closure;
}
