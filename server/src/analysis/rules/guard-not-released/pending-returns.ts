/** Returns of promises that nobody has waited for, `return save();`: the guard would be released before they are settled. */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Body, Call, Local } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { SiteLosses } from "../../ownership/by-site.js";
import { createEntries } from "../../summaries/entries.js";

/**
 * The calls in front of which an `await` has to stand, where the guard is to be held until they have ended.
 *
 * @returns undefined where none can stand there: the function is not async.
 */
export function callsToAwait(facts: Facts, { losses }: SiteLosses, { body: id }: Local): readonly Span[] | undefined {
  const body = facts.module.bodies[id];
  if (body === undefined) return [];
  const exits = losses.flatMap(({ exit }) => (exit.keyword === "return" ? [exit.span] : []));
  const calls = returnedCalls(body).filter(({ spans: { whole } }) => exits.some((exit) => contains(exit, whole)));
  const pending = calls.map((call) => ({ call, gives: givesPromise(facts, call) }));
  if (body.async) return pending.flatMap(({ call, gives }) => (gives === "no" ? [] : [call.spans.whole]));
  return pending.some(({ gives }) => gives === "yes") ? undefined : [];
}

/** The calls whose value is returned as it is. */
function returnedCalls({ blocks }: Body): readonly Call[] {
  const returned = new Set(
    blocks.flatMap(({ end }) =>
      end.kind === "return" && end.operand?.kind === "place" ? [end.operand.place.base] : [],
    ),
  );
  return blocks.flatMap(({ steps }) =>
    steps.flatMap((step) =>
      step.kind === "assign" && step.value.kind === "call" && returned.has(step.to.base) ? [step.value] : [],
    ),
  );
}

function givesPromise({ module, models, modules }: Facts, call: Call): "yes" | "no" | "unknown" {
  const role = roleOf(module, models, call);
  if (role?.kind === "combine" || role?.kind === "then") return "yes";
  if (role !== undefined) return "mode" in role && role.mode === "async" ? "yes" : "no";
  const { symbol, callee, form } = call;
  if (form === "new") return "no";
  if (symbol === undefined) return callee.kind === "item" && callee.local === undefined ? "no" : "unknown";
  if (symbol.package === "typescript") return symbol.name.startsWith("Promise") ? "yes" : "no";
  const found = symbol.package === undefined ? createEntries(modules.values()).get(symbol) : undefined;
  if (found === undefined) return "unknown";
  return found.module.bodies[found.body]?.async ? "yes" : "no";
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
