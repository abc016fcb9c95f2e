/**
 * `join-holding-lock`: whoever joins a thread holds a lock that the thread waits for.
 *
 * Rust does not find it either; it is the deadlock of two that wait for each other, one of them by `join`.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { dropFirst } from "../../locks/drop-first.js";
import { type BlockedJoin, blockedJoins } from "../../locks/joins.js";
import type { Holding } from "../../ownership/holdings.js";
import { closureName, shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import type { Scene } from "../../threads/starts.js";
import type { Report, Rule } from "../rule.js";

export const joinHoldingLock: Rule = {
  name: "join-holding-lock",
  summary: "A thread is joined by whoever holds a lock that the thread takes: each waits for the other",
  severity: "error",
  rust: undefined,
  check(facts: Facts): readonly Report[] {
    const { holdings } = facts.ownership();
    if (holdings.length === 0) return [];
    const scene = sceneOf(facts);
    return holdings.flatMap((holding) => {
      const [blocked] = blockedJoins(scene, holding);
      return blocked === undefined ? [] : [findingFor(facts, scene, holding, blocked)];
    });
  },
};

function findingFor({ file }: Facts, scene: Scene, holding: Holding, blocked: BlockedJoin): Report {
  const { awaited, start, held, use } = blocked;
  const lock = shortText(held.name?.text ?? use.name.text);
  const holder = held.holder === undefined ? "this function" : `\`${held.holder}\``;
  const label = (at: Omit<Label, "message">, message: string): Label => ({ ...at, message });
  const { spans } = awaited.site.call;
  const isScope = awaited.role?.kind === "scope";
  const fix = isScope ? undefined : dropFirst(scene, holding, held);
  return {
    message: `${isScope ? "the scope joins a thread that" : "this joins a thread that"} waits for \`${lock}\`, which ${holder} holds`,
    location: { file, ...(isScope ? spans.callee : spans.whole) },
    label: "waits for the thread, which waits for the lock: a deadlock",
    related: [
      label(
        { file, ...held.site.call.spans.whole },
        `\`${lock}\` is locked here${held.holder === undefined ? "" : `, and held by ${holder}`}`,
      ),
      label(use.at, `the thread's ${closureName(start.closure)} takes \`${lock}\` here`),
    ],
    notes: ["`join` waits until the thread ends, and the thread cannot end before it has had the lock"],
    help: [
      held.guard === undefined ? "Release the guard before the join" : `\`drop(${held.guard.name})\` before the join`,
    ],
    fixes: fix === undefined ? [] : [fix],
    tags: [],
  };
}
