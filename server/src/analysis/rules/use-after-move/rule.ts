/**
 * `use-after-move`: a value that this thread has given away, or let go, and uses once more.
 *
 * Its sibling is rustc's E0382. What is found by the compiler there is found by the typestate of each value here.
 */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Module } from "../../mir/mir.js";
import type { Misuse } from "../../ownership/engine.js";
import type { Report, Rule } from "../rule.js";
import { findingFor } from "./findings.js";

export const useAfterMove: Rule = {
  name: "use-after-move",
  summary: "A value that is used after it was moved to a thread, sent, or dropped",
  severity: "error",
  rust: "E0382",
  check(facts: Facts): readonly Report[] {
    const misuses = facts.ownership().misuses.filter(({ at }) => !asksWhetherGone(facts.module, at));
    return [...groupByCause(misuses).values()].map((group) => findingFor(facts, group));
  },
};

/** `buffer.byteLength === 0`, `expect(buffer.byteLength).toBe(0)`, `buffer.detached`: who asks knows what becomes of it. */
function asksWhetherGone({ text }: Module, { start, end }: Span): boolean {
  const asked = /\.\s*(\w+)$/.exec(text.slice(start, end))?.[1];
  if (asked === "detached") return true;
  if (asked !== "byteLength" && asked !== "length") return false;
  const ahead = text.slice(end, end + 80);
  const before = text.slice(Math.max(0, start - 20), start);
  return (
    /^\s*(?:[!=]==?\s*0\b|,\s*0\s*[,)]|\)\s*(?:\.\s*\w+\s*)+\(\s*0\s*\))/.test(ahead) ||
    /\b0\s*(?:[!=]==?|,)\s*$/.test(before)
  );
}

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
