/**
 * `unjoined-handle`: a thread that some path leaves running with nobody to wait for it.
 *
 * Its sibling is rustc's `must_use`, and its method that of Go's `lostcancel`: a value that obliges whoever holds it is
 * followed along every path until the obligation is met or the last reference goes.
 */
import type { Facts } from "../../facts.js";
import type { Loss } from "../../ownership/engine.js";
import { handleProtocol } from "../../ownership/protocols.js";
import type { Report, Rule } from "../rule.js";
import { awaitedHandles } from "./awaited.js";
import { findingFor } from "./findings.js";
import { lostMessages } from "./lost-messages.js";
import { pendingPromises } from "./pending.js";
import { unheardWorkers } from "./workers.js";

export const unjoinedHandle: Rule = {
  name: "unjoined-handle",
  summary: "A thread that some path leaves without joining it: its work is lost when the main thread ends",
  severity: "warning",
  rust: "must_use",
  check(facts: Facts): readonly Report[] {
    const losses = facts.ownership().losses.filter(({ site }) => site.protocol === handleProtocol);
    const groups = [...groupBySite(losses).values()];
    return [
      ...awaitedHandles(facts),
      ...unheardWorkers(facts),
      ...pendingPromises(facts),
      ...lostMessages(facts),
      ...groups.flatMap((group, index) => findingFor(facts, group, ordinalOf(groups, index))),
    ];
  },
};

function groupBySite(losses: readonly Loss[]): ReadonlyMap<string, readonly Loss[]> {
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) groups.set(loss.site.id, [...(groups.get(loss.site.id) ?? []), loss]);
  return groups;
}

/** How many groups before this one are about the same body. */
function ordinalOf(groups: readonly (readonly Loss[])[], index: number): number {
  const body = groups[index]?.[0]?.site.body;
  return groups.slice(0, index).filter((group) => group[0]?.site.body === body).length;
}
