/** Which lock a name means: two names of one key surely mean one lock. What cannot be told has no name. */
import type { Body, LocalId, Module, Operand, Place } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { inLoop } from "../threads/reach.js";
import { bodyOf, indexModule, onlyDefinition } from "../threads/walk.js";

export interface LockName {
  readonly base: Base;
  /** The fields on the way from the base to the lock: `.#stock`. */
  readonly path: string;
  /** As the text calls it. */
  readonly text: string;
}

/** A declaration of a module, which files can share; or a variable of a function, `this` among them. */
export type Base =
  | { readonly kind: "declaration"; readonly key: string }
  | { readonly kind: "variable"; readonly module: Module; readonly local: LocalId };

/** Equal for names that surely mean one lock, as long as the functions around them run. */
export function keyOf({ base, path }: LockName): string {
  return base.kind === "declaration" ? `${base.key}${path}` : `${base.module.file}#${base.local}${path}`;
}

/** A variable has at most this many further names. */
const maxNames = 6;

/** The name of the lock that an operand holds. */
export function nameOf(module: Module, models: Models, operand: Operand): LockName | undefined {
  return resolve(module, models, operand, maxNames);
}

function resolve(module: Module, models: Models, operand: Operand, depth: number): LockName | undefined {
  const text = module.text.slice(operand.span.start, operand.span.end);
  switch (operand.kind) {
    case "item":
      return resolveItem(operand, text);
    case "place":
      return resolvePlace(module, models, { place: operand.place, text }, depth);
    case "constant":
    case "function":
      return undefined;
    default:
      return operand satisfies never;
  }
}

/** The declaration of a member says which field it is, and what is left of it says of which object. */
function resolveItem({ symbol, of, name }: Operand & { readonly kind: "item" }, text: string): LockName | undefined {
  if (of !== undefined && of.symbol?.name !== "*") {
    const object = resolveItem(of, text);
    return object && { ...object, path: `${object.path}${name.slice(of.name.length)}` };
  }
  if (symbol === undefined || symbol.package !== undefined || symbol.offset === undefined) return undefined;
  return { base: { kind: "declaration", key: `${symbol.file}:${symbol.offset}` }, path: "", text };
}

interface WrittenPlace {
  readonly place: Place;
  readonly text: string;
}

function resolvePlace(
  module: Module,
  models: Models,
  { place: { base, path }, text }: WrittenPlace,
  depth: number,
): LockName | undefined {
  const fields = pathOf(module, path);
  const local = module.locals[base];
  if (fields === undefined || local === undefined || local.reassigned || depth === 0) return undefined;
  const definitions = indexModule(module).definitions.get(base) ?? [];
  if (definitions.length > 1) return undefined;
  const value = definitions[0]?.step.value;
  const source = value === undefined ? undefined : sourceOf(module, models, value);
  if (source !== undefined) {
    const named = resolve(module, models, source, depth - 1);
    if (named === undefined) return undefined;
    // `total.clone()` is `total` under another name.
    const isTemp = local.kind === "temp" && path.length === 0;
    return { base: named.base, path: named.path + fields, text: isTemp ? named.text : text };
  }
  const { symbol } = local;
  if (local.body === 0 && local.kind !== "temp" && symbol?.offset !== undefined && symbol.package === undefined) {
    return { base: { kind: "declaration", key: `${symbol.file}:${symbol.offset}` }, path: fields, text };
  }
  return { base: { kind: "variable", module, local: base }, path: fields, text };
}

type Value = NonNullable<ReturnType<typeof onlyDefinition>>["step"]["value"];

/** What a value is another name of: a copy of it, a clone, the Arc around it. */
function sourceOf(module: Module, models: Models, value: Value): Operand | undefined {
  if (value.kind === "use") return value.operand;
  if (value.kind !== "call" || value.form !== "call") return undefined;
  const role = roleOf(module, models, value)?.kind;
  if (role === "clone") return value.receiver;
  const [shared] = value.args;
  return role === "share" && shared?.spread === false && shared.value.kind !== "constant" ? shared.value : undefined;
}

/** Undefined where an element is chosen by what is not known, or where a field may hold another lock later. */
function pathOf(module: Module, path: Place["path"]): string | undefined {
  let text = "";
  for (const step of path) {
    if (step.kind === "field") {
      if (changingFields(module).has(step.name)) return undefined;
      text += `.${step.name}`;
    } else {
      if (step.constant === undefined) return undefined;
      text += `[${step.constant}]`;
    }
  }
  return text;
}

const changing = new WeakMap<Module, ReadonlySet<string>>();

/** The names of fields that a file writes outside of constructors, and of its getters. */
function changingFields(module: Module): ReadonlySet<string> {
  const known = changing.get(module);
  if (known !== undefined) return known;
  const names = new Set<string>();
  for (const body of module.bodies) {
    if (body.kind === "getter" && body.name !== undefined) names.add(body.name);
    if (body.kind === "constructor" || body.kind === "initializer" || body.kind === "static-block") continue;
    for (const name of fieldsWritten(body)) names.add(name);
  }
  changing.set(module, names);
  return names;
}

function fieldsWritten(body: Body): readonly string[] {
  return body.blocks.flatMap(({ steps }) =>
    steps.flatMap((step) => {
      const place =
        step.kind === "assign" ? step.to : step.kind === "update" || step.kind === "delete" ? step.place : undefined;
      const last = place?.path.at(-1);
      return last?.kind === "field" ? [last.name] : [];
    }),
  );
}

/** Whether a name can mean another lock in the next turn of a loop. */
export function changesByTurn({ base }: LockName): boolean {
  if (base.kind === "declaration") return false;
  const definition = onlyDefinition(base.module, base.local);
  return definition !== undefined && inLoop(bodyOf(base.module, definition.at), definition.at);
}
