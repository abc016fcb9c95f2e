/**
 * `unjoined-handle`: a thread that some path leaves running with nobody to wait for it.
 *
 * Its sibling is rustc's `must_use`, and its method that of Go's `lostcancel`: a value that obliges whoever holds it is
 * followed along every path until the obligation is met or the last reference goes.
 */
import type { Facts } from "../../facts.js";
import type { BodyId } from "../../mir/mir.js";
import type { Loss, Site } from "../../ownership/engine.js";
import { filesWithMethods, withoutOverridden } from "../../ownership/overridden.js";
import { handleProtocol } from "../../ownership/protocols.js";
import type { Report, Rule } from "../rule.js";
import { awaitedHandles } from "./awaited.js";
import { endedAtOnce } from "./ended-at-once.js";
import { findingFor } from "./findings.js";
import { ignoredMessages } from "./ignored-messages.js";
import { lostMessages } from "./lost-messages.js";
import { handlesNobodyWaitsFor } from "./outer-variables.js";
import { ownersInOwners } from "./owners/inner-owners.js";
import { ownersNobodyCloses } from "./owners/owners.js";
import { pendingPromises } from "./pending.js";
import { handlesNobodyReads } from "./private-fields.js";
import { unheardTasks } from "./tasks.js";
import { unjoinedPools } from "./thread-pools.js";
import { unexposedWorkers } from "./unexposed.js";
import { unheardWorkers } from "./workers.js";

export const unjoinedHandle: Rule = {
  name: "unjoined-handle",
  summary: "A thread that some path leaves without joining it: its work is lost when the main thread ends",
  severity: "warning",
  rust: "must_use",
  around: (facts) => filesWithMethods(facts, handleProtocol),
  check(facts: Facts): readonly Report[] {
    const own = facts.ownership().losses.filter(({ site }) => site.protocol === handleProtocol);
    const losses = withoutOverridden(facts, own);
    const groups = groupByCause([...groupBySite(losses).values()]);
    return [
      ...awaitedHandles(facts),
      ...unheardWorkers(facts),
      ...pendingPromises(facts),
      ...lostMessages(facts),
      ...unjoinedPools(facts),
      ...handlesNobodyReads(facts),
      ...handlesNobodyWaitsFor(facts),
      ...ownersNobodyCloses(facts),
      ...ownersInOwners(facts),
      ...ignoredMessages(facts),
      ...unheardTasks(facts),
      ...unexposedWorkers(facts),
      ...endedAtOnce(facts),
      ...groups.flatMap(({ losses: found, others }, index) =>
        findingFor(facts, found, { ordinal: ordinalOf(groups, index), others }),
      ),
    ];
  },
};

function groupBySite(losses: readonly Loss[]): ReadonlyMap<string, readonly Loss[]> {
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) groups.set(loss.site.id, [...(groups.get(loss.site.id) ?? []), loss]);
  return groups;
}

interface Group {
  readonly losses: readonly Loss[];
  /** Other handles that are left behind in the same way. */
  readonly others: readonly Site[];
}

/** One call that throws may leave several handles behind, and so may one array that nobody goes over. */
function groupByCause(groups: readonly (readonly Loss[])[]): readonly Group[] {
  const byCause = new Map<string, { readonly losses: readonly Loss[]; readonly others: Site[] }>();
  for (const losses of groups) {
    const [first] = losses;
    if (first === undefined) continue;
    const key = causeOf(first, losses);
    const known = byCause.get(key);
    if (known === undefined) byCause.set(key, { losses, others: [] });
    else known.others.push(first.site);
  }
  return [...byCause.values()];
}

function causeOf(first: Loss, losses: readonly Loss[]): string {
  const exits = losses.map(({ exit }) => exit.span.start).join();
  if (losses.every(({ exit }) => exit.keyword === "call")) return `thrown ${exits}`;
  const isOverwritten = losses.every(({ kind, local }) => kind === "overwritten" && local === first.local);
  if (isOverwritten) return `over ${first.local} ${losses.map(({ step }) => step?.span.start).join()}`;
  const isContained = losses.every(({ kind, held, local }) => {
    return kind === "left" && held === "inside" && local === first.local;
  });
  return isContained ? `in ${first.local} ${exits}` : `at ${first.site.id}`;
}

/** How many groups before this one are about the same body. */
function ordinalOf(groups: readonly Group[], index: number): number {
  const bodyOf = (group: Group | undefined): BodyId | undefined => group?.losses[0]?.site.body;
  const body = bodyOf(groups[index]);
  return groups.slice(0, index).filter((group) => bodyOf(group) === body).length;
}
