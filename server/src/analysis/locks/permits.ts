/** Semaphores of one permit, which are locks: whoever has the permit and waits for it waits for themselves. */
import type { Call, Module, Operand, Value } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { numberOf } from "../threads/constants.js";
import { indexModule, onlyDefinition } from "../threads/walk.js";
import type { LockName } from "./names.js";

/** Whether what a name means is made with one permit, where the file says so; each time, for a field of a class. */
export function hasOnePermit(module: Module, models: Models, { base, path, field }: LockName): boolean {
  const made = field === undefined ? madeIn(module, base, path) : assignedTo(module, field.path);
  return made.length > 0 && made.every((value) => value !== undefined && isOfOne(module, models, value, 2));
}

function madeIn(module: Module, base: LockName["base"], path: string): readonly (Value | undefined)[] {
  if (path !== "") return [];
  if (base.kind === "variable") return base.module === module ? [onlyDefinition(module, base.local)?.step.value] : [];
  const local = module.locals.find(
    ({ symbol, kind }) => kind === "const" && symbol !== undefined && `${symbol.file}:${symbol.offset}` === base.key,
  );
  return local === undefined ? [] : [onlyDefinition(module, local.id)?.step.value];
}

/** All that fields of a name are ever given in the file. */
function assignedTo(module: Module, path: string): readonly (Value | undefined)[] {
  const name = path.slice(1);
  return [...indexModule(module).uses.values()].flat().flatMap(({ access, place, step }) => {
    const [first, ...deeper] = place.path;
    const isIt = first?.kind === "field" && first.name === name && deeper.length === 0;
    if (!isIt || access === "read") return [];
    return [step?.kind === "assign" ? step.value : undefined];
  });
}

function isOfOne(module: Module, models: Models, value: Value, depth: number): boolean {
  const call = callOf(module, value);
  const [first] = call?.args ?? [];
  const role = call && roleOf(module, models, call);
  if (first === undefined || first.spread || role?.kind !== "share") return false;
  if (role.permits) return numberOf(module, first.value) === 1;
  // `Arc.new(new Semaphore(1))`
  const inner = first.value.kind === "place" ? onlyDefinition(module, first.value.place.base)?.step.value : undefined;
  return inner !== undefined && depth > 0 && isOfOne(module, models, inner, depth - 1);
}

function callOf(module: Module, value: Value): Call | undefined {
  if (value.kind === "call") return value;
  const source: Operand | undefined = value.kind === "use" ? value.operand : undefined;
  const made = source?.kind === "place" ? onlyDefinition(module, source.place.base)?.step.value : undefined;
  return made?.kind === "call" ? made : undefined;
}
