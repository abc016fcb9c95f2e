/** Where the value that a call gives is kept. */
import type { Local, LocalId, Module, Place } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule, type Use } from "../../threads/walk.js";

interface File {
  readonly module: Module;
  readonly models: Models;
}

/** The fields that get what a call gives, or are filled with it, and nothing else does. Empty where something else may. */
export function fieldsThatKeep(file: File, { step }: CallSite): readonly Place[] {
  if (step.to.path.length > 0) return [step.to];
  const local: Local | undefined = file.module.locals[step.to.base];
  if (local === undefined || local.reassigned || local.exported) return [];
  const uses = (indexModule(file.module).uses.get(local.id) ?? []).filter(
    (use) => use.step !== step && use.step?.kind !== "end-scope",
  );
  const places = uses.map((use) => fieldPutInto(file, use));
  return places.every((place) => place !== undefined) ? places : [];
}

/** The field into which a step puts the value that it uses. */
function fieldPutInto({ module, models }: File, { step, place }: Use): Place | undefined {
  if (step?.kind !== "assign" || place.path.length > 0) return undefined;
  if (step.value.kind === "use") return step.to.path.length > 0 ? step.to : undefined;
  if (step.value.kind !== "call" || roleOf(module, models, step.value)?.kind !== "insert") return undefined;
  const { receiver } = step.value;
  return receiver?.kind === "place" && receiver.place.path.length > 0 ? receiver.place : undefined;
}

/** The variable that gets what a call gives, or is filled with it, and nothing else does. */
export function keptOnly({ module, models }: File, { at, step }: CallSite): LocalId | undefined {
  const { base, path } = step.to;
  if (path.length > 0) return undefined;
  const [read, ...others] = readsOf(module, base);
  const isPassedOn = others.length === 0 && read?.at.body === at.body;
  const next = isPassedOn && read.step?.kind === "assign" ? read.step : undefined;
  if (next?.value.kind === "use" && next.to.path.length === 0) return next.to.base;
  if (next?.value.kind !== "call" || roleOf(module, models, next.value)?.kind !== "insert") return base;
  const { receiver } = next.value;
  return receiver?.kind === "place" && receiver.place.path.length === 0 ? receiver.place.base : undefined;
}

export function readsOf(module: Module, local: LocalId): readonly Use[] {
  const uses = indexModule(module).uses.get(local) ?? [];
  return uses.filter(({ access, step }) => access !== "write" && step?.kind !== "end-scope");
}
