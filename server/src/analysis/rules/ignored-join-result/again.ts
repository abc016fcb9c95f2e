/** Joins of what was joined before: cleaning up behind a failure, one waits for the rest and has no use for how that ends. */
import type { Facts } from "../../facts.js";
import type { LocalId, Module, Operand, ScopeId } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Site } from "../../ownership/engine.js";
import { indexModule } from "../../threads/walk.js";

/**
 * Whether a join stands in a `catch` or a `finally`, and the same handles are joined before that, where the Result is looked at.
 *
 * @param ignored The calls whose Results nobody looks at.
 */
export function isJoinedAgain(facts: Facts, { call, step }: Site, ignored: ReadonlySet<object>): boolean {
  const { module, models } = facts;
  const cleanup = cleanupAround(module, step.scope);
  const joined = rootOf(facts, call.receiver);
  if (cleanup === undefined || joined === undefined) return false;
  return indexModule(module).calls.some(
    ({ call: other }) =>
      other.spans.whole.end <= cleanup &&
      !ignored.has(other) &&
      roleOf(module, models, other)?.kind === "join" &&
      rootOf(facts, other.receiver) === joined,
  );
}

/** Where the innermost `catch` or `finally` around a scope begins. */
function cleanupAround({ text, scopes }: Module, innermost: ScopeId): number | undefined {
  for (let scope = scopes[innermost]; scope !== undefined; scope = scopes[scope.parent ?? -1]) {
    const ahead = text.slice(Math.max(0, scope.span.start - 100), scope.span.start);
    if (/\bfinally\s*\{$|\bcatch\s*(?:\([^()]*\)\s*)?\{$/.test(ahead)) return scope.span.start;
  }
  return undefined;
}

/** The variable that is joined, or of whose elements each is. */
function rootOf({ module, models }: Facts, receiver: Operand | undefined): LocalId | undefined {
  if (receiver?.kind !== "place") return undefined;
  const { base } = receiver.place;
  // A `finally` is there once for each way into it.
  const [made] = indexModule(module).definitions.get(base) ?? [];
  if (made?.step.declares && made.step.value.kind === "element" && made.step.value.of.kind === "place")
    return made.step.value.of.place.base;
  const local = module.locals[base];
  const site = local?.kind === "param" ? indexModule(module).handedTo.get(local.body) : undefined;
  if (site === undefined || roleOf(module, models, site.call)?.kind !== "each") return base;
  return site.call.receiver?.kind === "place" ? site.call.receiver.place.base : base;
}
