/**
 * In which order locks are taken, one while another is held: the edges of the lock-order graph, as Havelund's "Using runtime
 * analysis to guide model checking of Java programs" (2000) has them, here for all paths and not for one run.
 */
import type { Location, Span } from "../diagnostic.js";
import type { Body, BodyId, Call, Module } from "../mir/mir.js";
import type { LockAccess, Models, Role } from "../models/model.js";
import { roleOf as roleInModule } from "../models/roles.js";
import type { Holding } from "../ownership/holdings.js";
import { calledFunction, type FunctionRef, roleOf, type Scene, threadStarts } from "../threads/starts.js";
import { type CallSite, indexModule } from "../threads/walk.js";
import { callsParameter, type LockedCallback, lockedCallbacks } from "./callbacks.js";
import { type HoldingsOf, heldLocks } from "./held.js";
import { threadOnly } from "./in-threads.js";
import { nameOutside } from "./joins.js";
import { type Field, fieldKey, keyOf, type LockName } from "./names.js";
import { isVisible, isWaitedFor, type LockUse, takenBy, takenThrough, translated } from "./uses.js";
import { awaitedCalls } from "./waiting.js";

/** One lock is taken while another is held. */
export interface Pair {
  readonly held: Taken;
  readonly taken: Taken;
  /** The function in whose terms the locks are named, and where in it that happens. */
  readonly module: Module;
  readonly body: BodyId;
  readonly at: Span;
  /** The keys of further locks that are held: whoever holds one of them as well cannot come in between. */
  readonly gates: ReadonlySet<string>;
  /** A thread of its own does it; a promise that nobody awaits at once; or else the function itself. */
  readonly by: "thread" | "promise" | "function";
  /** The functions that were given the locks on the way. */
  readonly through: readonly Body[];
}

export interface Taken {
  readonly name: LockName;
  readonly access: LockAccess;
  readonly mode: LockUse["mode"];
  readonly at: Location;
}

/** Pairs go through so many calls at most. */
const maxRounds = 4;

/** All pairs in these files, which one scene sees. */
export function lockPairs(scenes: readonly Scene[], holdingsOf: HoldingsOf): readonly Pair[] {
  const taking = scenes.filter(({ module, models }) => rolesIn(module, models).has("lock"));
  if (taking.length === 0) return [];
  const holdings = taking.map((scene) => ({ scene, list: holdingsOf(scene.module) }));
  const all = holdings.flatMap((one) => one.list.flatMap((holding) => pairsAt(one.scene, holding)));
  if (holdings.some(({ scene, list }) => list.some((holding) => callsParameter(scene.module, holding)))) {
    for (const scene of scenes) {
      all.push(...lockedCallbacks(scene, holdingsOf).flatMap((one) => pairsInCallback(scene.module, one)));
    }
  }
  if (all.length === 0) return [];
  const gates: Gates = new Map(holdings.flatMap((one) => one.list.flatMap((holding) => gatesAt(one.scene, holding))));
  let latest: readonly Pair[] = underGates(all, scenes, gates);
  all.splice(0, all.length, ...latest);
  for (let round = 0; round < maxRounds && latest.length > 0; round++) {
    const byBody = grouped(latest, (pair) => pair.module.bodies[pair.body]);
    latest = scenes.flatMap((caller) => [
      ...pairsThroughCalls(caller, byBody, gates),
      ...pairsOfThreads(caller, byBody),
    ]);
    all.push(...latest);
  }
  const choosing = choosingBodies(all);
  const isInThread = threadOnly(scenes);
  return all.filter(
    (pair) =>
      !pair.through.some((body) => choosing.has(body)) && !(isOfModule(pair) && isInThread(pair.module, pair.body)),
  );
}

function isOfModule({ held, taken }: Pair): boolean {
  return held.name.base.kind === "declaration" || taken.name.base.kind === "declaration";
}

/**
 * Functions that have two locks in either order choose the order by what they are given: `if (a.id < b.id) … else …`. What
 * they are given first says nothing then.
 */
function choosingBodies(pairs: readonly Pair[]): ReadonlySet<Body> {
  const orders = new Set(pairs.map((pair) => orderKey(pair, pair.held, pair.taken)));
  return new Set(
    pairs.flatMap((pair) => {
      const body = pair.module.bodies[pair.body];
      return body !== undefined && orders.has(orderKey(pair, pair.taken, pair.held)) ? [body] : [];
    }),
  );
}

function orderKey({ module, body }: Pair, first: Taken, second: Taken): string {
  return [module.file, body, keyOf(first.name), keyOf(second.name)].join("|");
}

export function grouped<K, T>(list: readonly T[], by: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const key = by(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Whether any file does: otherwise there is nothing to look at. */
export function takeLocks(modules: ReadonlyMap<string, Module>, models: Models): boolean {
  return [...modules.values()].some((module) => rolesIn(module, models).has("lock"));
}

type Roles = ReadonlySet<Role["kind"]>;

const rolesByModule = new WeakMap<Module, Roles>();

/** What the calls of a file mean to the models. */
function rolesIn(module: Module, models: Models): Roles {
  const known = rolesByModule.get(module);
  if (known !== undefined) return known;
  const found = new Set(
    indexModule(module).calls.flatMap(({ call }) => roleInModule(module, models, call)?.kind ?? []),
  );
  rolesByModule.set(module, found);
  return found;
}

function pairsAt(scene: Scene, holding: Holding): readonly Pair[] {
  const held = heldLocks(scene, holding).flatMap(({ name, access, site }): Taken[] =>
    name === undefined || access === "counted"
      ? []
      : [{ name, access, mode: "async", at: { file: scene.module.file, ...site.call.spans.whole } }],
  );
  if (held.length === 0) return [];
  return awaitedCalls(scene, holding).flatMap(({ site, role, early }) => {
    const use = role?.kind === "lock" ? takenBy(scene, site.call) : undefined;
    const uses = role === undefined ? takenThrough(scene, { ...site, early }) : use === undefined ? [] : [use];
    return uses.flatMap((taken) =>
      held.flatMap((first) => {
        const keys = [keyOf(first.name), keyOf(taken.name)];
        if (keys[0] === keys[1]) return [];
        const others = held.filter(({ name }) => !keys.includes(keyOf(name)));
        const gates = new Set(others.map(({ name }) => gateKey(name)));
        const where = { module: scene.module, body: holding.body, at: site.call.spans.whole };
        return [{ held: first, taken, ...where, gates, by: "function" as const, through: [] }];
      }),
    );
  });
}

/** `withLock(a, () => b.lock())` */
function pairsInCallback(module: Module, { held, use, callback }: LockedCallback): readonly Pair[] {
  if (keyOf(held.name) === keyOf(use.name)) return [];
  const where = { module, body: callback.id, at: use.from.spans.whole };
  return [{ held, taken: use, ...where, gates: new Set(), by: "function", through: [] }];
}

type ByBody = ReadonlyMap<Body | undefined, readonly Pair[]>;

/** What functions do with the locks that they are given. */
function pairsThroughCalls(scene: Scene, pairs: ByBody, gates: Gates): readonly Pair[] {
  return callsOf(scene, pairs).flatMap(({ site: { call, step, at }, callee }) =>
    (pairs.get(callee.body) ?? []).flatMap((pair) => {
      if (knows(pair.held.name, callee) && knows(pair.taken.name, callee)) return [];
      // Two locks of one object are known by its class, so that it need not be said again for each of its callers.
      if (pair.by !== "thread" && areOfOneObject(pair)) return [];
      const rename = (name: LockName): LockName | undefined => translated(scene, call, callee, name);
      const waits = !callee.body.async || isWaitedFor(scene.module, { step });
      const by = pair.by === "function" && !waits ? "promise" : pair.by;
      const where = { module: scene.module, body: at.body, at: call.spans.whole, by };
      return renamed({ ...pair, gates: together(pair.gates, gates.get(call)) }, rename, where);
    }),
  );
}

interface Calling {
  readonly site: CallSite;
  readonly callee: FunctionRef;
}

/** The calls of functions in which there are pairs. */
function callsOf(scene: Scene, pairs: ByBody): readonly Calling[] {
  const names = new Set([...pairs.keys()].map((body) => body?.name));
  return indexModule(scene.module).calls.flatMap((site): Calling[] => {
    const { symbol } = site.call;
    // Most calls are of something else, and their names say so.
    if (symbol !== undefined && !names.has(symbol.name.slice(symbol.name.lastIndexOf(".") + 1))) return [];
    if (roleOf(scene, site.call) !== undefined) return [];
    const callee = calledFunction(scene, site.call);
    return callee !== undefined && pairs.has(callee.body) ? [{ site, callee }] : [];
  });
}

/** What is held where a function of the project is called. */
type Gates = ReadonlyMap<Call, ReadonlySet<string>>;

function gatesAt(scene: Scene, holding: Holding): readonly (readonly [Call, ReadonlySet<string>])[] {
  const { value } = holding.step;
  if (value.kind !== "call") return [];
  return [[value, new Set(heldLocks(scene, holding).flatMap(({ name }) => (name === undefined ? [] : gateKey(name))))]];
}

/** A method's callers know the locks of its object by other names, and mostly have them from the same object. */
function gateKey(name: LockName): string {
  const { base, path } = name;
  const isThis = base.kind === "variable" && base.module.locals[base.local]?.kind === "this";
  return isThis ? `this${path}` : keyOf(name);
}

/** What all callers of a function hold, as far as they are known, is held in it too. */
function underGates(pairs: readonly Pair[], callers: readonly Scene[], gates: Gates): readonly Pair[] {
  const byBody = grouped(pairs, (pair) => pair.module.bodies[pair.body]);
  const common = new Map<Body, ReadonlySet<string>>();
  for (const caller of callers) {
    for (const { site, callee } of callsOf(caller, byBody)) {
      const here = gates.get(site.call) ?? new Set<string>();
      const before = common.get(callee.body) ?? here;
      common.set(callee.body, new Set([...before].filter((gate) => here.has(gate))));
    }
  }
  return pairs.map((pair) => {
    const body = pair.module.bodies[pair.body];
    return { ...pair, gates: together(pair.gates, body === undefined ? undefined : common.get(body)) };
  });
}

function together(a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): ReadonlySet<string> {
  return b === undefined ? a : new Set([...a, ...b]);
}

/** The name means something outside of the function as well, so that there is nothing to translate. */
function knows(name: LockName, { module, body }: FunctionRef): boolean {
  return isVisible(name, module, body);
}

/** What threads do with the locks that are moved to them. */
function pairsOfThreads(scene: Scene, pairs: ByBody): readonly Pair[] {
  if (!rolesIn(scene.module, scene.models).has("spawn")) return [];
  return threadStarts(scene).flatMap((start) =>
    (pairs.get(start.closure.body) ?? []).flatMap((pair) => {
      const rename = (name: LockName): LockName | undefined => nameOutside(scene, start, name);
      return renamed(pair, rename, {
        module: scene.module,
        body: start.at.body,
        at: start.call.spans.whole,
        by: "thread",
      });
    }),
  );
}

/** The pair as another function names it. What it does not know of the gates only makes it more careful. */
function renamed(
  pair: Pair,
  rename: (name: LockName) => LockName | undefined,
  where: Pick<Pair, "module" | "body" | "at" | "by">,
): readonly Pair[] {
  const [held, taken] = [rename(pair.held.name), rename(pair.taken.name)];
  if (held === undefined || taken === undefined || keyOf(held) === keyOf(taken)) return [];
  const from = pair.module.bodies[pair.body];
  const through = from === undefined ? pair.through : [...pair.through, from];
  return [{ ...pair, ...where, through, held: { ...pair.held, name: held }, taken: { ...pair.taken, name: taken } }];
}

/** Whether both locks are in one object, so that its class tells them apart. */
export function areOfOneObject({ held, taken }: Pair): boolean {
  const [a, b] = [held.name, taken.name];
  return (
    a.field !== undefined && b.field !== undefined && objectOf(a) === objectOf(b) && !isSameField(a.field, b.field)
  );
}

/**
 * The locks as classes know them: a field of all their objects, or a variable of a module. Undefined where neither is a field,
 * and for those of two objects of one class, which cannot be told apart.
 */
export function classKeysOf(pair: Pair): { readonly held: string; readonly taken: string } | undefined {
  const [a, b] = [pair.held.name, pair.taken.name];
  const [held, taken] = [classKey(a), classKey(b)];
  if (held === undefined || taken === undefined || held === taken) return undefined;
  if (a.field === undefined || b.field === undefined) return a.field === b.field ? undefined : { held, taken };
  const isOneClass = a.field.owner === b.field.owner && a.field.file === b.field.file;
  return isOneClass && !areOfOneObject(pair) ? undefined : { held, taken };
}

function classKey(name: LockName): string | undefined {
  if (name.field !== undefined) return fieldKey(name.field);
  return name.base.kind === "declaration" ? keyOf(name) : undefined;
}

function isSameField(a: Field, b: Field): boolean {
  return fieldKey(a) === fieldKey(b);
}

/** The key of the object that a lock is a field of. */
export function objectOf({ base, path, field }: LockName): string {
  return keyOf({ base, path: field === undefined ? path : path.slice(0, -field.path.length), text: "" });
}
