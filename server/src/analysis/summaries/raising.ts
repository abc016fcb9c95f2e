/**
 * Which functions of the project throw before the eyes of the analysis: a `throw` statement that nothing around it catches, in
 * the function, in one that it calls, or in one that this calls. What lies deeper is not looked for, since nearly everything throws somewhere, and
 * neither is what unknown code throws.
 */
import type { Conditions } from "../flow/conditions.js";
import { reversePostorder } from "../flow/graph.js";
import type { Block, Body, BodyId, Call, Module, Operand, Step, Value } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { conditionsOf } from "../ownership/engine.js";
import type { SymbolKey } from "../program/program.js";
import type { Entries, Entry } from "./entries.js";
import { createKeeper, type Traced } from "./footprint.js";

/**
 * `throws`: it refuses what it was given, or fails, and says so to whoever wants to catch it. `panics`: something is wrong that
 * the program takes for right, as where a Result is unwrapped or something asserted; nobody plans for what is lost then.
 */
export type Grade = "throws" | "panics";

export interface Raising {
  /** Undefined: nothing that can be seen. */
  readonly grade: Grade | undefined;
  /** It is its promise that rejects. */
  readonly async: boolean;
  /** No way leads to its end. */
  readonly never: boolean;
}

/** A call whose exceptions the body does not catch itself. */
interface Passed {
  readonly symbol: SymbolKey;
  readonly awaited: boolean;
}

/** What a body throws by itself, and whose exceptions go through it. */
interface OwnRaising {
  readonly grade: Grade | undefined;
  readonly passed: readonly Passed[];
  readonly never: boolean;
}

/** Further down than this, nobody sees a throw from here. */
const maxDepth = 2;

const keeperFor = createKeeper<Raising>();

/** Answers for one analysis, which looks into the files of `entries`. */
export function createRaising(entries: Entries, models: Models): (key: string, entry: Entry) => Traced<Raising> {
  const keeper = keeperFor(models);
  const known = new Map<string, Traced<Raising>>();

  /** What the function throws by itself, or one that it calls, so many calls down. */
  const gradeOf = (entry: Entry, depth: number, footprint: Map<string, Module | undefined>): Grade | undefined => {
    let grade = gradeIn(entry, models);
    if (depth === 0) return grade;
    for (const { symbol, awaited } of ownRaising(entry.module, models, entry.body).passed) {
      footprint.set(symbol.file, entries.modules.get(symbol.file));
      const next = entries.get(symbol);
      if (next === undefined || next.module.bodies[next.body]?.async !== awaited) continue;
      const inner = gradeOf(next, depth - 1, footprint);
      if (inner === "throws" && !isAssertion(entry)) grade = inner;
      else grade ??= inner && "panics";
    }
    return grade;
  };

  const find = (entry: Entry): Traced<Raising> => {
    const footprint = new Map<string, Module | undefined>();
    const { module, body } = entry;
    const { never } = ownRaising(module, models, body);
    const grade = gradeOf(entry, maxDepth, footprint);
    const { async = false, kind } = module.bodies[body] ?? {};
    // A subclass may do better.
    const isHopeless = never && kind !== "method" && kind !== "getter";
    return { value: { grade, async, never: isHopeless }, footprint };
  };

  return (key, entry) => {
    const before = known.get(key) ?? keeper.get(entry.body, entry.module, entries.modules);
    const traced = before ?? find(entry);
    known.set(key, traced);
    if (before === undefined) keeper.set(entry.body, entry.module, traced);
    return traced;
  };
}

/** What a function throws by itself. */
function gradeIn(entry: Entry, models: Models): Grade | undefined {
  const { grade } = ownRaising(entry.module, models, entry.body);
  return grade !== undefined && isAssertion(entry) ? "panics" : grade;
}

/** What is called so holds, or the program is wrong. */
const assertions =
  /^_?(?:assert|expect|equal|notEqual|strictEqual|deep|same|fail|invariant|ensure|require|must|verify|unreachable|unwrap|never|panic|todo)/i;

function isAssertion({ module, body }: Entry): boolean {
  return assertions.test(module.bodies[body]?.name ?? "");
}

const owns = new WeakMap<Models, WeakMap<Module, Map<BodyId, OwnRaising>>>();

function ownRaising(module: Module, models: Models, id: BodyId): OwnRaising {
  const modules = owns.get(models) ?? new WeakMap<Module, Map<BodyId, OwnRaising>>();
  owns.set(models, modules);
  const bodies = modules.get(module) ?? new Map<BodyId, OwnRaising>();
  modules.set(module, bodies);
  const body = module.bodies[id];
  const found = bodies.get(id) ?? (body === undefined ? nothing : findOwn(module, models, body));
  bodies.set(id, found);
  return found;
}

const nothing: OwnRaising = { grade: undefined, passed: [], never: false };

function findOwn(module: Module, models: Models, body: Body): OwnRaising {
  const { blocks } = body;
  const reached = reversePostorder(blocks).flatMap((id) => blocks[id] ?? []);
  const never = !reached.some(({ end }) => end.kind === "return");
  // What a subclass has to write itself, and what hands out one value after the other.
  if (body.generator || (never && body.kind === "method" && reached.length === 1)) return nothing;
  const conditions = conditionsOf(module, models);
  const throwsOn = reached.some(({ end }) => end.kind === "throw" && isCaught(module, conditions, end.operand));
  // Whoever joins a thread throws since that has failed.
  const worst = reached.some((block) => block.steps.some((step) => isJoin(module, models, step))) ? "panics" : "throws";
  let grade: Grade | undefined;
  const passed: Passed[] = [];
  for (const block of reached) {
    if (!throwsOn && isCaughtHere(blocks, block)) continue;
    for (const step of block.steps) {
      if (isPanic(module, models, step)) grade ??= "panics";
      const call = passedBy(module, conditions, step);
      if (call !== undefined) passed.push(call);
    }
    const { end } = block;
    if (end.kind !== "throw" || isCaught(module, conditions, end.operand)) continue;
    if (gradeOfThrow(module, conditions, end.operand) === "throws") grade = worst;
    else grade ??= "panics";
  }
  return { grade, passed, never };
}

/** Whether something in the body catches what a block throws. */
function isCaughtHere(blocks: readonly Block[], block: Block): boolean {
  let { unwind } = block;
  for (let left = blocks.length; unwind !== undefined && left > 0; left--) {
    const handler: Block | undefined = blocks[unwind];
    if (handler?.cleanup === undefined) return true;
    unwind = handler.unwind;
  }
  return false;
}

/** What a `catch` clause has caught, thrown on. */
export function isCaught(module: Module, conditions: Conditions, operand: Operand): boolean {
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  const local = module.locals[operand.place.base];
  if (local?.kind === "catch") return true;
  const value = local?.kind === "temp" ? conditions.definition(local.id) : undefined;
  return value?.kind === "use" && isCaught(module, conditions, value.operand);
}

/**
 * A new error says something; an error that was found in a Result is passed on, as `unwrap` does. That something cannot be is
 * said to whoever mends the program.
 */
export function gradeOfThrow({ text }: Module, conditions: Conditions, operand: Operand): Grade {
  if (operand.kind !== "place" || operand.place.path.length > 0) return "panics";
  const error = conditions.definition(operand.place.base);
  if (error?.kind !== "call") return "panics";
  return defects.test(text.slice(error.spans.whole.start, error.spans.whole.end)) ? "panics" : "throws";
}

const defects =
  /unreachable|impossible|invariant|not implemented|unimplemented|internal error|\bbug\b|should (?:not|never)|cannot happen/i;

function isJoin(module: Module, models: Models, step: Step): boolean {
  return step.kind === "assign" && step.value.kind === "call" && roleOf(module, models, step.value)?.kind === "join";
}

function isPanic(module: Module, models: Models, step: Step): boolean {
  return step.kind === "assign" && step.value.kind === "call" && isUnwrap(module, models, step.value);
}

/** `unwrap` and `expect`, which throw; `unwrapOr` does not. */
export function isUnwrap(module: Module, models: Models, call: Call): boolean {
  return roleOf(module, models, call)?.kind === "unwrap" && call.method !== "unwrapOr";
}

function passedBy(module: Module, conditions: Conditions, step: Step): Passed | undefined {
  if (step.kind !== "assign") return undefined;
  const { value } = step;
  const call = value.kind === "call" ? value : awaitedCall(conditions, value);
  const symbol = call === undefined ? undefined : calledFunction(module, call);
  return symbol === undefined ? undefined : { symbol, awaited: value.kind === "await" };
}

/** The call whose promise is awaited where it is made. */
export function awaitedCall(conditions: Conditions, value: Value): Call | undefined {
  if (value.kind !== "await" || value.operand.kind !== "place" || value.operand.place.path.length > 0) return undefined;
  const promise = conditions.definition(value.operand.place.base);
  return promise?.kind === "call" ? promise : undefined;
}

/** The function of the project that is called; of a class that is made, its constructor. */
export function calledFunction(module: Module, { symbol, callee, form }: Call): SymbolKey | undefined {
  if (form === "import") return undefined;
  if (symbol !== undefined) return symbol.package === undefined ? symbol : undefined;
  return namedFunction(module, callee);
}

/** The function of the project that an operand names. */
export function namedFunction(module: Module, callee: Operand): SymbolKey | undefined {
  if (callee.kind === "item") return callee.symbol?.package === undefined ? callee.symbol : undefined;
  const local =
    callee.kind === "place" && callee.place.path.length === 0 ? module.locals[callee.place.base] : undefined;
  if (local?.function === undefined) return undefined;
  return module.bodies[local.function]?.symbol ?? local.symbol;
}
