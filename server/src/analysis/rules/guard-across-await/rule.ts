/**
 * `guard-across-await`: a lock stays locked while its holder waits for something that can take long.
 *
 * Clippy's `await_holding_lock`. There the thread itself may stop; here only those stop that want the lock, which is bad enough.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { callbacksUnderLocks } from "../../locks/callbacks.js";
import { dropFirst } from "../../locks/drop-first.js";
import { type HeldLock, heldLocks, holdingsAround } from "../../locks/held.js";
import { blockedJoins } from "../../locks/joins.js";
import { takeLocks } from "../../locks/order.js";
import { type SlowWait, slowWait } from "../../locks/slow.js";
import { isGiven } from "../../locks/uses.js";
import type { Body } from "../../mir/mir.js";
import type { Holding } from "../../ownership/holdings.js";
import { listed, shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import type { Scene } from "../../threads/starts.js";
import { indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";

export const guardAcrossAwait: Rule = {
  name: "guard-across-await",
  summary: "A lock is held while its holder waits for a thread, a message, a timer or an answer",
  severity: "warning",
  rust: "await_holding_lock",
  check(facts: Facts): readonly Report[] {
    const { holdings } = facts.ownership();
    const scene = sceneOf(facts);
    const inFunctions = holdings.flatMap((holding) => {
      const wait = slowWait(scene, holding, holding.step);
      if (wait === undefined) return [];
      const blocked = new Set(blockedJoins(scene, holding).map(({ held }) => held.site));
      const held = heldLocks(scene, holding).filter(
        (each) => each.access !== "counted" && !blocked.has(each.site) && !mayBeGivenBack(each, wait),
      );
      const [first] = held;
      return first === undefined ? [] : [findingFor(facts, scene, { holding, wait, held: [first, ...held.slice(1)] })];
    });
    return takeLocks(facts.modules, facts.models) ? [...inFunctions, ...callbackFindings(facts, scene)] : inFunctions;
  },
};

/** Whoever is given the guard may drop it, and a Condvar gives back the lock of the one that it is given. */
function mayBeGivenBack({ guard }: HeldLock, { awaited }: SlowWait): boolean {
  if (awaited === undefined) return false;
  return guard === undefined ? awaited.role?.kind === "relock" : isGiven(awaited, guard.id);
}

/** Callbacks that wait under the lock that they are called with: `withLock(stock, async (s) => …)`. */
function callbackFindings(facts: Facts, scene: Scene): readonly Report[] {
  const { file, module } = facts;
  return callbacksUnderLocks(scene, holdingsAround(facts)).flatMap(({ call, callback, waits, gets, held }) => {
    // A lock that guards no value is there to let one in at a time, however long that takes.
    if (!waits || !gets) return [];
    return slowSteps(scene, callback).map((wait) => {
      const caller = shortText(textOf(module, call.spans.callee));
      const lock = held.name === undefined ? "a lock" : `\`${shortText(held.name.text)}\``;
      return {
        message: `${lock} is held by \`${caller}\` while ${waiting(wait)}`,
        location: { file, ...wait.span },
        label: `waits ${wait.what}; whoever wants the lock waits too`,
        related: [
          { file, ...call.spans.callee, message: `\`${caller}\` calls the callback` },
          { ...held.at, message: "and holds the lock until its promise is settled" },
          ...placesOf(wait),
        ],
        notes: [note],
        help: [`Wait before or behind \`${caller}\`, and do under the lock only what needs it`],
        fixes: [],
        tags: [],
      };
    });
  });
}

function slowSteps(scene: Scene, { id, blocks }: Body): readonly SlowWait[] {
  return blocks.flatMap(({ id: block, steps }) =>
    steps.flatMap((step, index) => slowWait(scene, { body: id, block, index }, step) ?? []),
  );
}

/** "this waits for a message" */
function waiting({ through, what }: SlowWait): string {
  return `${through === undefined ? "this" : `\`${through.name}\``} waits ${what}`;
}

function placesOf({ through }: SlowWait): readonly Label[] {
  return through === undefined ? [] : [{ ...through.at, message: `\`${through.name}\` waits here` }];
}

const note =
  "a lock is meant to be held for moments: nobody else gets on while it is, and if one of those is what is waited for, nobody ever does";

interface Found {
  readonly holding: Holding;
  readonly wait: SlowWait;
  readonly held: readonly [HeldLock, ...HeldLock[]];
}

function findingFor(facts: Facts, scene: Scene, { holding, wait, held }: Found): Report {
  const { file } = facts;
  const names = [...new Set(held.flatMap(({ holder }) => holder ?? []))];
  const who = names.length === 0 ? "a lock" : listed(names);
  const [only, ...others] = held;
  const fix = others.length > 0 ? undefined : dropFirst(scene, holding, only);
  const [guard] = held.flatMap((each) => each.guard?.name ?? []);
  return {
    message: `${who} ${names.length > 1 ? "are" : "is"} held while ${waiting(wait)}`,
    location: { file, ...wait.span },
    label: `waits ${wait.what}; whoever wants the lock waits too`,
    related: [
      ...held.map(({ site, name, holder }) => ({
        file,
        ...site.call.spans.whole,
        message: `${name === undefined ? "the lock" : `\`${shortText(name.text)}\``} is locked here${holder === undefined ? "" : `, and held by \`${holder}\``}`,
      })),
      ...placesOf(wait),
    ],
    notes: [note],
    help: [
      guard === undefined
        ? "Release the guard before, and lock again behind it"
        : `Read what is needed, \`drop(${guard})\` before, and lock again behind it if that is needed`,
    ],
    fixes: fix === undefined ? [] : [{ ...fix, preferred: isForItsValue(facts, only) }],
    tags: [],
  };
}

/** The guard's value was used. A lock that only keeps others out may be meant to do so while something takes long. */
function isForItsValue({ module }: Facts, { guard }: HeldLock): boolean {
  const uses = guard === undefined ? [] : (indexModule(module).uses.get(guard.id) ?? []);
  return uses.some(({ place }) => place.path[0]?.kind === "field" && place.path[0].name === "value");
}
