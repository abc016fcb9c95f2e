/** The guards that are held at a step, with the names of their locks. */
import type { Facts } from "../facts.js";
import type { BodyId, Local, Module } from "../mir/mir.js";
import type { LockAccess, Models } from "../models/model.js";
import type { Site } from "../ownership/engine.js";
import type { HeldGuard, Holding } from "../ownership/holdings.js";
import { analyseOwnership } from "../ownership/ownership.js";
import { roleOf, type Scene } from "../threads/starts.js";
import { isWithin } from "../threads/walk.js";
import { changesByTurn, type LockName, nameOf } from "./names.js";
import { takenThrough } from "./uses.js";

export interface HeldLock {
  readonly site: Site;
  /** Undefined where it cannot be told which lock it is. */
  readonly name: LockName | undefined;
  readonly access: LockAccess;
  /** The variable that is the guard. */
  readonly guard: Local | undefined;
  /** The name of that, or of the variable that the guard is in. */
  readonly holder: string | undefined;
}

/** What a finding says of it, whoever has it. */
export interface Taking extends Pick<HeldLock, "name" | "access" | "guard" | "holder"> {
  readonly site: Pick<Site, "call" | "step">;
}

export function heldLocks(scene: Scene, { guards, root }: Holding): readonly HeldLock[] {
  return [...guards.values()].flatMap((held) => lockOf(scene, held, root) ?? []);
}

function lockOf(scene: Scene, { site, holder: id, earlier }: HeldGuard, root: BodyId): HeldLock | undefined {
  const { module, models } = scene;
  const { call, step } = site;
  const guard = id === undefined ? undefined : module.locals[id];
  const around = site.local === undefined ? undefined : module.locals[site.local];
  const holder = guard?.name ?? around?.name;
  const role = roleOf(scene, call);
  if (role?.kind === "lock") {
    const access = role.access ?? "exclusive";
    const name = call.receiver === undefined ? undefined : nameOf(module, models, call.receiver);
    return { site, name: valid(scene, name, { earlier, root }), access, guard, holder };
  }
  if (step.kind !== "assign") return undefined;
  // A function that hands out the guard of the one lock it takes.
  const [use, ...others] = takenThrough(scene, { call, step });
  return use === undefined || others.length > 0
    ? undefined
    : { site, name: valid(scene, use.name, { earlier, root }), access: use.access, guard, holder };
}

/** Undefined where the name may mean another lock by now: in another turn of a loop, or another call of a callback. */
function valid(
  { module }: Scene,
  name: LockName | undefined,
  { earlier, root }: { readonly earlier: boolean; readonly root: BodyId },
): LockName | undefined {
  if (name?.base.kind !== "variable") return name;
  if (earlier && changesByTurn(name)) return undefined;
  const owner = module.locals[name.base.local]?.body;
  return owner !== undefined && owner !== root && isWithin(module, owner, root) ? undefined : name;
}

/** Whether one who has the lock lets the other one in. */
export function areCompatible(a: LockAccess, b: LockAccess): boolean {
  return a === "shared" && b === "shared";
}

/** The steps of a file at which something is held. */
export type HoldingsOf = (module: Module) => readonly Holding[];

/** Those of the file itself, and of the files that it calls. */
export function holdingsAround({ module, models, modules, ownership }: Facts): HoldingsOf {
  return (other) => {
    if (other === module) return ownership().holdings;
    if (modules.get(other.file) !== other) return [];
    return holdingsIn(other, models, modules);
  };
}

interface Known {
  readonly models: Models;
  readonly modules: ReadonlyMap<string, Module>;
  readonly holdings: readonly Holding[];
}

const known = new WeakMap<Module, Known>();

/** @param modules the file, and those that it calls */
export function holdingsIn(module: Module, models: Models, modules: ReadonlyMap<string, Module>): readonly Holding[] {
  const before = known.get(module);
  if (before?.models === models && areSame(before.modules, modules)) return before.holdings;
  const { holdings } = analyseOwnership(module, models, modules, { last: undefined });
  known.set(module, { models, modules, holdings });
  return holdings;
}

function areSame(a: ReadonlyMap<string, Module>, b: ReadonlyMap<string, Module>): boolean {
  return a.size === b.size && [...a].every(([file, module]) => b.get(file) === module);
}
