/** What the functions of a file put into fields of `this`: threads, and objects that may own some. */
import type { Call, LocalId } from "../../../mir/mir.js";
import { roleOf } from "../../../models/roles.js";
import type { Scene } from "../../../threads/starts.js";
import { type CallSite, functionNamed, indexModule, onlyDefinition } from "../../../threads/walk.js";
import { fieldsThatKeep } from "../kept-in.js";

export interface Kept {
  /** The `this` of the function that puts it there. */
  readonly object: LocalId;
  readonly field: string;
  readonly site: CallSite;
}

interface KeptInFields {
  /** Threads, and pools of them. */
  readonly threads: readonly Kept[];
  /** Objects of classes of the project. */
  readonly objects: readonly Kept[];
}

const keptBy = new WeakMap<Scene, KeptInFields>();

/** What functions of a file put into fields of `this`. */
export function keptInFields(scene: Scene): KeptInFields {
  const before = keptBy.get(scene);
  if (before !== undefined) return before;
  const { module, models } = scene;
  const threads: Kept[] = [];
  const objects: Kept[] = [];
  for (const site of indexModule(module).calls) {
    const { symbol, form } = site.call;
    if (startsThread(scene, site.call) || roleOf(module, models, site.call)?.kind === "thread-pool")
      threads.push(...ownFields(scene, site));
    else if (form === "new" && symbol !== undefined && symbol.package === undefined)
      objects.push(...ownFields(scene, site));
  }
  const kept = { threads, objects };
  keptBy.set(scene, kept);
  return kept;
}

function ownFields(scene: Scene, site: CallSite): readonly Kept[] {
  const places = fieldsThatKeep(scene, site);
  const own = places.flatMap(({ base, path: [field, ...deeper] }) =>
    scene.module.locals[base]?.kind === "this" && field?.kind === "field" && deeper.length === 0
      ? [{ object: base, field: field.name, site }]
      : [],
  );
  // What has it besides may join it.
  return own.length === places.length ? own : [];
}

/** A call of `spawn`, or of a function of the file that gives back what that gave. */
export function startsThread(scene: Scene, call: Call): boolean {
  const { module, models } = scene;
  const role = roleOf(module, models, call);
  if (role !== undefined)
    return role.kind === "spawn" && !role.scoped && role.returns === "handle" && !isHeard(scene, call);
  const wrapper = call.form === "call" ? functionNamed(module, call.callee) : undefined;
  if (wrapper === undefined || wrapper.async || wrapper.generator) return false;
  const returned = wrapper.blocks.flatMap(({ end }) => (end.kind === "return" ? [end.operand] : []));
  return (
    returned.length > 0 &&
    returned.every((operand) => {
      if (operand?.kind !== "place" || operand.place.path.length > 0) return false;
      const uses = indexModule(module).uses.get(operand.place.base) ?? [];
      const made = onlyDefinition(module, operand.place.base)?.step.value;
      const isOnlyReturned = uses.every(({ access, terminator }) => access === "write" || terminator !== undefined);
      return isOnlyReturned && made?.kind === "call" && roleOf(module, models, made) !== undefined
        ? startsThread(scene, made)
        : false;
    })
  );
}

/** Whoever takes all that comes through a channel has waited for the thread that has its sender. */
function isHeard({ module, models }: Scene, { args }: Call): boolean {
  return args.some(({ value }) => {
    const moved = value.kind === "place" ? indexModule(module).definitions.get(value.place.base) : undefined;
    return (moved ?? []).some(
      ({ step }) =>
        step.value.kind === "call" &&
        step.value.args.some(({ value: given, parts = [] }) => {
          const local = given.kind === "place" && given.place.path.length === 0 ? given.place.base : undefined;
          const types = [
            ...parts.map(({ type }) => type),
            local === undefined ? undefined : module.locals[local]?.type,
          ];
          return types.some((type) => type?.kind === "named" && models.type(type.symbol) === "sender");
        }),
    );
  });
}
