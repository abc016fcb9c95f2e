/**
 * `use-after-move`: a value that this thread has given away, or let go, and uses once more.
 *
 * Its sibling is rustc's E0382. What is found by the compiler there is found by the typestate of each value here.
 */
import type { Facts } from "../../facts.js";
import type { Misuse } from "../../ownership/engine.js";
import type { Report, Rule } from "../rule.js";
import { findingFor } from "./findings.js";

export const useAfterMove: Rule = {
  name: "use-after-move",
  summary: "A value that is used after it was moved to a thread, sent, or dropped",
  severity: "error",
  rust: "E0382",
  check(facts: Facts): readonly Report[] {
    return [...groupByCause(facts.ownership().misuses).values()].map((group) => findingFor(facts, group));
  },
};

/** One move is the cause of every use behind it. */
function groupByCause(misuses: readonly Misuse[]): ReadonlyMap<number, readonly [Misuse, ...Misuse[]]> {
  const groups = new Map<number, [Misuse, ...Misuse[]]>();
  for (const misuse of misuses) {
    const known = groups.get(misuse.since.span.start);
    if (known === undefined) groups.set(misuse.since.span.start, [misuse]);
    else known.push(misuse);
  }
  return groups;
}
