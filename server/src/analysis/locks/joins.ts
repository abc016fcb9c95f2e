/** Joins of threads that take a lock which the joiner holds. */
import type { Call, LocalId, Operand } from "../mir/mir.js";
import type { Holding } from "../ownership/holdings.js";
import { roleOf, type Scene, type ThreadStart, threadStarts } from "../threads/starts.js";
import { bodyOf, indexModule, onlyDefinition } from "../threads/walk.js";
import { areCompatible, type HeldLock, heldLocks } from "./held.js";
import { below, keyOf, type LockName, nameOf } from "./names.js";
import { functionAt, type LockUse, locksTakenBy } from "./uses.js";
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
  const joins = awaitedCalls(scene, holding).filter(({ role }) => role?.kind === "join" || role?.kind === "scope");
  if (joins.length === 0) return [];
  const held = heldLocks(scene, holding).filter(({ name }) => name !== undefined);
  return joins.flatMap((awaited) =>
    startsJoinedBy(scene, awaited).flatMap((start) =>
      locksTakenBy(scene, start.closure).flatMap((use) => {
        const name = nameOutside(scene, start, use.name);
        const same = held.find((each) => isSame(each, name) && !areCompatible(each.access, use.access));
        if (same === undefined || name === undefined || hasWaited(scene, start, awaited)) return [];
        return [{ awaited, start, held: same, use: { ...use, name } }];
      }),
    ),
  );
}

function isSame(held: HeldLock, name: LockName | undefined): boolean {
  return held.name !== undefined && name !== undefined && keyOf(held.name) === keyOf(name);
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
  const outer = nameOf(scene.module, scene.models, source);
  return outer && { ...below(outer, name), text: (known ?? outer).text };
}

/**
 * The thread may be done with the lock by the time it is joined: in between something was waited for that may have told so, a
 * message, a Condvar, a flag in shared memory.
 */
function hasWaited(scene: Scene, start: ThreadStart, { site }: Awaited): boolean {
  const [from, to] = [start.call.spans.whole.end, site.call.spans.whole.start];
  const { blocks } = bodyOf(scene.module, start.at);
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

/** The threads whose handle a join is of; of a scope, those that are started in it. */
function startsJoinedBy(scene: Scene, { site: { call }, role }: Awaited): readonly ThreadStart[] {
  const starts = threadStarts(scene);
  if (starts.length === 0) return [];
  if (role?.kind === "scope") {
    const callback = functionAt(scene, call.args[0]?.value);
    return starts.filter((start) => start.scoped && start.at.body === callback?.id);
  }
  const handles = call.receiver === undefined ? undefined : handlesAt(scene, call.receiver, 4);
  return starts.filter(({ handle }) => handle.path.length === 0 && handles?.has(handle.base));
}

const none: ReadonlySet<LocalId> = new Set();

/** The variables, temporaries too, that an operand may be another name of. */
function handlesAt(scene: Scene, operand: Operand, depth: number): ReadonlySet<LocalId> {
  if (operand.kind !== "place" || operand.place.path.length > 0 || depth === 0) return none;
  const { module } = scene;
  const local = module.locals[operand.place.base];
  const value = local === undefined || local.reassigned ? undefined : onlyDefinition(module, local.id)?.step.value;
  if (local === undefined) return none;
  if (value?.kind === "use") return handlesAt(scene, value.operand, depth - 1);
  if (value?.kind === "element") return handlesIn(scene, value.of, depth - 1);
  const owner = module.bodies[local.body];
  if (owner?.params[0]?.arrives === local.id) {
    // `handles.map((h) => h.join())`
    const given = indexModule(module).handedTo.get(owner.id)?.call;
    const isEach = given !== undefined && roleOf(scene, given)?.kind === "each";
    return isEach && given.receiver !== undefined ? handlesIn(scene, given.receiver, depth - 1) : none;
  }
  return new Set([local.id]);
}

/** What is put into an array: where it is made, and by `push`. */
function handlesIn(scene: Scene, operand: Operand, depth: number): ReadonlySet<LocalId> {
  if (operand.kind !== "place" || operand.place.path.length > 0) return none;
  const { module } = scene;
  const { base } = operand.place;
  const value = onlyDefinition(module, base)?.step.value;
  if (value === undefined || module.locals[base]?.reassigned) return none;
  if (value.kind === "use") return depth === 0 ? none : handlesIn(scene, value.operand, depth - 1);
  const put: Operand[] = value.kind === "array" ? value.elements.map((each) => each.value) : [];
  const role = value.kind === "call" ? roleOf(scene, value)?.kind : undefined;
  if (value.kind === "call" && (role === "each" || role === "collect")) {
    const callback = functionAt(scene, value.args[role === "each" ? 0 : 1]?.value);
    for (const { end } of callback?.blocks ?? []) {
      if (end.kind === "return" && end.operand !== undefined) put.push(end.operand);
    }
  }
  for (const { call } of indexModule(module).calls) {
    const isOf =
      call.receiver?.kind === "place" && call.receiver.place.base === base && call.receiver.place.path.length === 0;
    if (isOf && roleOf(scene, call)?.kind === "insert") put.push(...call.args.map((each) => each.value));
  }
  return new Set(put.flatMap((each) => [...handlesAt(scene, each, depth)]));
}
