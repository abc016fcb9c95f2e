/**
 * `unjoined-handle`: a thread that some path leaves running with nobody to wait for it.
 *
 * Its sibling is rustc's `must_use`, and its method that of Go's `lostcancel`: a value that obliges whoever holds it is
 * followed along every path until the obligation is met or the last reference goes.
 */
import type { Diagnostic } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Rule } from "../rule.js";
import { awaitedHandles } from "./awaited.js";
import { findingFor } from "./findings.js";

export const unjoinedHandle: Rule = {
  name: "unjoined-handle",
  summary: "A thread that some path leaves without joining it: its work is lost when the main thread ends",
  severity: "warning",
  rust: "must_use",
  check(facts: Facts): readonly Omit<Diagnostic, "rule" | "severity">[] {
    const { losses } = facts.ownership();
    const bySite = groupBySite(losses);
    return [...awaitedHandles(facts), ...[...bySite.values()].flatMap((group) => findingFor(facts, group))];
  },
};

function groupBySite(losses: ReturnType<Facts["ownership"]>["losses"]) {
  const groups = new Map<string, (typeof losses)[number][]>();
  for (const loss of losses) groups.set(loss.site.id, [...(groups.get(loss.site.id) ?? []), loss]);
  return groups;
}
