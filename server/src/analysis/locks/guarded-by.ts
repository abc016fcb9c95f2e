/** Which lock a guard has taken. */
import type { LocalId, Operand } from "../mir/mir.js";
import { roleOf, type Scene } from "../threads/starts.js";
import { indexModule } from "../threads/walk.js";
import { fieldKey, keyOf, type LockName, nameOf } from "./names.js";

/** The name of the lock of which an operand is the guard: undefined where it cannot be told, or where it may be one of several. */
export function lockOfGuard(scene: Scene, guard: Operand): LockName | undefined {
  const found = locksOf(scene, guard, new Set());
  const [first] = found;
  const isOne = found.every(
    (each) => each !== undefined && first !== undefined && sharedKeyOf(each) === sharedKeyOf(first),
  );
  return isOne ? first : undefined;
}

/** As `keyOf`, but the same in all methods of a class for a field of `this`. */
export function sharedKeyOf(name: LockName): string {
  const { base, field } = name;
  const isOwn = base.kind === "variable" && base.module.locals[base.local]?.kind === "this";
  return isOwn && field !== undefined ? fieldKey(field) : keyOf(name);
}

/** Undefined for each way to get the guard that is not known. */
function locksOf(scene: Scene, operand: Operand | undefined, seen: Set<LocalId>): readonly (LockName | undefined)[] {
  if (operand?.kind !== "place" || operand.place.path.length > 0) return [undefined];
  const local = operand.place.base;
  if (seen.has(local)) return [];
  seen.add(local);
  const definitions = indexModule(scene.module).definitions.get(local) ?? [];
  if (definitions.length === 0) return [undefined];
  return definitions.flatMap(({ step: { value } }): readonly (LockName | undefined)[] => {
    if (value.kind === "use" || value.kind === "await") return locksOf(scene, value.operand, seen);
    if (value.kind !== "call") return [undefined];
    switch (roleOf(scene, value)?.kind) {
      case "lock":
        return [value.receiver && nameOf(scene.module, scene.models, value.receiver)];
      case "unwrap":
        return locksOf(scene, value.receiver, seen);
      case "relock":
        return locksOf(scene, value.args[0]?.value, seen);
      default:
        return [undefined];
    }
  });
}
