/** Joins of threads that take a lock which the joiner holds. */
import type { Body, Call, Operand, Value } from "../mir/mir.js";
import type { Holding } from "../ownership/holdings.js";
import { inLoop } from "../threads/reach.js";
import { sceneIn } from "../threads/scene.js";
import {
  calledFunction,
  type FunctionRef,
  roleOf,
  type Scene,
  type ThreadStart,
  threadStarts,
} from "../threads/starts.js";
import { bodyOf, callsWithin, indexModule, onlyDefinition } from "../threads/walk.js";
import { givenBy, heldBy, isOfClass, type Key, keyOfOperand, keyOfPlace } from "./handles.js";
import { areCompatible, type HeldLock, heldLocks } from "./held.js";
import { fieldKey, keyOf, type LockName, nameOf, nameWithin } from "./names.js";
import { functionAt, isGiven, isWaitedFor, type LockUse, locksTakenBy } from "./uses.js";
import { type Awaited, awaitedCalls } from "./waiting.js";

export interface BlockedJoin {
  /** The join, or the scope that joins at its end. */
  readonly awaited: Awaited;
  readonly start: ThreadStart;
  readonly held: HeldLock;
  /** Where the thread takes the lock. */
  readonly use: LockUse;
}

/** The joins that a step waits for, of threads that wait for what is held there. */
export function blockedJoins(scene: Scene, holding: Holding): readonly BlockedJoin[] {
  const joins = awaitedCalls(scene, holding).filter(({ role }) => mayJoin(role));
  if (joins.length === 0) return [];
  const held = heldLocks(scene, holding).filter(({ name }) => name !== undefined);
  if (held.length === 0) return [];
  return joins.flatMap((awaited) =>
    startsJoinedBy(scene, awaited).flatMap(({ start, where }) =>
      locksTakenBy(where, start.closure).flatMap((use) => {
        const name = nameOutside(where, start, use.name);
        const same = held.find(
          (each) =>
            isSame(scene, each, name, awaited) && !isLetGo(each, awaited) && !areCompatible(each.access, use.access),
        );
        if (same === undefined || name === undefined) return [];
        if (hasWaited(where, start, awaited) || mayBeOver(scene, { start, where, awaited, held: same, use })) return [];
        return [{ awaited, start, held: same, use: { ...use, name } }];
      }),
    ),
  );
}

function mayJoin(role: Awaited["role"]): boolean {
  return role === undefined || role.kind === "join" || role.kind === "scope";
}

function isLetGo({ guard }: HeldLock, awaited: Awaited): boolean {
  return guard !== undefined && isGiven(awaited, guard.id);
}

/** One lock by one name; or the same field of the object that has started the thread, and joins it. */
function isSame(scene: Scene, { name: held }: HeldLock, name: LockName | undefined, { site }: Awaited): boolean {
  if (held === undefined || name === undefined) return false;
  if (keyOf(held) === keyOf(name)) return true;
  if (held.field === undefined || name.field === undefined || fieldKey(held.field) !== fieldKey(name.field))
    return false;
  return isThis(name) && isOwn(scene, held, site.call);
}

function isThis({ base }: LockName): boolean {
  return base.kind === "variable" && base.module.locals[base.local]?.kind === "this";
}

/** Whether the lock is in the object whose thread is joined: `pool` in `pool.close()`, `this` in `this.handle.join()`. */
function isOwn({ module, models }: Scene, held: LockName, { receiver }: Call): boolean {
  if (receiver?.kind !== "place") {
    const name = receiver && nameOf(module, models, receiver);
    return name !== undefined && isIn(held, name);
  }
  const name = nameOf(module, models, { ...receiver, place: { base: receiver.place.base, path: [] } });
  if (name !== undefined && isIn(held, name)) return true;
  // A variable of another class is a handle that was taken out of the object.
  const type = module.locals[receiver.place.base]?.type;
  const isOwner = type?.kind === "named" && type.symbol.package === undefined;
  return !isOwner && isThis(held);
}

function isIn({ base }: LockName, object: LockName): boolean {
  return keyOf({ base, path: "", text: "" }) === keyOf({ ...object, path: "" });
}

/** What the thread's starter calls a lock that came to the thread by `move`. A lock that it captures is another one. */
export function nameOutside(scene: Scene, { closure, moved }: ThreadStart, name: LockName): LockName | undefined {
  const { base } = name;
  if (base.kind === "declaration" || base.module !== closure.module) return undefined;
  const given = moved?.find(({ param }) => param?.arrives === base.local);
  if (given === undefined) return undefined;
  const { place, argument } = given;
  const known = nameOf(scene.module, scene.models, argument.value);
  const source: Operand = place === undefined ? argument.value : { kind: "place", place, span: argument.value.span };
  const outer = nameWithin(scene.module, scene.models, source, name);
  return outer && { ...outer, text: name.path === "" ? (known ?? outer).text : outer.text };
}

/**
 * The thread may be done with the lock by the time it is joined: in between something was waited for that may have told so, a
 * message, a Condvar, a flag in shared memory.
 */
function hasWaited(scene: Scene, start: ThreadStart, { site }: Awaited): boolean {
  const body = bodyOf(scene.module, start.at);
  return waitsBetween(scene, body, start.call.spans.whole.end, site.call.spans.whole.start);
}

function waitsBetween(scene: Scene, { blocks }: Body, from: number, to: number): boolean {
  return blocks.some(({ steps }) =>
    steps.some((step) => {
      if (step.span.start <= from || step.span.end > to || step.kind !== "assign") return false;
      const { value } = step;
      if (value.kind === "call") return mayTell(scene, value);
      return value.kind === "await" && !isOfLockOrJoin(scene, value.operand);
    }),
  );
}

function mayTell(scene: Scene, call: Call): boolean {
  const { callee } = call;
  const kind = roleOf(scene, call)?.kind;
  const isAtomic = callee.kind === "item" && callee.local === undefined && callee.name.startsWith("Atomics.");
  return isAtomic || kind === "wait" || kind === "relock" || kind === "cell";
}

function isOfLockOrJoin(scene: Scene, operand: Operand): boolean {
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  const value = onlyDefinition(scene.module, operand.place.base)?.step.value;
  const kind = value?.kind === "call" ? roleOf(scene, value)?.kind : undefined;
  return kind === "lock" || kind === "join";
}

/** A start of a thread, and the look at the file that it is in. */
interface Joined {
  readonly start: ThreadStart;
  readonly where: Scene;
}

/** The threads whose handle a join is of; of a scope, those that are started in it. */
function startsJoinedBy(scene: Scene, { site, role }: Awaited): readonly Joined[] {
  const { call } = site;
  const starts = startsIn(scene);
  if (role?.kind === "scope") {
    const callback = functionAt(scene, call.args[0]?.value);
    return starts.filter(({ start }) => start.scoped && start.at.body === callback?.id);
  }
  if (role !== undefined) return starts.filter((one) => joins(scene, call, holdersOf(one)));
  const callee = calledFunction(scene, call);
  if (callee === undefined || (callee.body.async && !isWaitedFor(scene.module, site))) return [];
  const others = callee.module === scene.module ? [] : startsIn(sceneIn(scene, callee.module));
  return [...starts, ...others].filter((one) =>
    joinsThrough(scene, call, { callee, holders: holdersOf(one) }, maxDepth),
  );
}

/** Functions that call each other are followed this far. */
const maxDepth = 2;

function startsIn(scene: Scene): readonly Joined[] {
  return threadStarts(scene).map((start) => ({ start, where: scene }));
}

function holdersOf({ start, where }: Joined): ReadonlySet<Key> {
  const handle = keyOfPlace(where.module, start.handle);
  return handle === undefined ? new Set() : heldBy(where, [handle]);
}

function joins({ module }: Scene, { receiver }: Call, holders: ReadonlySet<Key>): boolean {
  const key = keyOfOperand(module, receiver);
  return key !== undefined && holders.has(key);
}

interface Through {
  readonly callee: FunctionRef;
  readonly holders: ReadonlySet<Key>;
}

/** Whether a function joins what it is given, or what its object has. */
function joinsThrough(scene: Scene, call: Call, { callee, holders }: Through, depth: number): boolean {
  const { module, body } = callee;
  const inner = sceneIn(scene, module);
  const known = module === scene.module ? holders : [...holders].filter((key) => isOfClass(key));
  const given = givenBy(scene, { call, callee: body, inside: module }).flatMap(([outer, arrives]) =>
    ["", "[]"].flatMap((rest) => (holders.has(`${outer}${rest}`) ? `${arrives}${rest}` : [])),
  );
  const inside = heldBy(inner, [...known, ...given]);
  return callsWithin(module, body.id).some((site) => {
    const role = roleOf(inner, site.call);
    if (role?.kind === "join") {
      return (role.mode === "sync" || isWaitedFor(module, site)) && joins(inner, site.call, inside);
    }
    const next = role === undefined && depth > 0 ? calledFunction(inner, site.call) : undefined;
    if (next === undefined || next.body === body || (next.body.async && !isWaitedFor(module, site))) return false;
    return joinsThrough(inner, site.call, { callee: next, holders: inside }, depth - 1);
  });
}

interface Blocked {
  readonly start: ThreadStart;
  readonly where: Scene;
  readonly awaited: Awaited;
  readonly held: HeldLock;
  readonly use: LockUse;
}

/**
 * The thread was started elsewhere, so that it may be done with the lock by now: it took it before it waited for something, or the
 * joiner has waited for something that may have told so.
 */
function mayBeOver(scene: Scene, { start, where, awaited, held, use }: Blocked): boolean {
  const { at, call } = awaited.site;
  if (start.at.body === at.body && where.module === scene.module) return false;
  const body = bodyOf(scene.module, at);
  if (waitsBetween(scene, body, held.site.call.spans.whole.end, call.spans.whole.start)) return true;
  const { module, body: closure } = start.closure;
  const inner = sceneIn(scene, module);
  const calls = indexModule(module).callsOf.get(closure.id) ?? [];
  const waits =
    calls.some((site) => mayTell(inner, site.call)) ||
    closure.blocks.some(({ steps }) => steps.some((step) => step.kind === "assign" && isAsyncElement(step.value)));
  const taken = calls.find((site) => site.call === use.from);
  return waits && (taken === undefined || !inLoop(closure, taken.at));
}

function isAsyncElement(value: Value): boolean {
  return value.kind === "element" && value.async;
}
