/** Where the value that a call gives is kept. */
import type { Local, Module, Place } from "../../mir/mir.js";
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
