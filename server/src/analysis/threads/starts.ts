/** Where a module starts threads: which function runs there, and what is moved into it. */
import type { Span } from "../diagnostic.js";
import type { Argument, Body, Call, LocalId, Module, Operand, Param, Place } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf as roleInModule } from "../models/roles.js";
import type { SymbolKey } from "../program/program.js";
import { type CallSite, indexModule, onlyDefinition, type Point } from "./walk.js";

/** A function of the project, in the module it is declared in. */
export interface FunctionRef {
  readonly module: Module;
  readonly body: Body;
}

/** Finds a function of another file of the project by its declaration. */
export type FindFunction = (key: SymbolKey) => FunctionRef | undefined;

export interface Scene {
  readonly module: Module;
  readonly models: Models;
  readonly find: FindFunction;
}

/** The function that a thread runs, and how the call that starts the thread names it. */
export interface Closure extends FunctionRef {
  /** `inline`: written in the call. `held`: an expression in a variable. `named`: a declaration. `imported`: of another file. */
  readonly how: "inline" | "held" | "named" | "imported";
  /** The name it goes by in the call, where it has one. */
  readonly name: string | undefined;
  /** What stands for it in the call. */
  readonly operand: Span;
}

/** One value that is given to a thread. */
export interface Moved {
  readonly argument: Argument;
  /** The variable behind it: `v` in `move(v)` and in `move(v.clone())`. */
  readonly place: Place | undefined;
  /** True for `v.clone()`, a second handle to what `v` refers to. */
  readonly cloned: boolean;
  /** The closure's parameter that it arrives in. */
  readonly param: Param | undefined;
}

export interface ThreadStart {
  readonly at: Point;
  readonly call: Call;
  /** What holds the handle. */
  readonly handle: Place;
  readonly scoped: boolean;
  readonly closure: Closure;
  /** The call of `move`, where it is written in the call that starts the thread. */
  readonly move: Call | undefined;
  /** Undefined where it cannot be told what is moved: a spread, or a value made elsewhere. */
  readonly moved: readonly Moved[] | undefined;
  /** The function between, where a wrapper of the project starts the thread: its name. */
  readonly wrapper: string | undefined;
  /** It runs once for each element of a list, which is all that it is given: `pool.map(list, f)`. */
  readonly maps: boolean;
}

const known = new WeakMap<Scene, readonly ThreadStart[]>();

/** All starts of threads in the module, in order of their place in the text. */
export function threadStarts(scene: Scene): readonly ThreadStart[] {
  const before = known.get(scene);
  if (before !== undefined) return before;
  const starts = indexModule(scene.module)
    .calls.flatMap((site) => startsAt(scene, site))
    .sort((a, b) => a.call.spans.whole.start - b.call.spans.whole.start);
  known.set(scene, starts);
  return starts;
}

function startsAt(scene: Scene, site: CallSite): readonly ThreadStart[] {
  const role = roleOf(scene, site.call);
  if (role?.kind === "spawn") return directStarts(scene, site, role.scoped);
  if (role?.kind === "borrow" && role.maps !== undefined) return mappedStarts(scene, site, role.maps);
  if (role !== undefined) return [];
  return wrappedStarts(scene, site);
}

function directStarts(scene: Scene, site: CallSite, scoped: boolean): readonly ThreadStart[] {
  const [first, second] = site.call.args;
  if (first === undefined || first.spread) return [];
  const move = moveCall(scene, first.value);
  const argument = second === undefined ? first : second;
  const args = move?.args ?? [];
  const tellable = (second === undefined || move !== undefined) && args.every((each) => !each.spread);
  return functionsOf(scene, argument.value).map((closure) => ({
    at: site.at,
    call: site.call,
    handle: site.step.to,
    scoped,
    closure,
    move,
    moved: tellable ? args.map((each, position) => movedValue(scene, each, closure, position)) : undefined,
    wrapper: undefined,
    maps: false,
  }));
}

/** The threads of one call that runs a function on each element of a list. */
function mappedStarts(scene: Scene, { at, call, step }: CallSite, position: number): readonly ThreadStart[] {
  const argument = call.args[position];
  if (argument === undefined || call.args.some(({ spread }) => spread)) return [];
  return functionsOf(scene, argument.value).map((closure) => ({
    at,
    call,
    handle: step.to,
    scoped: true,
    closure,
    move: undefined,
    moved: undefined,
    wrapper: undefined,
    maps: true,
  }));
}

/** A call of a function of the project that hands one of its parameters to `spawn`. */
function wrappedStarts(scene: Scene, { at, call, step }: CallSite): readonly ThreadStart[] {
  if (!call.args.some((argument) => functionsOf(scene, argument.value).length > 0)) return [];
  const wrapper = calledFunction(scene, call);
  if (wrapper === undefined) return [];
  const spawned = spawnedParams(scene, wrapper, 2);
  return call.args.flatMap((argument, position) =>
    spawned.has(position)
      ? functionsOf(scene, argument.value).map((closure) => ({
          at,
          call,
          handle: step.to,
          scoped: false,
          closure,
          move: undefined,
          moved: undefined,
          wrapper: wrapper.body.name ?? call.method ?? "the wrapper",
          maps: false,
        }))
      : [],
  );
}

/** By whom the functions of other files are found, since that decides the answer, and by how deep was looked. */
const wrappers = new WeakMap<FindFunction, Map<Body, Map<number, ReadonlySet<number>>>>();

/** The positions of the parameters that the function starts a thread with, itself or through `depth` further functions. */
function spawnedParams(scene: Scene, { module, body }: FunctionRef, depth: number): ReadonlySet<number> {
  const before = wrappers.get(scene.find)?.get(body)?.get(depth);
  if (before !== undefined) return before;
  const inner: Scene = module === scene.module ? scene : { ...scene, module };
  const positions = new Set<number>();
  for (const { call } of indexModule(module).callsOf.get(body.id) ?? []) {
    const role = roleOf(inner, call);
    const called = role === undefined && depth > 0 ? calledFunction(inner, call) : undefined;
    const handed = called === undefined || called.body === body ? undefined : spawnedParams(inner, called, depth - 1);
    for (const [index, argument] of call.args.entries()) {
      if (role?.kind !== "spawn" && handed?.has(index) !== true) continue;
      const value = argument.value;
      if (value.kind !== "place" || value.place.path.length > 0) continue;
      const position = body.params.findIndex((param) => param.local === value.place.base && !param.rest);
      if (position >= 0 && module.locals[value.place.base]?.reassigned === false) positions.add(position);
    }
  }
  const found = wrappers.get(scene.find) ?? new Map<Body, Map<number, ReadonlySet<number>>>();
  wrappers.set(scene.find, found.set(body, (found.get(body) ?? new Map()).set(depth, positions)));
  return positions;
}

/** What a call means to the models. */
export function roleOf({ module, models }: Scene, call: Call): Role | undefined {
  return roleInModule(module, models, call);
}

/** The function of the project that a call enters, where that is certain. */
export function calledFunction(scene: Scene, call: Call): FunctionRef | undefined {
  const [only, ...others] = functionsOf(scene, call.callee);
  if (only !== undefined && others.length === 0) return only;
  return call.symbol?.package === undefined && call.symbol !== undefined ? scene.find(call.symbol) : undefined;
}

/** The call of `move` that made the value. */
function moveCall(scene: Scene, operand: Operand): Call | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const value = onlyDefinition(scene.module, operand.place.base)?.step.value;
  if (value?.kind === "use") return moveCall(scene, value.operand);
  return value?.kind === "call" && roleOf(scene, value)?.kind === "move" ? value : undefined;
}

function movedValue(scene: Scene, argument: Argument, closure: Closure, position: number): Moved {
  const param = closure.body.params[position];
  const source = sourceOf(scene, argument.value);
  return { argument, ...source, param: param?.rest === true ? undefined : param };
}

/** The variable behind an operand: through temporaries, and through `clone()`. */
function sourceOf(scene: Scene, operand: Operand): { readonly place: Place | undefined; readonly cloned: boolean } {
  if (operand.kind !== "place") return { place: undefined, cloned: false };
  const local = scene.module.locals[operand.place.base];
  if (local?.kind !== "temp") return { place: operand.place, cloned: false };
  const value = onlyDefinition(scene.module, operand.place.base)?.step.value;
  if (value?.kind === "use") return sourceOf(scene, value.operand);
  if (value?.kind === "call" && roleOf(scene, value)?.kind === "clone" && value.receiver !== undefined) {
    return { place: sourceOf(scene, value.receiver).place, cloned: true };
  }
  return { place: undefined, cloned: false };
}

/** The functions that an operand may stand for; empty where that is not known. */
function functionsOf(scene: Scene, operand: Operand): readonly Closure[] {
  return resolve(scene, operand, operand.span, new Set());
}

function resolve(scene: Scene, operand: Operand, shown: Span, seen: Set<LocalId>): readonly Closure[] {
  const { module } = scene;
  switch (operand.kind) {
    case "constant":
      return [];
    case "function": {
      const body = module.bodies[operand.body];
      return body === undefined ? [] : [{ module, body, how: "inline", name: undefined, operand: shown }];
    }
    case "item": {
      const found = operand.symbol === undefined ? undefined : scene.find(operand.symbol);
      return found === undefined ? [] : [{ ...found, how: "imported", name: operand.name, operand: shown }];
    }
    case "place":
      return operand.place.path.length === 0
        ? resolveLocal(scene, operand.place.base, shown, seen)
        : resolveField(scene, operand.place, shown, seen);
  }
}

function resolveLocal(scene: Scene, id: LocalId, shown: Span, seen: Set<LocalId>): readonly Closure[] {
  const { module } = scene;
  const local = module.locals[id];
  if (local === undefined || seen.has(id) || local.reassigned) return [];
  seen.add(id);
  const body = local.function === undefined ? undefined : module.bodies[local.function];
  if (body !== undefined) {
    return [{ module, body, how: local.kind === "function" ? "named" : "held", name: local.name, operand: shown }];
  }
  const definitions = indexModule(module).definitions.get(id) ?? [];
  // A conditional expression gives its temporary one value on each path.
  if (definitions.length > 1 && local.kind !== "temp") return [];
  const operands = definitions.flatMap(({ step: { value } }) => (value.kind === "use" ? [value.operand] : []));
  return operands.flatMap((operand) =>
    resolve(scene, operand, shown, seen).map((closure) =>
      local.name === undefined || closure.how !== "inline"
        ? closure
        : { ...closure, how: "held" as const, name: local.name },
    ),
  );
}

/** `jobs.sum`, where `jobs` is an object literal. */
function resolveField(scene: Scene, place: Place, shown: Span, seen: Set<LocalId>): readonly Closure[] {
  const [step, ...rest] = place.path;
  if (step?.kind !== "field" || rest.length > 0) return [];
  const local = scene.module.locals[place.base];
  const value = onlyDefinition(scene.module, place.base)?.step.value;
  if (local === undefined || local.reassigned || value === undefined) return [];
  if (value.kind === "use" && value.operand.kind === "place" && value.operand.place.path.length === 0) {
    return seen.has(place.base)
      ? []
      : resolveField(scene, { ...place, base: value.operand.place.base }, shown, seen.add(place.base));
  }
  if (value.kind !== "object" || value.fields.some((field) => field.spread)) return [];
  const field = value.fields.find((each) => each.name === step.name);
  if (field === undefined) return [];
  return resolve(scene, field.value, shown, seen).map((closure) =>
    closure.how === "inline" ? { ...closure, how: "held" as const, name: `${local.name ?? ""}.${step.name}` } : closure,
  );
}
