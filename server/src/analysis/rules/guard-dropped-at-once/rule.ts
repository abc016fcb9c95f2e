/**
 * `guard-dropped-at-once`: a lock is taken, and nothing holds its guard.
 *
 * Its sibling is rustc's `let_underscore_lock`. There the lock is free again at once; here it is never free again.
 */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Step } from "../../mir/mir.js";
import { lossesBySite, type SiteLosses } from "../../ownership/by-site.js";
import { guardProtocol } from "../../ownership/protocols.js";
import { shortText } from "../../threads/naming.js";
import type { Report, Rule } from "../rule.js";
import { bindGuard } from "./fixes.js";

export const guardDroppedAtOnce: Rule = {
  name: "guard-dropped-at-once",
  summary: "A lock that is taken with nothing to hold its guard: it guards nothing, and is never released",
  severity: "error",
  rust: "let_underscore_lock",
  check(facts: Facts): readonly Report[] {
    return lossesBySite(facts.ownership().losses, guardProtocol)
      .filter((one) => isNeverHeld(one) && !isLastOfProgram(facts, one))
      .map((one, index) => findingFor(facts, one, index));
  },
};

/** Whether no variable ever had the guard. Otherwise it is `guard-not-released` that has something to say. */
export function isNeverHeld({ site, losses }: SiteLosses): boolean {
  return site.local === undefined && site.container === undefined && losses.every(({ held }) => held === "not");
}

/** The last statement of a module from which nobody imports: nothing comes behind it that could wait for the lock. */
function isLastOfProgram({ module }: Facts, { site: { body, call, step } }: SiteLosses): boolean {
  const [program] = module.bodies;
  const lock = call.receiver?.kind === "place" ? call.receiver.place.base : undefined;
  if (program === undefined || body !== program.id || module.scopes[step.scope]?.kind !== "module") return false;
  const behind = program.blocks.flatMap(({ steps }) => steps).filter(({ span }) => span.start >= step.statement.end);
  const isUsedLater = module.bodies.some(({ captures }) => captures.some(({ local }) => local === lock));
  return !isUsedLater && !module.locals.some(({ exported }) => exported) && behind.every(isEnding);
}

function isEnding({ kind }: Step): boolean {
  return kind === "end-scope" || kind === "dispose";
}

function findingFor(facts: Facts, one: SiteLosses, ordinal: number): Report {
  const { file, module } = facts;
  const { site, losses } = one;
  const call = shortText(textOf(module, site.call.spans.whole));
  const isAwaited = losses[0].wrapped !== "promise";
  const fix = bindGuard(facts, one, ordinal);
  return {
    message: isAwaited
      ? `nothing holds the guard of \`${call}\`: the lock stays locked`
      : `\`${call}\` is never awaited, and nothing holds its guard: the lock stays locked`,
    location: { file, ...site.call.spans.whole },
    label: isAwaited
      ? "the lock is taken here, and its guard goes nowhere"
      : "nothing waits for the lock, or releases it",
    related: [],
    notes: [
      "a lock is held as long as its guard is not dropped; nothing can drop a guard that nobody has, so whoever takes the lock next waits for ever",
    ],
    help: ["Bind the guard with `using`: the lock is released at the end of the block, however it is left"],
    fixes: fix === undefined ? [] : [fix],
    tags: [],
  };
}
