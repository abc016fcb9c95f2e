/** Repairs for a lock that some path leaves locked. */
import type { Fix, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, replace, textOf } from "../../fix.js";
import type { Local, Module } from "../../mir/mir.js";
import type { SiteLosses } from "../../ownership/by-site.js";
import { isAlone, mayUse, onEveryExit } from "../../places.js";
import { mergeEdits } from "../../threads/edits.js";
import { libraryNames } from "../../threads/imports.js";
import { callsToAwait } from "./pending-returns.js";

export function releases(facts: Facts, one: SiteLosses): readonly Fix[] {
  const { losses } = one;
  const [{ local: id, held }] = losses;
  const local = id === undefined ? undefined : facts.module.locals[id];
  if (local?.name === undefined || held !== "directly" || losses.some((loss) => loss.local !== id)) return [];
  const pending = callsToAwait(facts, one, local);
  if (pending === undefined) return [];
  // A `drop` in front of the `return` would come before the promise is settled, too.
  const drop = pending.length > 0 ? undefined : dropIt(facts, one, local);
  const fixes = [useUsing(facts, one, local, pending), drop].filter((fix) => fix !== undefined);
  return fixes.map((fix, index) => ({ ...fix, preferred: index === 0 }));
}

/** The guard's own variable, which nothing writes again. Dropping it earlier stays right. */
function useUsing(
  { file, module }: Facts,
  { site, losses }: SiteLosses,
  local: Local,
  pending: readonly Span[],
): Fix | undefined {
  const { statement, kind, reassigned, name } = local;
  if (statement === undefined || reassigned || !mayUse(module) || !isAlone(module, local)) return undefined;
  if (isGivenBack(module, local)) return undefined;
  if (losses.some((loss) => loss.wrapped !== undefined || loss.maybeNothing)) return undefined;
  const isOwn = statement.start <= site.step.span.start && site.step.span.end <= statement.end;
  if (!isOwn || !module.text.startsWith(`${kind} `, statement.start)) return undefined;
  const edits = [
    replace(file, { start: statement.start, end: statement.start + kind.length }, "using"),
    ...pending.map(({ start }) => insert(file, start, "await ")),
  ];
  return { title: `Release \`${name}\` however the scope is left: \`using\``, preferred: true, edits };
}

/** On some path the caller gets it: `using` would release it on the way. */
function isGivenBack(module: Module, { body, name }: Local): boolean {
  const span = module.bodies[body]?.spans.body;
  if (span === undefined || name === undefined) return false;
  const returned = textOf(module, span).matchAll(/\breturn\s+([\w$]+)\s*(?:[;}\r\n]|$)/g);
  return [...returned].some(([, what]) => what === name);
}

function dropIt(facts: Facts, { losses }: SiteLosses, local: Local): Fix | undefined {
  const { module } = facts;
  const drop = libraryNames(facts, ["drop"]).get("drop");
  if (
    drop === undefined ||
    losses.some((loss) => loss.kind !== "left" || loss.wrapped !== undefined || loss.maybeNothing)
  )
    return undefined;
  const edits = onEveryExit(module, local, losses, `${drop.text}(${local.name});`, "last use");
  if (edits.length === 0) return undefined;
  return {
    title:
      losses.length > 1 ? `Drop \`${local.name}\` on every way out` : `Drop \`${local.name}\` before its scope ends`,
    preferred: false,
    edits: mergeEdits([...drop.edits, ...edits]),
  };
}
