/** Which lock a name means: two names of one key surely mean one lock. What cannot be told has no name. */
import type { Body, Local, LocalId, Module, Operand, Place } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import type { SymbolKey } from "../program/program.js";
import { inLoop } from "../threads/reach.js";
import { bodyOf, indexModule, onlyDefinition } from "../threads/walk.js";

export interface LockName {
  readonly base: Base;
  /** The fields on the way from the base to the lock: `.#stock`. */
  readonly path: string;
  /** As the text calls it. */
  readonly text: string;
  /** Where it is known of which class the object is that the lock is in. */
  readonly field?: Field;
}

/** A field, or one inside of it, that every object of a class has. */
export interface Field {
  /** Where the class is declared, and its name. */
  readonly file: string;
  readonly owner: string;
  /** The fields on the way from the object to the lock. */
  readonly path: string;
}

/** A declaration of a module, which files can share; or a variable of a function, `this` among them. */
export type Base =
  | {
      readonly kind: "declaration";
      readonly key: string;
      readonly file: string;
      /** Whether other files can name it. */
      readonly exported: boolean;
    }
  | { readonly kind: "variable"; readonly module: Module; readonly local: LocalId };

/** Equal for names that surely mean one lock, as long as the functions around them run. */
export function keyOf({ base, path }: LockName): string {
  return base.kind === "declaration" ? `${base.key}${path}` : `${base.module.file}#${base.local}${path}`;
}

/** Equal for one field of the objects of one class, in whatever file. */
export function fieldKey({ file, owner, path }: Field): string {
  return `${file}:${owner}${path}`;
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
    const last = name.slice(of.name.length);
    const dot = symbol?.name.lastIndexOf(".") ?? -1;
    const field = symbol === undefined || dot < 0 ? undefined : fieldOf(symbol, symbol.name.slice(0, dot), last);
    return object && { base: object.base, path: `${object.path}${last}`, text, ...(field && { field }) };
  }
  const base = symbol && declarationOf(symbol, true);
  return base && { base, path: "", text };
}

function declarationOf({ package: from, file, offset }: SymbolKey, exported: boolean): Base | undefined {
  if (from !== undefined || offset === undefined) return undefined;
  return { kind: "declaration", key: `${file}:${offset}`, file, exported };
}

function fieldOf({ package: from, file }: SymbolKey, owner: string, path: string): Field | undefined {
  return from === undefined ? { file, owner, path } : undefined;
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
    const field =
      fieldIn(module, local, fields) ?? (named.field && { ...named.field, path: named.field.path + fields });
    const name = { base: named.base, path: named.path + fields, text: isTemp ? named.text : text };
    return field === undefined ? name : { ...name, field };
  }
  const declared =
    local.body === 0 && local.kind !== "temp" && local.symbol !== undefined
      ? declarationOf(local.symbol, local.exported)
      : undefined;
  const field = fieldIn(module, local, fields);
  const name = { base: declared ?? ({ kind: "variable", module, local: base } as const), path: fields, text };
  return field === undefined ? name : { ...name, field };
}

/** The field of a class that a path is, from a variable of that class, or from `this` in a method of it. */
export function fieldIn({ bodies }: Module, { kind, type, body }: Local, path: string): Field | undefined {
  if (path === "") return undefined;
  if (type?.kind === "named") return fieldOf(type.symbol, type.symbol.name, path);
  const method = kind === "this" ? bodies[body]?.symbol : undefined;
  const dot = method?.name.lastIndexOf(".") ?? -1;
  return method === undefined || dot < 0 ? undefined : fieldOf(method, method.name.slice(0, dot), path);
}

type Value = NonNullable<ReturnType<typeof onlyDefinition>>["step"]["value"];

/** What a value is another name of: a copy of it, a clone, the Arc around it. */
function sourceOf(module: Module, models: Models, value: Value): Operand | undefined {
  // A class has its static locks by itself.
  if (value.kind === "use") return value.operand.kind === "function" ? undefined : value.operand;
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

/** The lock for which `inner` is the name where what `outer` means goes by the name of its base. */
export function below(outer: LockName, inner: LockName): LockName {
  const field = inner.path === "" ? outer.field : inner.field;
  const name = { base: outer.base, path: outer.path + inner.path, text: outer.text + inner.path };
  return field === undefined ? name : { ...name, field };
}

/** The same where an operand is what was given: `alpha` for `.a` of `{ a: alpha }`, which nobody else can name. */
export function nameWithin(module: Module, models: Models, operand: Operand, inner: LockName): LockName | undefined {
  const [, first, rest = ""] = /^\.([\w$]+)(.*)$/.exec(inner.path) ?? [];
  const field = first === undefined ? undefined : fieldOfLiteral(module, operand, first);
  if (field !== undefined) return nameWithin(module, models, field, { ...inner, path: rest });
  const outer = nameOf(module, models, operand);
  return outer && below(outer, inner);
}

function fieldOfLiteral(module: Module, operand: Operand, name: string): Operand | undefined {
  if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
  const { base } = operand.place;
  const value = module.locals[base]?.kind === "temp" ? onlyDefinition(module, base)?.step.value : undefined;
  if (value?.kind !== "object" || value.fields.some(({ spread }) => spread)) return undefined;
  return value.fields.find((each) => each.name === name)?.value;
}

/** Whether a name can mean another lock in the next turn of a loop. */
export function changesByTurn({ base }: LockName): boolean {
  if (base.kind === "declaration") return false;
  const definition = onlyDefinition(base.module, base.local);
  return definition !== undefined && inLoop(bodyOf(base.module, definition.at), definition.at);
}
