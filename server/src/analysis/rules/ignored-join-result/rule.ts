/**
 * `ignored-join-result`: the Result of a join or a send that nobody looks at.
 *
 * Its sibling is rustc's `unused_must_use`.
 */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { LocalId, Module, Step } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { roleOf } from "../../models/roles.js";
import { lossesBySite, type SiteLosses } from "../../ownership/by-site.js";
import type { Loss } from "../../ownership/engine.js";
import { outcomeProtocol } from "../../ownership/protocols.js";
import { shortText } from "../../threads/naming.js";
import { indexModule, type Use } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { isJoinedAgain } from "./again.js";
import { looks } from "./fixes.js";

export const ignoredJoinResult: Rule = {
  name: "ignored-join-result",
  summary: "The Result of a join or a send that nobody looks at: a panic, or a closed channel, goes unnoticed",
  severity: "warning",
  rust: "unused_must_use",
  check(facts: Facts): readonly Report[] {
    const ignored = lossesBySite(facts.ownership().losses, outcomeProtocol).filter(({ losses, site }) =>
      losses.every((loss) => isUnseen(facts, loss) && !isUnawaited(facts, site, loss)),
    );
    const calls = new Set(ignored.map(({ site }) => site.call));
    return ignored.filter(({ site }) => !isJoinedAgain(facts, site, calls)).map((one) => findingFor(facts, one));
  },
};

/** A promise that nobody awaits is a mistake of its own, and a variable that some code reads is looked at there. */
function isUnseen({ module }: Facts, { wrapped, local }: Loss): boolean {
  if (wrapped === "promise") return false;
  const reads = readsOf(module, local);
  // Who names elements by their numbers has not read another one.
  return reads.every((read) => asksHowMany(read) || isNumbered(read));
}

/** `handles.map((handle) => handle.join());`: an array of promises that nobody awaits, which is the other mistake. */
function isUnawaited({ module, models }: Facts, { call, body }: SiteLosses["site"], { step }: Loss): boolean {
  const role = roleOf(module, models, call);
  if (step?.kind !== "discard" || role === undefined || !("mode" in role) || role.mode !== "async") return false;
  const callback = module.bodies[body]?.spans.whole;
  const isIn = callback !== undefined && step.span.start <= callback.start && callback.end <= step.span.end;
  return isIn && call.spans.whole.end <= step.span.end && !/\bawait\b/.test(textOf(module, step.span));
}

function readsOf(module: Module, local: LocalId | undefined): readonly Use[] {
  const uses = local === undefined ? [] : (indexModule(module).uses.get(local) ?? []);
  return uses.filter(({ access }) => access !== "write");
}

/** `results.length` */
function asksHowMany({ place: { path } }: Use): boolean {
  const [field, ...others] = path;
  return others.length === 0 && field?.kind === "field" && (field.name === "length" || field.name === "size");
}

/** `results[0]` */
function isNumbered({ place: { path } }: Use): boolean {
  return path[0]?.kind === "index" && path[0].constant !== undefined;
}

function findingFor(facts: Facts, one: SiteLosses): Report {
  const { file, module } = facts;
  const { site, losses } = one;
  const call = shortText(textOf(module, site.call.spans.whole));
  const isSend = /send/i.test(site.call.method ?? "");
  const [{ local }] = losses;
  const name = local === undefined ? undefined : module.locals[local]?.name;
  const { dialect } = libraryOf(facts, site.call);
  const { fixes, help } = looks(facts, one, name);
  return {
    message: `nobody looks at the Result of \`${call}\`: ${isSend ? "a closed channel" : "a panic in the thread"} goes unnoticed`,
    location: { file, ...site.call.spans.whole },
    label: labelOf(name, readsOf(module, local)),
    related: [],
    notes: [
      isSend ? dialect.failedSend : dialect.failedJoin,
      ...(isInTry(facts, site.body, losses[0].step) ? [`the \`catch\` around it never sees that`] : []),
    ],
    help,
    fixes,
    tags: [],
  };
}

function labelOf(name: string | undefined, reads: readonly Use[]): string {
  if (name === undefined) return "its Result is thrown away";
  if (reads.some(isNumbered)) return `its Result is put into \`${name}\`, of which nobody reads this one`;
  return reads.length > 0
    ? `its Result is put into \`${name}\`, of which nobody reads more than how many there are`
    : `its Result is put into \`${name}\`, which nobody reads`;
}

/** Whether the step is in a `try` with a `catch`. */
function isInTry({ module }: Facts, body: number, step: Step | undefined): boolean {
  const blocks = module.bodies[body]?.blocks ?? [];
  const block = blocks.find(({ steps }) => step !== undefined && steps.includes(step));
  const handler = block?.unwind === undefined ? undefined : blocks[block.unwind];
  return (
    handler !== undefined && !handler.steps.some((each) => each.kind === "dispose") && handler.end.kind !== "rethrow"
  );
}
