/** What a lock guards, written from what it was when the lock was held before: whatever others wrote between is lost. */
import type { Local, LocalId, Module, Operand, Step, Value } from "../mir/mir.js";
import type { Scene } from "../threads/starts.js";
import { indexModule, onlyDefinition, type Use } from "../threads/walk.js";
import { lockOfGuard, sharedKeyOf } from "./guarded-by.js";
import { type Guard, guardsOf, isBehindDrop, mayBeHeld } from "./guards.js";

export interface StaleWrite {
  readonly guard: Guard;
  readonly step: Step & { readonly kind: "assign" };
  /** The guard of before, and where it was read. */
  readonly earlier: Guard;
  readonly read: Use;
}

export function staleWrites(scene: Scene): readonly StaleWrite[] {
  const guards = guardsOf(scene);
  if (guards.length < 2) return [];
  return guards.flatMap((guard) => {
    const key = keyOfGuard(scene, guard.local);
    const uses = indexModule(scene.module).uses.get(guard.local.id) ?? [];
    // Who reads it again under the lock has seen what it is now.
    if (key === undefined || uses.some((use) => isOfValue(use) && use.access !== "write")) return [];
    const rivals = guards.filter(
      (other) => other !== guard && other.body === guard.body && keyOfGuard(scene, other.local) === key,
    );
    return uses.flatMap((use) => (isOfValue(use) ? (staleAt(scene.module, use, { guard, rivals, guards }) ?? []) : []));
  });
}

/** `guard.value` as a whole. */
function isOfValue({ place: { path } }: Use): boolean {
  const [field] = path;
  return field?.kind === "field" && field.name === "value";
}

function keyOfGuard(scene: Scene, { id, span }: Local): string | undefined {
  if (span === undefined) return undefined;
  const name = lockOfGuard(scene, { kind: "place", place: { base: id, path: [] }, span });
  return name && sharedKeyOf(name);
}

interface Rivals {
  readonly guard: Guard;
  /** The other guards of the same lock, in the same function. */
  readonly rivals: readonly Guard[];
  readonly guards: readonly Guard[];
}

function staleAt(module: Module, { step, at, place }: Use, { guard, rivals, guards }: Rivals): StaleWrite | undefined {
  if (step?.kind !== "assign" || place.path.length > 1 || rivals.length === 0) return undefined;
  // Who puts back all that was there may mean just that.
  const read =
    isMade(step.value) || isMadeBefore(module, step.value) ? sourceOf(module, step.value, rivals, maxDepth) : undefined;
  if (read === undefined) return undefined;
  const { earlier, use } = read;
  const isLetGo = isBehindDrop(earlier, at) && !mayBeHeld(earlier, at) && mayBeHeld(earlier, use.at);
  // Another lock that is held all the time keeps others out.
  const isKept = guards.some(
    (each) => each !== earlier && each !== guard && mayBeHeld(each, use.at) && mayBeHeld(each, at),
  );
  return isLetGo && !isKept ? { guard, step, earlier, read: use } : undefined;
}

/** Something new, and not what was there. */
function isMade({ kind }: Value): boolean {
  return kind === "compute" || kind === "object" || kind === "array";
}

function isMadeBefore(module: Module, value: Value): boolean {
  const source = value.kind === "use" && value.operand.kind === "place" ? value.operand.place : undefined;
  const made = source?.path.length === 0 ? onlyDefinition(module, source.base)?.step.value : undefined;
  return made !== undefined && isMade(made);
}

/** A value is followed through this many computations. */
const maxDepth = 8;

interface Read {
  readonly earlier: Guard;
  readonly use: Use;
}

/** What is computed from a value that was read from one of the guards. What a function makes of it is that function's business. */
function sourceOf(module: Module, value: Value, rivals: readonly Guard[], depth: number): Read | undefined {
  for (const operand of operandsOf(value)) {
    const found = readAt(module, operand, rivals, depth);
    if (found !== undefined) return found;
  }
  return undefined;
}

function operandsOf(value: Value): readonly Operand[] {
  switch (value.kind) {
    case "use":
      return [value.operand];
    case "compute":
      return /^(?:[-+*/%&|^]|<<|>>>?|\*\*|template)$/.test(value.operator) ? value.operands : [];
    case "object":
      return value.fields.map((field) => field.value);
    case "array":
      return value.elements.map((element) => element.value);
    default:
      return [];
  }
}

function readAt(module: Module, operand: Operand, rivals: readonly Guard[], depth: number): Read | undefined {
  if (operand.kind !== "place" || depth === 0) return undefined;
  const { base } = operand.place;
  const earlier = rivals.find(({ local }) => local.id === base);
  if (earlier !== undefined) {
    const uses = indexModule(module).uses.get(base) ?? [];
    const use = uses.find((each) => each.place === operand.place && isOfValue(each));
    return use && { earlier, use };
  }
  const source = givenTo(module, base);
  return source && sourceOf(module, source, rivals, depth - 1);
}

/** The one value that a variable is given, but for a constant to begin with. */
function givenTo(module: Module, local: LocalId): Value | undefined {
  const definitions = indexModule(module).definitions.get(local) ?? [];
  const values = definitions.flatMap(({ step: { value } }) =>
    value.kind === "use" && value.operand.kind === "constant" ? [] : [value],
  );
  const isChanged = (indexModule(module).uses.get(local) ?? []).some(({ access }) => access === "update");
  return values.length === 1 && !isChanged ? values[0] : undefined;
}
