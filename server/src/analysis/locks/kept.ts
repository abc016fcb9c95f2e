/**
 * Guards that outlive the statement which took the lock, in a field, in a variable of the module, or in a function that was
 * returned to give the lock back: `this.#open = …`, `const release = await acquire()`.
 */
import type { Body, BodyId, LocalId, Module, Operand, Step, Value } from "../mir/mir.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../threads/starts.js";
import { bodyOf, type CallSite, indexModule, isWithin, onlyDefinition, type Point, type Use } from "../threads/walk.js";
import type { Taking } from "./held.js";
import { type Keeper, keeperOf, keeperText, wayOf } from "./keepers.js";
import { type LockName, nameOf } from "./names.js";
import { isPassedAlways, translated } from "./uses.js";

/** A guard that a function keeps from one of its steps on. */
export interface Kept {
  readonly body: Body;
  readonly from: Point;
  readonly keeper: Keeper;
  readonly held: Taking & { readonly name: LockName };
}

/** Those of a file. */
export function keptGuards(scene: Scene): readonly Kept[] {
  const { module } = scene;
  return indexModule(module).calls.flatMap((site) => [...keptAt(scene, site), ...keptThrough(scene, site)]);
}

/** What a lock that is taken here is put into. */
function keptAt(scene: Scene, site: CallSite): readonly Kept[] {
  const { module } = scene;
  const taken = takenForGood(scene, site);
  const keeper = taken && keeperOf(module, taken.end.step.to);
  if (taken === undefined || keeper === undefined) return [];
  const { name, access, end } = taken;
  const held = { site, access, name, holder: keeperText(module, keeper), guard: undefined };
  return [{ body: bodyOf(module, site.at), from: end.at, keeper, held }];
}

interface TakenForGood extends Pick<Kept["held"], "name" | "access"> {
  /** Where the guard arrives. */
  readonly end: Assignment;
}

/** A lock with a name that a call waits for, and which is held until its guard is dropped. */
function takenForGood(scene: Scene, site: CallSite): TakenForGood | undefined {
  const role = roleOf(scene, site.call);
  if (role?.kind !== "lock" || role.access === "counted" || role.waits === "never") return undefined;
  const name = site.call.receiver && nameOf(scene.module, scene.models, site.call.receiver);
  const end = name && endOf(scene, site);
  return name && end && { name, access: role.access ?? "exclusive", end };
}

type Assignment = { readonly at: Point; readonly step: Step & { readonly kind: "assign" } };

/** Where what a call gives arrives once it was awaited and unwrapped, through temporaries that are used once. */
function endOf(scene: Scene, made: Assignment): Assignment | undefined {
  const { module } = scene;
  const { base, path } = made.step.to;
  if (path.length > 0 || module.locals[base]?.kind !== "temp") return made;
  const uses = (indexModule(module).uses.get(base) ?? []).filter(({ access }) => access === "read");
  const [use] = uses;
  if (use?.step?.kind !== "assign" || uses.length > 1 || !handsOn(scene, use.step.value)) return undefined;
  return endOf(scene, { at: use.at, step: use.step });
}

function handsOn(scene: Scene, value: Value): boolean {
  if (value.kind === "use" || value.kind === "await") return true;
  return value.kind === "call" && roleOf(scene, value)?.kind === "unwrap";
}

/** What a function keeps for whoever calls it: `await this.begin()`, `const release = await acquire()`. */
function keptThrough(scene: Scene, site: CallSite): readonly Kept[] {
  const { module } = scene;
  if (roleOf(scene, site.call) !== undefined) return [];
  const callee = calledFunction(scene, site.call);
  if (callee === undefined || callee.body.generator) return [];
  const inside = sceneIn(scene, callee.module);
  const end = settledAt(module, callee.body.async, site);
  return end === undefined
    ? []
    : [...stored(scene, inside, { site, callee, end }), ...returned(scene, inside, { site, callee, end })];
}

interface Through {
  readonly site: CallSite;
  readonly callee: FunctionRef;
  readonly end: Assignment;
}

/** Where a call is done: at once, or where its promise is awaited next. */
function settledAt(module: Module, isAsync: boolean, site: CallSite): Assignment | undefined {
  if (!isAsync) return site;
  const { base, path } = site.step.to;
  if (path.length > 0 || module.locals[base]?.kind !== "temp") return undefined;
  const use = (indexModule(module).uses.get(base) ?? []).find(({ access }) => access === "read");
  return use?.step?.kind === "assign" && use.step.value.kind === "await" ? { at: use.at, step: use.step } : undefined;
}

/** What it put into a field of the same object, or into a variable of the same module, and leaves there. */
function stored(scene: Scene, inside: Scene, { site, callee, end }: Through): readonly Kept[] {
  const { receiver } = site.call;
  const isOwn =
    receiver?.kind === "place" &&
    receiver.place.path.length === 0 &&
    scene.module.locals[receiver.place.base]?.kind === "this";
  return storedBy(inside, callee.body).flatMap(({ keeper, held }) => {
    if (keeper.kind === "field" ? !isOwn : callee.module !== scene.module) return [];
    const name = translated(scene, site.call, callee, held.name);
    if (name === undefined) return [];
    return [{ body: bodyOf(scene.module, site.at), from: end.at, keeper, held: { ...held, site, name } }];
  });
}

const storing = new WeakMap<Scene["find"], Map<Body, readonly Kept[]>>();

function storedBy(scene: Scene, body: Body): readonly Kept[] {
  const memory = storing.get(scene.find) ?? new Map<Body, readonly Kept[]>();
  storing.set(scene.find, memory);
  const before = memory.get(body);
  if (before !== undefined) return before;
  const found = (indexModule(scene.module).callsOf.get(body.id) ?? [])
    .flatMap((site) => keptAt(scene, site))
    .filter((kept) => isPassedAlways(body, kept.from.block) && !wayOf(scene, kept, () => false).mayRelease);
  memory.set(body, found);
  return found;
}

/** The guard that what it returns gives back. */
function returned(scene: Scene, inside: Scene, { site, callee, end }: Through): readonly Kept[] {
  const holder = scene.module.locals[namedBy(scene.module, end)];
  const found = releaserOf(inside, callee.body);
  if (holder?.name === undefined || holder.reassigned || holder.exported || found === undefined) return [];
  const name = translated(scene, site.call, callee, found.name);
  if (name === undefined) return [];
  const keeper: Keeper = { kind: "releaser", local: holder.id, plain: found.plain };
  const held = { site, access: found.access, name, holder: holder.name, guard: undefined };
  return [{ body: bodyOf(scene.module, site.at), from: end.at, keeper, held }];
}

/** The variable that a result is for good. */
function namedBy(module: Module, { step }: Assignment): LocalId {
  const { base } = step.to;
  const [use, ...others] = (indexModule(module).uses.get(base) ?? []).filter(({ access }) => access === "read");
  const next = use?.step;
  const isNamed = next?.kind === "assign" && next.declares && next.value.kind === "use" && next.to.path.length === 0;
  return module.locals[base]?.kind === "temp" && isNamed && others.length === 0 ? next.to.base : base;
}

interface Releaser extends Pick<Kept["held"], "name" | "access"> {
  readonly plain: ReadonlySet<string>;
}

/** The lock that a function takes and leaves to what it returns, which alone has the guard. */
function releaserOf(scene: Scene, body: Body): Releaser | undefined {
  const { module } = scene;
  const { callsOf } = indexModule(module);
  const taken = (callsOf.get(body.id) ?? []).flatMap((site) => {
    const lock = takenForGood(scene, site);
    const guard = lock?.end.step.to.path.length === 0 ? module.locals[lock.end.step.to.base] : undefined;
    return lock !== undefined && guard?.kind === "const" && guard.body === body.id ? [{ ...lock, guard }] : [];
  });
  const [only, ...others] = taken;
  const ends = body.blocks.flatMap(({ end }) => (end.kind === "return" ? [end.operand] : []));
  const [operand] = ends;
  if (only === undefined || others.length > 0 || operand === undefined || ends.length > 1) return undefined;
  const made = returnedFunctions(module, operand);
  if (made === undefined) return undefined;
  // Nobody else may have it: all that is done with it outside of these functions is to look at its value.
  const uses = indexModule(module).uses.get(only.guard.id) ?? [];
  const isElsewhere = (use: Use): boolean => !made.functions.some((each) => isWithin(module, use.at.body, each));
  const isIdle = ({ step, access, place: { path } }: Use): boolean =>
    access === "write" || step?.kind === "end-scope" || (path[0]?.kind === "field" && path[0].name === "value");
  const isTheirs = uses.some((use) => !isElsewhere(use)) && uses.every((use) => !isElsewhere(use) || isIdle(use));
  return isTheirs ? { name: only.name, access: only.access, plain: made.plain } : undefined;
}

/** The functions in what is returned, and the fields of it that are none. */
function returnedFunctions(
  module: Module,
  operand: Operand,
): { readonly functions: readonly BodyId[]; readonly plain: ReadonlySet<string> } | undefined {
  if (operand.kind === "function") return { functions: [operand.body], plain: new Set() };
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const local = module.locals[operand.place.base];
  if (local?.function !== undefined && !local.reassigned) return { functions: [local.function], plain: new Set() };
  const value = onlyDefinition(module, operand.place.base)?.step.value;
  if (value?.kind !== "object" || value.fields.some(({ spread, name }) => spread || name === undefined))
    return undefined;
  const functions = value.fields.flatMap((each) => (each.value.kind === "function" ? [each.value.body] : []));
  const plain = value.fields.flatMap(({ name, value: each }) =>
    name !== undefined && (each.kind === "constant" || (each.kind === "place" && each.place.path.length > 0))
      ? [name]
      : [],
  );
  return { functions, plain: new Set(plain) };
}
