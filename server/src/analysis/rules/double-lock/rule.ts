/**
 * `double-lock`: a lock is taken again by whoever holds it, and waits for itself.
 *
 * Rust's `Mutex` deadlocks or panics in this case, and nothing finds it there before it happens.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { lockedCallbacks } from "../../locks/callbacks.js";
import { dropFirst } from "../../locks/drop-first.js";
import { takenDuring } from "../../locks/during.js";
import { areCompatible, type HeldLock, heldLocks, holdingsAround, type Taking } from "../../locks/held.js";
import { releases, wayOf } from "../../locks/keepers.js";
import { type Kept, keptGuards } from "../../locks/kept.js";
import { keyOf, nameOf } from "../../locks/names.js";
import { takeLocks } from "../../locks/order.js";
import { isGiven, type LockUse, translated } from "../../locks/uses.js";
import { type Awaited, awaitedCalls } from "../../locks/waiting.js";
import type { Step } from "../../mir/mir.js";
import type { Holding } from "../../ownership/holdings.js";
import { shortText } from "../../threads/naming.js";
import { reachableFrom } from "../../threads/reach.js";
import { sceneIn, sceneOf } from "../../threads/scene.js";
import { calledFunction, roleOf, type Scene } from "../../threads/starts.js";
import type { CallSite, Point } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { givenTwice } from "./given-twice.js";
import { noteOn } from "./notes.js";
import { onceAgain } from "./once-again.js";

export const doubleLock: Rule = {
  name: "double-lock",
  summary: "A lock that is taken again while its guard is alive: it waits for itself, for ever",
  severity: "error",
  rust: undefined,
  check(facts: Facts): readonly Report[] {
    const { holdings } = facts.ownership();
    const scene = sceneOf(facts);
    const inFunctions = holdings.flatMap((holding) => {
      const [again] = takenAgain(scene, holding, holdings);
      return again === undefined ? [] : [findingFor(facts, scene, holding, again)];
    });
    return [
      ...inFunctions,
      ...keptFindings(facts, scene),
      ...givenTwice(facts, scene),
      ...callbackFindings(facts, scene),
      ...onceAgain(facts, scene),
    ];
  },
};

interface Again {
  readonly use: LockUse;
  readonly held: Taking;
  readonly awaited: Awaited;
}

function takenAgain(scene: Scene, holding: Holding, all: readonly Holding[]): readonly Again[] {
  const held = heldLocks(scene, holding);
  return awaitedCalls(scene, holding).flatMap((awaited) =>
    takenDuring(scene, holding, awaited).flatMap((use) =>
      held
        .filter(({ site }) => !awaited.early || isHeldAt(awaited.site, site, all))
        .filter(
          ({ name, access }) =>
            name !== undefined && keyOf(name) === keyOf(use.name) && !areCompatible(access, use.access),
        )
        .filter(({ guard }) => guard === undefined || holding.step.value.kind !== "call" || !isGiven(awaited, guard.id))
        .map((each) => ({ use, held: each, awaited })),
    ),
  );
}

/** Whoever asked for the lock before it was taken here has had it. */
function isHeldAt({ at }: CallSite, guard: HeldLock["site"], all: readonly Holding[]): boolean {
  return all.some(
    ({ body, block, index, guards }) =>
      body === at.body &&
      block === at.block &&
      index === at.index &&
      [...guards.values()].some(({ site }) => site === guard),
  );
}

function findingFor(facts: Facts, scene: Scene, holding: Holding, { use, held, awaited }: Again): Report {
  const { file, module } = facts;
  const { call } = awaited.site;
  const lock = shortText(use.name.text);
  const { holder } = held;
  const before = shortText(held.name?.text ?? use.name.text);
  const same = before === lock ? "" : ", the same lock,";
  const first: Label = {
    file,
    ...held.site.call.spans.whole,
    message: `\`${before}\`${same} is locked here${holder === undefined ? "" : `, and held by \`${holder}\``}`,
  };
  const isElsewhere = use.through !== undefined && (use.at.file !== file || use.at.start !== first.start);
  const inside: Label[] = isElsewhere ? [{ ...use.at, message: `\`${use.through}\` takes the lock here` }] : [];
  const fix = dropFirst(scene, holding, held);
  return {
    message:
      use.through === undefined
        ? `\`${lock}\` is locked again while ${holder === undefined ? "it is held" : `\`${holder}\` holds it`}`
        : `\`${shortText(textOf(module, call.spans.callee))}\` locks \`${lock}\` again while ${holder === undefined ? "it is held" : `\`${holder}\` holds it`}`,
    location: { file, ...call.spans.whole },
    label: "waits for a lock that is only released behind this: a deadlock",
    related: [first, ...inside],
    notes: [noteOn(use, held)],
    help: [
      holder === undefined ? "Release the first guard before" : `Use \`${holder}\`, or \`drop(${holder})\` before`,
    ],
    fixes: fix === undefined ? [] : [fix],
    tags: [],
  };
}

/** A lock that is taken again while a field, or what a function returned, has its guard, which is given back only behind that. */
function keptFindings(facts: Facts, scene: Scene): readonly Report[] {
  if (!takeLocks(facts.modules, facts.models)) return [];
  return keptGuards(scene).flatMap((kept) => {
    const found = new Map<Step, Omit<Again, "held">>();
    const isAgain = ({ body, block, index }: Point, step: Step): boolean => {
      const again = takenAt(scene, { body, block, index, step }, kept) ?? takenFirst(scene, { block, index }, kept);
      if (again !== undefined) found.set(step, again);
      return again !== undefined;
    };
    const { goals, isLeft, mayRelease } = wayOf(scene, kept, isAgain);
    const [goal] = goals;
    if (goal === undefined || isLeft || mayRelease || !isReleasedBehind(scene, kept, goal)) return [];
    const step = kept.body.blocks[goal.block]?.steps[goal.index];
    const again = step && found.get(step);
    if (step?.kind !== "assign" || again === undefined) return [];
    const holding = { ...goal, root: kept.body.id, step, guards: new Map() };
    const finding = findingFor(facts, scene, holding, { ...again, held: kept.held });
    const { holder } = kept.held;
    return [
      kept.keeper.kind === "releaser"
        ? { ...finding, help: [`Give the lock back with \`${holder}\` before`] }
        : finding,
    ];
  });
}

function takenAt(scene: Scene, at: Point & { readonly step: Step }, { held }: Kept): Omit<Again, "held"> | undefined {
  const { step } = at;
  if (step.kind !== "assign") return undefined;
  const holding: Holding = { ...at, step, root: at.body, guards: new Map() };
  for (const awaited of awaitedCalls(scene, holding)) {
    const isWaiting = step.value.kind !== "call" || awaited.role?.kind !== "lock" || awaited.role.mode === "sync";
    const [use] = takenDuring(scene, holding, awaited).filter(
      ({ name, access }) => keyOf(name) === keyOf(held.name) && !areCompatible(held.access, access),
    );
    if (use !== undefined && isWaiting && !awaited.early && awaited.site.step !== held.site.step)
      return { use, awaited };
  }
  return undefined;
}

/** A call that is awaited next, of a function that takes the lock before anything that could give it back. */
function takenFirst(
  scene: Scene,
  { block, index }: Pick<Point, "block" | "index">,
  kept: Kept,
): Omit<Again, "held"> | undefined {
  const [step, next] = kept.body.blocks[block]?.steps.slice(index, index + 2) ?? [];
  if (step?.kind !== "assign" || step.value.kind !== "call" || next?.kind !== "assign") return undefined;
  if (next.value.kind !== "await" || roleOf(scene, step.value) !== undefined) return undefined;
  const { value: call } = step;
  const again = takenAt(scene, { body: kept.body.id, block, index: index + 1, step: next }, kept);
  const callee = again?.awaited.site.step === step ? calledFunction(scene, call) : undefined;
  if (callee === undefined || (kept.keeper.kind === "variable" && callee.module !== scene.module)) return undefined;
  const inside = sceneIn(scene, callee.module);
  const isTaken = (_: Point, each: Step): boolean => {
    const taken = each.kind === "assign" && each.value.kind === "call" ? each.value : undefined;
    const isLock = taken?.receiver !== undefined && roleOf(inside, taken)?.kind === "lock";
    const name = isLock ? nameOf(inside.module, inside.models, taken.receiver) : undefined;
    const outside = name && translated(scene, call, callee, name);
    return outside !== undefined && keyOf(outside) === keyOf(kept.held.name);
  };
  const from = { body: callee.body.id, block: 0, index: -1 };
  const { goals, mayRelease } = wayOf(inside, { body: callee.body, from, keeper: kept.keeper }, isTaken);
  return goals.length > 0 && !mayRelease ? again : undefined;
}

/** Who gives the lock back behind the step has it until then. */
function isReleasedBehind(scene: Scene, { body, keeper }: Kept, goal: Point): boolean {
  const isBehind = reachableFrom(body, goal);
  return body.blocks.some(({ id, steps }) =>
    steps.some((step, index) => isBehind({ body: body.id, block: id, index }) && releases(scene, keeper, step)),
  );
}

/** Callbacks that take the lock under which they are called. */
function callbackFindings(facts: Facts, scene: Scene): readonly Report[] {
  const { file, models, module, modules } = facts;
  if (!takeLocks(modules, models)) return [];
  return lockedCallbacks(scene, holdingsAround(facts)).flatMap(({ call, held, use }) => {
    if (keyOf(held.name) !== keyOf(use.name) || areCompatible(held.access, use.access)) return [];
    const lock = shortText(held.name.text);
    const caller = shortText(textOf(module, call.spans.callee));
    return [
      {
        message: `\`${lock}\` is locked again in a callback that \`${caller}\` calls while it holds it`,
        location: { file, ...use.from.spans.whole },
        label: "waits for a lock that is only released behind this: a deadlock",
        related: [
          { file, ...call.spans.callee, message: `\`${caller}\` calls the callback` },
          { ...held.at, message: "and holds the lock that is taken here" },
        ],
        notes: [noteOn(use, held)],
        help: [`Use what \`${caller}\` gives to the callback, or lock again behind it`],
        fixes: [],
        tags: [],
      },
    ];
  });
}
