/**
 * `guard-not-released`: a lock that some path leaves locked.
 *
 * Rust needs no such rule: a guard is dropped when its scope ends. Here only `using` does that.
 */
import type { Label, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { lossesBySite, type SiteLosses } from "../../ownership/by-site.js";
import { filesWithMethods, withoutOverridden } from "../../ownership/overridden.js";
import { guardProtocol } from "../../ownership/protocols.js";
import { shownAs } from "../../places.js";
import { shortText } from "../../threads/naming.js";
import { isNeverHeld } from "../guard-dropped-at-once/rule.js";
import type { Report, Rule } from "../rule.js";
import { releases } from "./fixes.js";
import { uncalledReleasers } from "./releasers.js";

export const guardNotReleased: Rule = {
  name: "guard-not-released",
  summary: "A lock that some path leaves locked: its guard is neither bound with `using` nor dropped there",
  severity: "error",
  rust: undefined,
  around: (facts) => filesWithMethods(facts, guardProtocol),
  check(facts: Facts): readonly Report[] {
    const losses = lossesBySite(withoutOverridden(facts, facts.ownership().losses), guardProtocol)
      .filter((one) => !isNeverHeld(one))
      .map((one) => findingFor(facts, one));
    return [...losses, ...uncalledReleasers(facts)];
  },
};

/** At most this many ways out are shown; the rest would say the same. */
const maxRelated = 4;

function findingFor(facts: Facts, one: SiteLosses): Report {
  const { file, module } = facts;
  const { site, losses } = one;
  const local = losses.find((loss) => loss.local !== undefined)?.local ?? site.local;
  const name = local === undefined ? undefined : module.locals[local]?.name;
  return {
    message: messageOf(facts, one, name),
    location: { file, ...site.call.spans.whole },
    label: site.origin === "wrapper" ? "takes a lock and returns its guard" : "the lock is taken here",
    related: relatedOf(facts, one, name),
    notes: [
      "a lock is held until its guard is dropped, and leaving a scope drops nothing: whoever takes the lock next waits for ever",
    ],
    help: [`Bind the guard with \`using\`, or \`drop(${name ?? "guard"})\` on every way out`],
    fixes: releases(facts, one),
    tags: [],
  };
}

function messageOf({ module }: Facts, { site, losses }: SiteLosses, name: string | undefined): string {
  if (name === undefined)
    return `the guard of \`${shortText(textOf(module, site.call.spans.whole))}\` is not released on every path`;
  const [{ kind, held }] = losses;
  const what = held === "inside" ? `a guard in \`${name}\`` : `\`${name}\``;
  if (kind === "overwritten") return `${what} is overwritten before its lock is released`;
  const isThrown = losses.every(({ exit }) => exit.keyword === "call");
  return site.met || isThrown
    ? `${what} is not released on every path`
    : `${what} is never released: its lock stays locked`;
}

function relatedOf({ file, module }: Facts, { losses }: SiteLosses, name: string | undefined): readonly Label[] {
  const label = (span: Span, message: string): Label => ({ file, ...span, message });
  return losses.slice(0, maxRelated).flatMap(({ kind, exit, step }) => {
    if (kind === "overwritten" && step !== undefined)
      return [label(step.span, `\`${name ?? "the variable"}\` gets another value here`)];
    if (kind === "left" && exit.keyword === "call")
      return [label(exit.span, "where this throws, the lock stays locked")];
    if (kind === "left" && exit.keyword !== undefined) return [label(exit.span, "leaves here with the lock locked")];
    if (kind === "left" && name !== undefined)
      return [label(shownAs(module.text, exit.span), `\`${name}\` goes out of scope here`)];
    return [];
  });
}
