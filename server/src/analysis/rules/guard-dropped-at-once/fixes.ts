/** Repairs for a guard that nothing holds: a `using` variable. */
import type { Fix, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, replace, textOf } from "../../fix.js";
import type { Call, Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { SiteLosses } from "../../ownership/by-site.js";
import { before, freshName, isBraceless, mayAwait, mayUse } from "../../places.js";

/** Undefined where there is no place for a `using`, or where the file cannot have one. */
export function bindGuard(facts: Facts, { site }: SiteLosses, ordinal: number): Fix | undefined {
  const { file, module } = facts;
  if (!mayUse(module)) return undefined;
  const taken = expressionAround(module, site.call.spans.whole);
  // Where the Result is asked, its guard cannot stand in for it.
  if (/^\s*\.(?:isOk|isErr|ok|error|match|unwrapOr)\b/.test(module.text.slice(taken.end))) return undefined;
  const isPromise = isAsync(facts, site.call);
  if (isPromise && !mayAwait(module, site.body)) return undefined;
  const { statement } = site.step;
  const name = freshName(module, "guard", ordinal);
  const binding = `using ${name} = ${opened(facts, taken, site.call, isPromise)};`;
  const title = "Hold the guard with `using`";
  const text = textOf(module, statement);
  const isAll =
    textOf(module, { start: statement.start, end: taken.start }).trim() === "" &&
    /^\s*;?$/.test(textOf(module, { start: taken.end, end: statement.end }));
  if (isAll) {
    if (isBraceless(module.text, statement.start)) return undefined;
    return { title, preferred: true, edits: [replace(file, statement, binding)] };
  }
  if (/^(?:if|while|for|do|switch)\b/.test(text)) return undefined;
  const use = replace(file, taken, name);
  if (/^(?:const|let|var|return|throw)\b/.test(text)) {
    if (isBraceless(module.text, statement.start)) return undefined;
    return { title, preferred: true, edits: [...before(module, statement, binding), use] };
  }
  // The lock is held as long as the statement lasts, as in Rust.
  return {
    title,
    preferred: true,
    edits: [insert(file, statement.start, `{ ${binding} `), use, insert(file, statement.end, " }")],
  };
}

/** Of a function of the project between, only the name tells. */
function isAsync({ module, models }: Facts, call: Call): boolean {
  const role = roleOf(module, models, call);
  return role?.kind === "lock" ? role.mode === "async" : !/Sync$|^try/.test(call.method ?? "");
}

/** The call with what stands around it to get at the guard: `(await m.lock()).unwrap()`. */
function expressionAround({ text }: Module, call: Span): Span {
  let { start, end } = call;
  const awaited = /\(?await\s+$/.exec(text.slice(0, start))?.[0];
  if (awaited !== undefined) start -= awaited.length;
  if (awaited?.startsWith("(")) end += /^\s*\)/.exec(text.slice(end))?.[0].length ?? 0;
  end += /^\s*\.(?:unwrap\(\)|expect\([^()]*\))/.exec(text.slice(end))?.[0].length ?? 0;
  return { start, end };
}

/** The expression that gives the guard. */
function opened({ module, models }: Facts, taken: Span, call: Call, isPromise: boolean): string {
  const text = textOf(module, taken);
  if (/\.(?:unwrap|expect)\([^()]*\)$/.test(text)) return text;
  const role = roleOf(module, models, call);
  const written = textOf(module, call.spans.whole);
  const waited = isPromise ? `await ${written}` : written;
  if (role?.kind === "lock" && role.returns === "guard") return waited;
  return isPromise ? `(${waited}).unwrap()` : `${waited}.unwrap()`;
}
