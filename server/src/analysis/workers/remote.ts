/** What stands for an object in a worker: comlink's `wrap(worker)`, and what `await spawn(worker)` of threads.js gives. */
import type { Call, LocalId, Module, Operand, Value } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { type CallSite, indexModule, onlyDefinition } from "../threads/walk.js";

export type RemoteRole = Extract<Role, { kind: "remote" }>;

/** The role of what a call is made on: `api` of `api.load()`, and `hash` of `hash()`. */
export function remoteOf(module: Module, models: Models, { receiver, callee, form }: Call): RemoteRole | undefined {
  const base = form === "call" ? wholeLocal(receiver ?? callee) : undefined;
  const made = base === undefined || module.locals[base]?.reassigned !== false ? undefined : madeBy(module, base);
  const role = made && roleOf(module, models, made);
  return role?.kind === "remote" ? role : undefined;
}

/** The variable that holds what a call makes, or what its promise gives. */
export function holderOf(module: Module, { step }: CallSite): LocalId | undefined {
  const { base, path } = step.to;
  if (path.length > 0) return undefined;
  if (module.locals[base]?.kind !== "temp") return base;
  const [use, ...others] = (indexModule(module).uses.get(base) ?? []).filter((each) => each.step !== step);
  const next = use?.step;
  const isNamed = next?.kind === "assign" && next.declares && next.to.path.length === 0 && others.length === 0;
  return isNamed && (next.value.kind === "await" || next.value.kind === "use") ? next.to.base : undefined;
}

function wholeLocal(operand: Operand): LocalId | undefined {
  return operand.kind === "place" && operand.place.path.length === 0 ? operand.place.base : undefined;
}

function madeBy(module: Module, local: LocalId): Call | undefined {
  const value: Value | undefined = onlyDefinition(module, local)?.step.value;
  if (value?.kind === "call") return value;
  const promise = value?.kind === "await" ? wholeLocal(value.operand) : undefined;
  const made = promise === undefined ? undefined : onlyDefinition(module, promise)?.step.value;
  return made?.kind === "call" ? made : undefined;
}
