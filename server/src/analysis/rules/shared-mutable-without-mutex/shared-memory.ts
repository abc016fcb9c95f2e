/** Writes to typed arrays over shared memory that another thread can cut through. */
import type { Body, Call, LocalId, Module, Operand, Place, Step, Value } from "../../mir/mir.js";
import type { TypeKey } from "../../program/program.js";
import { aliasesOf } from "../../threads/aliases.js";
import { startedAt } from "../../threads/changes.js";
import { globalName, isTypedArrayName } from "../../threads/mutators.js";
import { inLoop, reachableFrom } from "../../threads/reach.js";
import { roleOf, type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import {
  bodyOf,
  callsWithin,
  indexModule,
  isWithin,
  onlyDefinition,
  operandsOnce,
  type Point,
  type Use,
  withNested,
} from "../../threads/walk.js";

/** A write that is not safe, and who else is at the same memory. */
export interface RacyWrite {
  readonly kind: "update" | "assign" | "load-store";
  readonly at: Point;
  readonly step: Step;
  /** The array's name, as the code there calls it. */
  readonly array: Place;
  readonly others: Others;
}

/** Who uses the memory at the same time. */
export type Others =
  | { readonly kind: "same-thread-again" }
  | { readonly kind: "another-thread"; readonly start: ThreadStart }
  | { readonly kind: "parent"; readonly use: Use };

/** The unsafe writes in the functions that threads of this module run. */
export function racyWrites(scene: Scene): readonly RacyWrite[] {
  const starts = threadStarts(scene).filter((start) => start.closure.module === scene.module);
  return starts.flatMap((start) => writesIn(scene, start, starts));
}

function writesIn(scene: Scene, start: ThreadStart, starts: readonly ThreadStart[]): readonly RacyWrite[] {
  const { module } = scene;
  const { body } = start.closure;
  if (holdsLock(scene, body)) return [];
  const tells = callsWithin(module, body.id).some(({ call }) => tellsOthers(scene, call));
  return (start.moved ?? []).flatMap(({ place, param }) => {
    if (place === undefined || param === undefined) return [];
    const others = othersAt(scene, start, place, starts);
    if (others === undefined || (tells && isReader(others))) return [];
    const arrays = sharedViews(scene, body, param.arrives);
    return withNested(module, body.id).flatMap((each) =>
      each.blocks.flatMap((block, blockIndex) =>
        block.steps.flatMap((step, index): readonly RacyWrite[] => {
          const at = { body: each.id, block: blockIndex, index };
          const found = writeOf(scene, start, step, arrays, { tells });
          return found === undefined ? [] : [{ ...found, at, step, others }];
        }),
      ),
    );
  });
}

/** A lock that the thread takes guards whatever its author wants it to guard: the library's, or one of the program's own. */
function holdsLock(scene: Scene, body: Body): boolean {
  return callsWithin(scene.module, body.id).some(
    ({ call, at }) =>
      roleOf(scene, call)?.kind === "lock" || (exchanges(scene, call) && inLoop(bodyOf(scene.module, at), at)),
  );
}

/** `while (locked.swap(true)) {}`: in a loop, that is how a program makes a lock of an atomic. */
function exchanges(scene: Scene, call: Call): boolean {
  const role = roleOf(scene, call);
  if (role?.kind === "cell") return role.does === "exchange";
  const { symbol } = call;
  return symbol?.package === "fearless-threads" && /^Atomic\w+\.(?:swap|compareExchange)$/.test(symbol.name);
}

/** Whether other threads learn by it how far this one is: an atomic write, a message, a wake-up, a meeting at a barrier. */
function tellsOthers(scene: Scene, call: Call): boolean {
  if (globalName(call)?.startsWith("Atomics.") === true || roleOf(scene, call)?.kind === "send") return true;
  const [, owner, method] = /^(\w+)\.(\w+)$/.exec(call.symbol?.name ?? "") ?? [];
  if (call.symbol === undefined || owner === undefined || method === "load") return false;
  return scene.models.type({ ...call.symbol, name: owner }) === "atomic";
}

/** Who only looks at the memory loses no update, and may have been told before that the thread is done. */
function isReader(others: Others): boolean {
  return others.kind === "parent" && others.use.access === "read";
}

/** The typed arrays over shared memory that the parameter is, or that the thread makes over it. */
export function sharedViews(scene: Scene, body: Body, param: LocalId): ReadonlySet<LocalId> {
  const { module } = scene;
  const views = new Set<LocalId>();
  const aliases = aliasesOf(scene, body, param);
  for (const [alias, path] of aliases) {
    if (path.length === 0 && isSharedArray(module.locals[alias]?.type)) views.add(alias);
  }
  for (const { call, step } of callsWithin(module, body.id)) {
    const [buffer] = call.args;
    // With an offset or a length it can be this thread's part.
    if (call.form !== "new" || buffer === undefined || call.args.length > 1 || step.to.path.length > 0) continue;
    if (buffer.value.kind !== "place" || !aliases.has(buffer.value.place.base) || !isSharedArray(call.type)) continue;
    for (const name of aliasesOf(scene, body, step.to.base).keys()) views.add(name);
  }
  return views;
}

/** Shared memory, or a typed array over it. */
export function isShared(type: TypeKey | undefined): boolean {
  return type !== undefined && (isSharedBuffer(type) || isSharedArray(type));
}

function isSharedArray(type: TypeKey | undefined): boolean {
  return type?.kind === "named" && isTypedArrayName(type.symbol.name) && type.args.some(isSharedBuffer);
}

function isSharedBuffer(type: TypeKey): boolean {
  return type.kind === "named" && type.symbol.package === "typescript" && type.symbol.name === "SharedArrayBuffer";
}

function writeOf(
  scene: Scene,
  start: ThreadStart,
  step: Step,
  arrays: ReadonlySet<LocalId>,
  { tells }: { readonly tells: boolean },
): Pick<RacyWrite, "kind" | "array"> | undefined {
  const loadStore =
    step.kind === "assign" && step.value.kind === "call" ? loadStoreOf(scene.module, step.value) : undefined;
  if (loadStore !== undefined && arrays.has(loadStore.base)) return { kind: "load-store", array: loadStore };
  const place = step.kind === "update" ? step.place : step.kind === "assign" ? step.to : undefined;
  const [index, ...rest] = place?.path ?? [];
  if (place === undefined || index?.kind !== "index" || rest.length > 0 || !arrays.has(place.base)) return undefined;
  if (index.constant === undefined && isOwnPart(scene, start, index.by, arrays, step.kind)) return undefined;
  const array = { base: place.base, path: [] };
  if (step.kind === "update") return { kind: "update", array };
  // A plain write may be published by what tells others behind it, which is how locks are made.
  return tells ? undefined : { kind: "assign", array };
}

/** The array of `Atomics.store(array, i, … Atomics.load(array, i) …)`. */
export function loadStoreOf(module: Module, call: Call): Place | undefined {
  const [array, , value] = call.args.map((argument) => argument.value);
  if (globalName(call) !== "Atomics.store" || array?.kind !== "place" || value === undefined) return undefined;
  return loadsFrom(module, value, call, 3) ? array.place : undefined;
}

function loadsFrom(module: Module, value: Operand, store: Call, depth: number): boolean {
  if (value.kind !== "place" || depth === 0 || module.locals[value.place.base]?.kind !== "temp") return false;
  const made = onlyDefinition(module, value.place.base)?.step.value;
  if (made?.kind === "compute") return made.operands.some((operand) => loadsFrom(module, operand, store, depth - 1));
  if (made?.kind !== "call" || globalName(made) !== "Atomics.load") return false;
  return [0, 1].every((position) => sameText(module, made.args[position]?.value, store.args[position]?.value));
}

function sameText(module: Module, a: Operand | undefined, b: Operand | undefined): boolean {
  const text = (operand: Operand): string => module.text.slice(operand.span.start, operand.span.end);
  return a !== undefined && b !== undefined && text(a) === text(b);
}

/**
 * Whether the index can be this thread's own part of the array: it is computed from another value the thread was given,
 * or counts within bounds that are, and is not looked up in data.
 */
function isOwnPart(
  { module }: Scene,
  { closure }: ThreadStart,
  by: Operand | undefined,
  arrays: ReadonlySet<LocalId>,
  kind: Step["kind"],
): boolean {
  if (by === undefined) return true;
  const params = new Set(closure.body.params.map((param) => param.arrives));
  const met = new Set<LocalId>();
  const depends = (operand: Operand): boolean => {
    if (operand.kind !== "place") return false;
    const { base, path } = operand.place;
    if (arrays.has(base) || met.has(base)) return false;
    // `counts[data[i]]`: which cell it is depends on the data, which two threads can have in common.
    if (kind === "update" && path.some((step) => step.kind === "index")) return false;
    if (params.has(base)) return true;
    if (path.length > 0) return false;
    met.add(base);
    return sourcesOf(module, base, kind).some(depends) || boundsOf(module, base).some(depends);
  };
  return depends(by);
}

/**
 * What a local is computed from. For an update (`counts[x]++`), what comes out of a collection or a call is data, which
 * can be the same in two threads; for a plain write it is taken to be this thread's share of the work.
 */
function sourcesOf(module: Module, local: LocalId, kind: Step["kind"]): readonly Operand[] {
  const definitions = (indexModule(module).definitions.get(local) ?? []).flatMap(({ step: { value } }) => {
    if (kind === "update" && (value.kind === "element" || value.kind === "call" || isLookUp(value))) return [];
    return operandsOnce(value);
  });
  const updates = (indexModule(module).uses.get(local) ?? []).flatMap(({ step }) =>
    step?.kind === "update" && step.place.base === local && step.value !== undefined ? [step.value] : [],
  );
  return [...definitions, ...updates];
}

/** `data[i]` */
function isLookUp(value: Value): boolean {
  return (
    value.kind === "use" &&
    value.operand.kind === "place" &&
    value.operand.place.path.some((step) => step.kind === "index")
  );
}

/** What a counter is compared with in the head of its loop: `end` in `i < end`. */
function boundsOf(module: Module, local: LocalId): readonly Operand[] {
  return (indexModule(module).uses.get(local) ?? []).flatMap(({ step, at }) => {
    if (step?.kind !== "assign" || step.value.kind !== "compute" || !/^[<>!=]=?=?$/.test(step.value.operator))
      return [];
    const end = module.bodies[at.body]?.blocks[at.block]?.end;
    return end?.kind === "branch" ? step.value.operands : [];
  });
}

/** Who else is at the memory while the thread runs; undefined where nobody is, as far as this file shows. */
function othersAt(scene: Scene, start: ThreadStart, place: Place, starts: readonly ThreadStart[]): Others | undefined {
  const { module } = scene;
  const body = bodyOf(module, start.at);
  const joins = joinsOf(scene, start);
  const fresh = (indexModule(module).definitions.get(place.base) ?? []).map(({ at }) => at);
  const running = reachableFrom(body, start.at, [...joins, ...fresh]);
  if ((inLoop(body, start.at) && running(start.at)) || isCalledForEach(scene, start, place))
    return { kind: "same-thread-again" };
  const rival = starts.find(
    (other) =>
      other !== start &&
      other.at.body === start.at.body &&
      running(other.at) &&
      other.moved?.some((moved) => moved.place?.base === place.base) === true,
  );
  if (rival !== undefined) return { kind: "another-thread", start: rival };
  const earlier = starts.find(
    (other) =>
      other !== start &&
      other.at.body === start.at.body &&
      other.moved?.some((moved) => moved.place?.base === place.base) === true &&
      reachableFrom(body, other.at, joinsOf(scene, other))(start.at),
  );
  if (earlier !== undefined) return { kind: "another-thread", start: earlier };
  const views = sharedNames(scene, place.base);
  const uses = [...views]
    .flatMap((name) => indexModule(module).uses.get(name) ?? [])
    .filter((each) => running(each.at) && each.place.path[0]?.kind === "index");
  const use = uses.find(({ access }) => access !== "read") ?? uses[0];
  return use === undefined ? undefined : { kind: "parent", use };
}

/** The thread is started in a callback that runs once for each element, and the memory is older than that. */
function isCalledForEach(scene: Scene, start: ThreadStart, place: Place): boolean {
  const { module } = scene;
  const local = module.locals[place.base];
  if (local === undefined || isWithin(module, local.body, start.at.body)) return false;
  return startedAt(scene, start.at).length > 1;
}

/** The parent's names for the same memory: the array, its buffer, and other views of that. */
export function sharedNames(scene: Scene, base: LocalId): ReadonlySet<LocalId> {
  const { module } = scene;
  return new Set([base, ...(viewsOver(module).get(base) ?? [])]);
}

const knownViews = new WeakMap<Module, ReadonlyMap<LocalId, readonly LocalId[]>>();

/** The variables that hold a view, by that of the buffer. */
function viewsOver(module: Module): ReadonlyMap<LocalId, readonly LocalId[]> {
  const known = knownViews.get(module);
  if (known !== undefined) return known;
  const views = new Map<LocalId, LocalId[]>();
  for (const { call, step } of indexModule(module).calls) {
    const buffer = call.args[0]?.value;
    if (call.form !== "new" || buffer?.kind !== "place" || !isSharedArray(call.type)) continue;
    const view = viewName(module, step);
    if (view !== undefined) views.set(buffer.place.base, [...(views.get(buffer.place.base) ?? []), view]);
  }
  knownViews.set(module, views);
  return views;
}

function viewName(module: Module, step: Step & { readonly kind: "assign" }): LocalId | undefined {
  if (step.to.path.length > 0) return undefined;
  if (module.locals[step.to.base]?.kind !== "temp") return step.to.base;
  const use = indexModule(module)
    .uses.get(step.to.base)
    ?.find((each) => each.step?.kind === "assign" && each.step.value.kind === "use" && each.step.to.path.length === 0);
  return use?.step?.kind === "assign" ? use.step.to.base : undefined;
}

/** Where the function that started the thread waits for something: behind it, the thread may have ended. */
export function joinsOf(scene: Scene, start: ThreadStart): readonly Point[] {
  const joins = (indexModule(scene.module).callsOf.get(start.at.body) ?? []).flatMap(({ at, call }) => {
    const kind = roleOf(scene, call)?.kind;
    // Whatever joins, or hands handles to code that may join them, ends the time in which the thread surely runs.
    return kind === "join" || kind === "combine" || kind === "scope" || takesHandle(scene, start, call) ? [at] : [];
  });
  return [...joins, ...disposalsOf(scene.module, start)];
}

/** The end of the scope of an `await using`, which joins. */
function disposalsOf(module: Module, { handle, at: { body } }: ThreadStart): readonly Point[] {
  return bodyOf(module, { body }).blocks.flatMap(({ id: block, steps }) =>
    steps.flatMap((step, index) => {
      const isIt = step.kind === "dispose" && step.local === handle.base && handle.path.length === 0;
      return isIt ? [{ body, block, index }] : [];
    }),
  );
}

function takesHandle(scene: Scene, { handle }: ThreadStart, call: Call): boolean {
  if (roleOf(scene, call)?.kind === "insert") return false;
  return call.args.some(
    ({ value }) => value.kind === "place" && value.place.base === handle.base && handle.path.length === 0,
  );
}
