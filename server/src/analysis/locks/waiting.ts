/** What a step waits for. */
import type { Module, Operand, Value } from "../mir/mir.js";
import type { Role } from "../models/model.js";
import type { Holding } from "../ownership/holdings.js";
import { roleOf, type Scene } from "../threads/starts.js";
import { type CallSite, type Definition, indexModule, type Point } from "../threads/walk.js";
import { functionAt } from "./uses.js";

/** A call whose end a step waits for. */
export interface Awaited {
  readonly site: CallSite;
  readonly role: Role | undefined;
  /** Its promise was in a variable of the same function in between. */
  readonly early: boolean;
}

/** The calls that a step waits for: itself, those whose promises it awaits, and those in the array of a `Promise.all`. */
export function awaitedCalls(scene: Scene, { body, block, index, step }: Holding): readonly Awaited[] {
  return awaitedAt(scene, { body, block, index }, step);
}

/** The same of any step. */
export function awaitedAt(scene: Scene, at: Point, step: CallSite["step"]): readonly Awaited[] {
  const { value } = step;
  switch (value.kind) {
    case "call":
      return [{ site: { at, call: value, step }, role: roleOf(scene, value), early: false }];
    case "await":
      return awaitedBy(scene, value.operand);
    default:
      return [];
  }
}

/** The calls whose promises an operand is, as somebody waits for it. */
export function awaitedBy(scene: Scene, operand: Operand): readonly Awaited[] {
  return madeBy(scene, operand, 2);
}

/** The calls whose promises an operand is, where it is a temporary. */
function madeBy(scene: Scene, operand: Operand, depth: number): readonly Awaited[] {
  const site = callThatMade(scene.module, operand);
  if (site === undefined) return [];
  const role = roleOf(scene, site.call);
  if (role?.kind !== "combine" || depth === 0) return [{ site, role, early: isNamed(scene.module, operand) }];
  const [all] = site.call.args;
  if (all === undefined || all.spread || /^(?:race|any)$/.test(site.call.method ?? "")) return [];
  return elementsOf(scene, all.value, depth - 1);
}

/** The calls whose promises are in an array: written out, or made by `map`. */
function elementsOf(scene: Scene, operand: Operand, depth: number): readonly Awaited[] {
  const value = madeOf(scene.module, operand);
  if (value?.kind === "array") {
    return value.elements.flatMap((element) => (element.spread ? [] : madeBy(scene, element.value, depth)));
  }
  if (value?.kind !== "call" || roleOf(scene, value)?.kind !== "each" || value.method !== "map") return [];
  const callback = functionAt(scene, value.args[0]?.value);
  if (callback === undefined) return [];
  return callback.blocks.flatMap(({ end }) =>
    end.kind === "return" && end.operand !== undefined ? madeBy(scene, end.operand, depth) : [],
  );
}

function callThatMade(module: Module, operand: Operand): CallSite | undefined {
  const definition = definitionOf(module, operand);
  if (definition?.step.value.kind !== "call") return undefined;
  return { at: definition.at, call: definition.step.value, step: definition.step };
}

function madeOf(module: Module, operand: Operand): Value | undefined {
  return definitionOf(module, operand)?.step.value;
}

function definitionOf(module: Module, operand: Operand): Definition | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const { base } = operand.place;
  const local = module.locals[base];
  if (local === undefined || local.reassigned || local.kind === "param") return undefined;
  const all = indexModule(module).definitions.get(base) ?? [];
  // `handle?.join()` is the call or undefined.
  const [only, ...others] = all.filter(
    ({ step: { value } }) => !(value.kind === "use" && value.operand.kind === "constant"),
  );
  if (only === undefined || others.length > 0) return undefined;
  return all.length > 1 && only.step.value.kind === "use" ? definitionOf(module, only.step.value.operand) : only;
}

/** Whether a promise was kept before it is waited for. */
function isNamed({ locals }: Module, operand: Operand): boolean {
  return operand.kind === "place" && locals[operand.place.base]?.kind !== "temp";
}

/** `new Promise((done) => setTimeout(done, ms))` */
export function isTimer(scene: Scene, { call }: CallSite): boolean {
  if (call.form !== "new" || call.symbol?.package !== "typescript" || call.symbol.name !== "Promise") return false;
  const executor = functionAt(scene, call.args[0]?.value);
  const [done] = executor?.params ?? [];
  if (executor === undefined || done === undefined) return false;
  return (indexModule(scene.module).callsOf.get(executor.id) ?? []).some(({ call: { callee, args } }) => {
    const [wake] = args;
    const isSetTimeout = callee.kind === "item" && callee.local === undefined && callee.name === "setTimeout";
    return isSetTimeout && wake?.value.kind === "place" && wake.value.place.base === done.arrives;
  });
}
