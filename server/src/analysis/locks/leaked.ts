/** What a lock guards, changed when the lock has been given back already. */
import type { Body, Call, Local, LocalId, Module, Operand } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { aliasesOf } from "../threads/aliases.js";
import { type Change, changesOf } from "../threads/changes.js";
import { isTypedArrayName } from "../threads/mutators.js";
import { outcomeOf } from "../threads/outcome.js";
import { reachableFrom } from "../threads/reach.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, roleOf, type Scene } from "../threads/starts.js";
import { bodyOf, type Definition, indexModule, type Point } from "../threads/walk.js";
import { type Guard, guardsOf, isBehindDrop } from "./guards.js";

export interface LeakedChange {
  readonly change: Change;
  /** `copy`: nobody sees the change. `memory`: others see it, and may change the same at the same time. */
  readonly of: "copy" | "memory";
  /** The variable that the guarded value was read into. */
  readonly local: Local;
  /** Where it was read from its guard; or the call of a function that returns it. */
  readonly read: Definition;
  /** The guard, and the file that it is in. */
  readonly guard: Guard;
  readonly module: Module;
}

/** Changes that come too late: what the value is when its guard is dropped counts, and from then on it belongs to others. */
export function leakedChanges(scene: Scene): readonly LeakedChange[] {
  const { module } = scene;
  return module.locals.flatMap((local) => {
    if (local.kind === "param" || local.kind === "temp" || local.type?.kind === "primitive") return [];
    const [read, ...others] = indexModule(module).definitions.get(local.id) ?? [];
    if (read === undefined || others.length > 0 || read.at.body !== local.body) return [];
    const source = sourceOf(scene, read);
    return source === undefined ? [] : changesBehind(scene, local, { read, ...source });
  });
}

interface Source {
  readonly guard: Guard;
  readonly module: Module;
  /** The guard is in another function, which has ended. */
  readonly returned: boolean;
}

function sourceOf(scene: Scene, { step: { value } }: Definition): Source | undefined {
  const { module } = scene;
  if (value.kind === "use") {
    const guard = guardOf(scene, value.operand);
    return guard && { guard, module, returned: false };
  }
  const element = value.kind === "call" ? elementOf(scene, value) : undefined;
  if (element !== undefined) return { guard: element, module, returned: false };
  const call = value.kind === "await" ? callBehind(module, value.operand) : value.kind === "call" ? value : undefined;
  return call && returnedBy(scene, call);
}

/** The guard of `guard.value`, and of a part of it. */
function guardOf(scene: Scene, operand: Operand): Guard | undefined {
  if (operand.kind !== "place") return undefined;
  const [field] = operand.place.path;
  if (field?.kind !== "field" || field.name !== "value") return undefined;
  return guardsOf(scene).find(({ local }) => local.id === operand.place.base);
}

/** The guard of `guard.value.find(…)` and `guard.value.get(key)`. What `pop` takes out is nobody else's any more. */
function elementOf(scene: Scene, call: Call): Guard | undefined {
  const role = roleOf(scene, call);
  const isElement = role?.kind === "take" || (role?.kind === "each" && role.returns === "element");
  if (!isElement || call.receiver === undefined || /^(?:pop|shift)$/.test(call.method ?? "")) return undefined;
  return guardOf(scene, call.receiver);
}

function callBehind(module: Module, operand: Operand): Call | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const [only, ...others] = indexModule(module).definitions.get(operand.place.base) ?? [];
  return others.length === 0 && only?.step.value.kind === "call" ? only.step.value : undefined;
}

/** A function that returns what a guard of its own guards. */
function returnedBy(scene: Scene, call: Call): Source | undefined {
  if (roleOf(scene, call) !== undefined) return undefined;
  const callee = calledFunction(scene, call);
  if (callee === undefined || callee.body.generator) return undefined;
  const inner = sceneIn(scene, callee.module);
  const returns = callee.body.blocks.flatMap(({ end }) => (end.kind === "return" ? [end.operand] : []));
  const guards = returns.map((operand) => operand && guardOf(inner, resolved(callee.module, operand)));
  const [guard] = guards;
  const isOwn = guard !== undefined && guard.body === callee.body && guards.every((each) => each === guard);
  return isOwn && guard.dropped.length > 0 ? { guard, module: callee.module, returned: true } : undefined;
}

/** What is returned was put into a temporary before the guard is dropped. */
function resolved(module: Module, operand: Operand): Operand {
  if (operand.kind !== "place" || operand.place.path.length > 0) return operand;
  const [only, ...others] = indexModule(module).definitions.get(operand.place.base) ?? [];
  return others.length === 0 && only?.step.value.kind === "use" ? only.step.value.operand : operand;
}

function changesBehind(
  scene: Scene,
  local: Local,
  { read, guard, module, returned }: Source & { readonly read: Definition },
): readonly LeakedChange[] {
  const body = bodyOf(scene.module, read.at);
  const aliases = aliasesOf(scene, body, local.id);
  const memory = local.type?.kind === "named" && isTypedArrayName(local.type.symbol.name);
  // Behind a join, nobody else may be left.
  const fresh = memory ? [read.at, ...joinsIn(scene, body)] : [read.at];
  const isBehind = (at: Point): boolean =>
    returned ? reachableFrom(body, read.at, fresh)(at) : isBehindDrop(guard, at, fresh);
  const [first, ...others] = changesOf(scene, body, aliases).filter(({ at }) => at.body === body.id && isBehind(at));
  if (first === undefined) return [];
  if (memory) return [{ change: first, of: "memory", local, read, guard, module }];
  const changes = [first, ...others];
  if (!keepsCopies(scene.models, guard.local)) return [];
  if (isUsedBehind(scene, body, { local: local.id, changes })) return [];
  // Whatever makes something of it has a copy of its own, on purpose.
  const points = changes.map(({ at }) => at);
  const { returned: isReturned, handedOn } = outcomeOf(scene, body, aliases, points);
  if (isReturned || handedOn) return [];
  return [{ change: first, of: "copy", local, read, guard, module }];
}

/** Whether the locks of the guard's library give out copies of what they guard. */
function keepsCopies(models: Models, { type }: Local): boolean {
  if (type?.kind !== "named") return false;
  return ["Mutex", "RwLock"].some((name) => {
    const role = models.callable({ ...type.symbol, name }, "new");
    return role?.kind === "share" && role.copies === true;
  });
}

function joinsIn(scene: Scene, { id }: Body): readonly Point[] {
  return (indexModule(scene.module).callsOf.get(id) ?? []).flatMap(({ at, call }) => {
    const kind = roleOf(scene, call)?.kind;
    return kind === "join" || kind === "combine" || kind === "scope" ? [at] : [];
  });
}

/** A closure that runs later may make something of it, and so may whoever is given it. */
function isUsedBehind(
  { module }: Scene,
  body: Body,
  { local, changes }: { readonly local: LocalId; readonly changes: readonly Change[] },
): boolean {
  const isChange = (span: { readonly start: number; readonly end: number }): boolean =>
    changes.some((change) => span.start >= change.span.start && span.end <= change.span.end);
  return (indexModule(module).uses.get(local) ?? []).some(
    ({ at, span, access }) =>
      access === "read" &&
      !isChange(span) &&
      (at.body !== body.id || changes.some((change) => reachableFrom(body, change.at)(at))),
  );
}
