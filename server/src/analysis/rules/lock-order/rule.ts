/**
 * `lock-order`: two locks that are taken in one order here and in the other one there.
 *
 * Rust does not find it either; it is the classic deadlock, which comes once in a thousand runs.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { holdingsAround, holdingsIn } from "../../locks/held.js";
import { keyOf } from "../../locks/names.js";
import { areOfOneObject, classKeysOf, lockPairs, type Pair } from "../../locks/order.js";
import type { Neighbourhood } from "../../neighbourhood.js";
import { listed, shortText } from "../../threads/naming.js";
import { sceneIn, sceneOf, scenesOver } from "../../threads/scene.js";
import type { Report, Rule } from "../rule.js";
import { type Cycle, cyclesOf } from "./cycles.js";

export const lockOrder: Rule = {
  name: "lock-order",
  summary: "Two locks that are taken in both orders: each of two can hold the one that the other waits for",
  severity: "warning",
  rust: undefined,
  around: (facts) => sharedFiles(facts.file, pairsOf(facts)),
  check(facts: Facts): readonly Report[] {
    const { file, models } = facts;
    const around = facts.neighbourhood();
    // One of too many neighbours has its own files to look at, still.
    const neighbourhood = around?.modules.has(file) === true ? around : undefined;
    const pairs = neighbourhood === undefined ? pairsOf(facts) : pairsIn(facts, neighbourhood);
    if (pairs.length < 2) return [];
    const together = neighbourhood?.together ?? (() => true);
    return cyclesOf(file, pairs, { models, together }).flatMap((cycle) => findingFor(facts, cycle));
  },
};

const found = new WeakMap<Facts | Neighbourhood, readonly Pair[]>();

/** The pairs of a file and of those that it calls. */
function pairsOf(facts: Facts): readonly Pair[] {
  return remembered(facts, () => {
    const scene = sceneOf(facts);
    const scenes = [...facts.modules.values()].map((module) => sceneIn(scene, module));
    return lockPairs(scenes, holdingsAround(facts));
  });
}

/** Those of all files in the neighbourhood, which are the same for each of them. */
function pairsIn({ models }: Facts, neighbourhood: Neighbourhood): readonly Pair[] {
  return remembered(neighbourhood, () => {
    const { modules, called } = neighbourhood;
    const scenes = scenesOver(modules, models);
    return lockPairs(scenes, (module) => holdingsIn(module, models, called(module)));
  });
}

function remembered(of: Facts | Neighbourhood, make: () => readonly Pair[]): readonly Pair[] {
  const before = found.get(of);
  const pairs = before ?? make();
  if (before === undefined) found.set(of, pairs);
  return pairs;
}

/** The files that declare locks which other files can take, too, of those that are held two at a time in this one. */
function sharedFiles(file: string, pairs: readonly Pair[]): readonly string[] {
  const own = pairs.filter(({ module }) => module.file === file);
  const taken = own.flatMap(({ held, taken }) => [held.name, taken.name]);
  const declared = new Map(
    taken.flatMap((name) =>
      name.base.kind === "declaration" && name.base.exported ? [[keyOf(name), name.base.file]] : [],
    ),
  );
  const fields = own.flatMap((pair) => {
    if (classKeysOf(pair) === undefined) return [];
    const names = [pair.held.name, pair.taken.name];
    // What is private to one class is taken in its own file.
    if (areOfOneObject(pair) && names.some(({ field }) => field?.path.startsWith(".#"))) return [];
    return names.flatMap(({ field, base }) => field?.file ?? (base.kind === "declaration" ? base.file : []));
  });
  // Where others can name one of them only, they cannot take two the other way round.
  return [...fields, ...(declared.size > 1 ? declared.values() : [])];
}

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
