/** Objects that a function writes out, whose functions share a thread in a variable: `{ start() {…}, stop() {…} }`. */
import type { Body, Local, LocalId, Module, ObjectField } from "../../../mir/mir.js";
import type { FunctionRef, Scene } from "../../../threads/starts.js";
import {
  type CallSite,
  callsWithin,
  functionNamed,
  indexModule,
  isWithin,
  onlyDefinition,
} from "../../../threads/walk.js";
import { keptOnly, readsOf } from "../kept-in.js";
import { startsThread } from "./kept-in-fields.js";
import { type Doing, joinsItself, nothing, type OwningClass, onlyLooksAt, startOf } from "./owning-class.js";

export interface Written {
  readonly of: OwningClass;
  /** The variable that has a thread as soon as there is an object. */
  readonly started: string | undefined;
}

/** What a function gives back, where that is one object which it writes out, and which owns a thread. */
export function writtenBy(scene: Scene, { body }: FunctionRef): Written | undefined {
  const fields = body.generator ? undefined : givenBack(scene.module, body);
  const members = fields?.map((field) => memberIn(scene.module, field));
  if (members === undefined || members.includes("unknown")) return undefined;
  const functions = members.flatMap((member) => (typeof member === "object" ? [member] : []));
  const kept = functions.length === 0 ? new Map<LocalId, CallSite[]>() : threadsInVariables(scene, body);
  if (kept.size === 0) return undefined;
  const of = objectOf(scene, functions, kept);
  const isHidden = [...kept.keys()].every((local) =>
    (indexModule(scene.module).uses.get(local) ?? []).every(
      (use) =>
        functions.some(({ id }) => isWithin(scene.module, use.at.body, id)) || onlyLooksAt(scene, use, use.place.path),
    ),
  );
  return isHidden ? { of, started: startOf(of, scene, body) } : undefined;
}

/** The fields of the object that each way through a function gives back, which has no other name. */
function givenBack(module: Module, { blocks }: Body): readonly ObjectField[] | undefined {
  const [end, ...others] = blocks.flatMap((block) => (block.end.kind === "return" ? [block.end] : []));
  if (end?.operand?.kind !== "place" || end.operand.place.path.length > 0 || others.length > 0) return undefined;
  const { base } = end.operand.place;
  const value = readsOf(module, base).length === 1 ? onlyDefinition(module, base)?.step.value : undefined;
  return value?.kind === "object" ? value.fields : undefined;
}

/** The function that a field has. A function with a name of its own may be called by that. */
function memberIn(module: Module, { name, value, spread }: ObjectField): Body | "unknown" | "other" {
  if (spread) return "unknown";
  const body = functionNamed(module, value);
  if (body === undefined) return value.kind === "function" || name === undefined ? "unknown" : "other";
  const isAlone =
    value.kind === "function" || (value.kind === "place" && readsOf(module, value.place.base).length === 1);
  return isAlone && body.name === name ? body : "unknown";
}

/** The variables of a function that get the threads which it, or functions in it, start. */
function threadsInVariables(scene: Scene, body: Body): Map<LocalId, CallSite[]> {
  const { module } = scene;
  const kept = new Map<LocalId, CallSite[]>();
  for (const site of callsWithin(module, body.id)) {
    const local = startsThread(scene, site.call) ? keptOnly(scene, site) : undefined;
    if (local !== undefined && isVariableOf(body, module.locals[local]))
      kept.set(local, [...(kept.get(local) ?? []), site]);
  }
  return kept;
}

function isVariableOf({ id }: Body, local: Local | undefined): boolean {
  return local?.name !== undefined && local.body === id && !local.name.startsWith("_");
}

function objectOf(
  scene: Scene,
  members: readonly Body[],
  kept: ReadonlyMap<LocalId, readonly CallSite[]>,
): OwningClass {
  const { module } = scene;
  const named = new Map(members.flatMap((body) => (body.name === undefined ? [] : [[body.name, body]])));
  const of: OwningClass = {
    module,
    owned: new Map([...kept].map(([local, sites]) => [module.locals[local]?.name ?? "", sites])),
    variables: new Set(kept.keys()),
    inner: new Map(),
    members,
    making: [],
    member: (name) => named.get(name),
    does: (body) => doingOf(of, scene, body),
  };
  return of;
}

function doingOf(of: OwningClass, scene: Scene, body: Body): Doing {
  const { module } = scene;
  const { uses } = indexModule(module);
  // What is called on `this` is not followed.
  const mentionsItself = module.locals.some((local) => local.kind === "this" && local.body === body.id);
  const mayEnd = [...of.variables].some((local) =>
    (uses.get(local) ?? []).some(
      (use) => isWithin(module, use.at.body, body.id) && !onlyLooksAt(scene, use, use.place.path),
    ),
  );
  return {
    ...nothing,
    starts: startOf(of, scene, body),
    mayEnd: mayEnd || mentionsItself,
    joins: joinsItself(scene, body),
  };
}
