/**
 * `lock-order`: two locks that are taken in one order here and in the other one there.
 *
 * Rust does not find it either; it is the classic deadlock, which comes once in a thousand runs.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { lockPairs, type Pair } from "../../locks/order.js";
import { listed, shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import type { Report, Rule } from "../rule.js";
import { type Cycle, cyclesOf } from "./cycles.js";

export const lockOrder: Rule = {
  name: "lock-order",
  summary: "Two locks that are taken in both orders: each of two can hold the one that the other waits for",
  severity: "warning",
  rust: undefined,
  check(facts: Facts): readonly Report[] {
    const { models, modules } = facts;
    const pairs = lockPairs(sceneOf(facts), modules, facts.ownership().holdings);
    return pairs.length < 2 ? [] : cyclesOf(pairs, models).flatMap((cycle) => findingFor(facts, cycle));
  },
};

/** Said at the last place of the file that belongs to it. */
function findingFor({ file }: Facts, cycle: Cycle): readonly Report[] {
  const here = cycle.filter(({ module }) => module.file === file).sort((a, b) => b.at.start - a.at.start)[0];
  if (here === undefined) return [];
  const others = cycle.filter((pair) => pair !== here);
  const [held, taken] = [nameOf(here.held), nameOf(here.taken)];
  const elsewhere = others.length === 1 ? "elsewhere it is the other way round" : "others close the circle";
  return [
    {
      message: `\`${taken}\` is locked while \`${held}\` is held, and ${elsewhere}`,
      location: { file, ...here.at },
      label: `has \`${held}\` and waits for \`${taken}\``,
      related: [...locksOf(here), ...others.flatMap(placesOf)],
      notes: [
        `if ${others.length === 1 ? "both" : "all"} come to this point at the same time, each waits for a lock that another one holds, for ever`,
      ],
      help: [`Take ${listed([...new Set([held, taken])])} in one order everywhere, or hold only one at a time`],
      fixes: [],
      tags: [],
    },
  ];
}

function nameOf({ name }: Pair["held"]): string {
  return shortText(name.text);
}

/** Where a pair's locks are taken, and behind which call. */
function placesOf(pair: Pair): readonly Label[] {
  const { module, at, held, taken } = pair;
  const names = `\`${nameOf(taken)}\` is locked while \`${nameOf(held)}\` is held`;
  return [{ file: module.file, ...at, message: names }, ...locksOf(pair)];
}

/** Where the locks themselves are taken. */
function locksOf({ module, at, held, taken }: Pair): readonly Label[] {
  const first: Label = { ...held.at, message: `\`${nameOf(held)}\` is locked here` };
  const isAll = taken.at.file === module.file && taken.at.start === at.start && taken.at.end === at.end;
  return isAll ? [first] : [first, { ...taken.at, message: `and then \`${nameOf(taken)}\`` }];
}
