/** Which locks a function takes, itself or through functions that it calls: what its callers must not hold. */
import type { Location } from "../diagnostic.js";
import { naturalLoops, successors } from "../flow/graph.js";
import type { BlockId, Body, Call, LocalId, Module, Operand } from "../mir/mir.js";
import type { LockAccess } from "../models/model.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../threads/starts.js";
import { type CallSite, indexModule, isWithin, type Use } from "../threads/walk.js";
import { type LockName, nameOf, nameWithin } from "./names.js";
import { hasOnePermit } from "./permits.js";

/** One taking of a lock. */
export interface LockUse {
  readonly name: LockName;
  readonly access: LockAccess;
  readonly mode: "async" | "sync";
  /** Each way through the function comes by here, unless it throws. */
  readonly always: boolean;
  /** The call that takes the lock. */
  readonly at: Location;
  /** The call in the function that is asked about: that one, or one that leads to it. */
  readonly from: Call;
  /** The function that takes it, where it is another one: its name. */
  readonly through: string | undefined;
}

/** Functions that call each other are followed this far. */
const maxDepth = 4;

const known = new WeakMap<Scene["find"], Map<Body, readonly LockUse[]>>();

/** The locks that a function takes, named by its own variables. */
export function locksTakenBy(scene: Scene, { module, body }: FunctionRef, depth = maxDepth): readonly LockUse[] {
  const memory = known.get(scene.find) ?? new Map<Body, readonly LockUse[]>();
  known.set(scene.find, memory);
  const before = memory.get(body);
  if (before !== undefined) return before;
  // A function that calls itself takes nothing more by that.
  memory.set(body, []);
  const inner = sceneIn(scene, module);
  const uses = (indexModule(module).callsOf.get(body.id) ?? []).flatMap((site) => takenAt(inner, body, site, depth));
  if (depth === maxDepth) memory.set(body, uses);
  else memory.delete(body);
  return uses;
}

function takenAt(scene: Scene, body: Body, site: CallSite, depth: number): readonly LockUse[] {
  const { call } = site;
  const role = roleOf(scene, call);
  const always = (): boolean => isPassedAlways(body, site.at.block);
  if (role?.kind === "lock") {
    const use = takenBy(scene, call);
    if (use === undefined || (use.mode === "async" && !isWaitedFor(scene.module, site))) return [];
    return [{ ...use, always: always() }];
  }
  if (depth === 0) return [];
  if (role?.kind === "each") {
    const callback = functionAt(scene, call.args[0]?.value);
    if (callback === undefined) return [];
    const { module } = scene;
    return locksTakenBy(scene, { module, body: callback }, depth - 1).flatMap((use) =>
      use.mode === "sync" && isVisible(use.name, module, callback)
        ? [{ ...use, from: call, always: use.always && always() }]
        : [],
    );
  }
  return role === undefined
    ? takenThrough(scene, site, depth - 1).map((use) => ({ ...use, always: use.always && always() }))
    : [];
}

/**
 * What a call of a function of the project takes before it is done.
 *
 * @param site `early`: its promise is waited for at another step.
 */
export function takenThrough(
  scene: Scene,
  { call, step, early = false }: Pick<CallSite, "call" | "step"> & { readonly early?: boolean },
  depth = maxDepth,
): readonly LockUse[] {
  const callee = calledFunction(scene, call);
  if (callee === undefined || callee.body.generator) return [];
  const waitedFor = early || isWaitedFor(scene.module, { step });
  return locksTakenBy(scene, callee, depth).flatMap((use) => {
    if (!waitedFor && (use.mode === "async" || callee.body.async)) return [];
    const name = translated(scene, call, callee, use.name);
    const through = use.through ?? callee.body.name ?? call.method;
    return name === undefined ? [] : [{ ...use, name, from: call, through }];
  });
}

/** Whoever is given the guard may drop it. */
export function isGiven({ site: { call } }: { readonly site: Pick<CallSite, "call"> }, guard: LocalId): boolean {
  return call.args.some(
    ({ value }) => value.kind === "place" && value.place.base === guard && value.place.path.length === 0,
  );
}

/** The lock that a call takes by itself, waiting for it. */
export function takenBy(scene: Scene, call: Call): Omit<LockUse, "always"> | undefined {
  const role = roleOf(scene, call);
  if (role?.kind !== "lock" || role.waits === "never" || call.receiver === undefined) return undefined;
  const { module, models } = scene;
  const name = nameOf(module, models, call.receiver);
  if (name === undefined || (role.access === "counted" && !hasOnePermit(module, models, name))) return undefined;
  const at = { file: module.file, ...call.spans.whole };
  return { name, access: role.access ?? "exclusive", mode: role.mode, at, from: call, through: undefined };
}

/** What the caller calls a lock that the callee knows by a name of its own. Undefined: the caller does not know it. */
export function translated(scene: Scene, call: Call, callee: FunctionRef, name: LockName): LockName | undefined {
  const { base } = name;
  if (base.kind === "declaration" || isVisible(name, callee.module, callee.body)) return name;
  const operand = givenFor(call, callee, base.local);
  return operand === undefined ? undefined : nameWithin(scene.module, scene.models, operand, name);
}

function givenFor(call: Call, { module, body }: FunctionRef, local: LocalId): Operand | undefined {
  const declared = module.locals[local];
  if (declared?.kind === "this") return declared.body === body.id && call.form === "call" ? call.receiver : undefined;
  const position = body.params.findIndex((param) => param.arrives === local && !param.rest);
  const given =
    position < 0 || call.args.slice(0, position + 1).some((each) => each.spread) ? undefined : call.args[position];
  return given?.value;
}

/** Whether a name means something outside of the function too. */
export function isVisible({ base }: LockName, module: Module, body: Body): boolean {
  if (base.kind === "declaration") return true;
  const declaredIn = base.module.locals[base.local]?.body;
  return base.module !== module || declaredIn === undefined || !isWithin(module, declaredIn, body.id);
}

/** Whether the promise of a call is awaited at once, or left to the caller to wait for. */
export function isWaitedFor(module: Module, site: Pick<CallSite, "step">): boolean {
  return isAwaited(module, site) || usesOfResult(module, site).some(({ terminator }) => terminator?.kind === "return");
}

/** Whether the promise of a call is awaited at once. */
export function isAwaited(module: Module, site: Pick<CallSite, "step">): boolean {
  return usesOfResult(module, site).some(({ step }) => step?.kind === "assign" && step.value.kind === "await");
}

function usesOfResult(module: Module, { step }: Pick<CallSite, "step">): readonly Use[] {
  if (step.to.path.length > 0 || module.locals[step.to.base]?.kind !== "temp") return [];
  return (indexModule(module).uses.get(step.to.base) ?? []).filter(({ access }) => access === "read");
}

/** The function that an operand is. */
export function functionAt({ module }: Scene, operand: Operand | undefined): Body | undefined {
  if (operand?.kind === "function") return module.bodies[operand.body];
  if (operand?.kind !== "place" || operand.place.path.length > 0) return undefined;
  const local = module.locals[operand.place.base];
  return local?.function === undefined || local.reassigned ? undefined : module.bodies[local.function];
}

/**
 * Whether all ways through a body pass a block, but for those that throw. Of loops over something it is taken that there
 * is something.
 */
export function isPassedAlways(body: Body, block: BlockId): boolean {
  const loops = [...naturalLoops(body.blocks)].filter(
    ([head, members]) => members.has(block) && body.blocks[head]?.loop?.kind !== "while",
  );
  const met = new Set<BlockId>([block]);
  const waiting: BlockId[] = [0];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const here = body.blocks[id];
    if (here === undefined || met.has(id)) continue;
    met.add(id);
    if (here.end.kind === "return") return false;
    const ways = successors(here).filter((next) => next !== here.unwind || here.end.kind === "throw");
    const around = loops.filter(([head]) => head === id).flatMap(([, members]) => [...members]);
    waiting.push(...ways.filter((next) => around.length === 0 || around.includes(next)));
  }
  return true;
}
