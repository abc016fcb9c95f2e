/** Containers made in the body: what is put into them and taken out. */
import type { LocalId, Projection } from "../mir/mir.js";
import { elementAt, elementsOf } from "./contents.js";
import {
  type AbstractValue,
  constantValue,
  either,
  just,
  nullish,
  type ObjectId,
  type TokenId,
  truthy,
  unknown,
} from "./value.js";
import { type AbstractObject, giveAway, setLocal, type World } from "./world.js";

/** Puts a value into the containers that `target` names; where it names anything else too, the value escapes. */
export function insertInto(world: World, target: AbstractValue, value: AbstractValue): void {
  const objects = ownObjects(world, target);
  if (objects === undefined) {
    giveTo(world, target, value);
    return;
  }
  for (const id of objects) {
    const object = world.objects.get(id);
    if (object === undefined) continue;
    const elements = object.elements === undefined ? value : either(object.elements, value);
    if (value.atoms.length > 0) world.objects.set(id, { fields: object.fields, elements });
    else forgetLength(world, id);
  }
}

/** Puts a value behind all others, as `push` does once. */
export function append(world: World, target: AbstractValue, value: AbstractValue): void {
  const { id, object, length } = exactly(world, target) ?? {};
  if (id === undefined || object === undefined || length === undefined || length >= maxLength) {
    insertInto(world, target, value);
    return;
  }
  const fields = value.atoms.length > 0 ? new Map(object.fields).set(String(length), value) : object.fields;
  world.objects.set(id, { fields, elements: undefined, length: length + 1 });
}

/** An array that grows beyond this is one of which nobody tells the elements apart. */
const maxLength = 16;

/** What `pop`, `shift` and `at` give, where the array is known element by element. `remove`: it is not in there any more. */
export function takeAt(
  world: World,
  target: AbstractValue,
  { position, remove }: { readonly position: number; readonly remove: "first" | "last" | "none" },
): AbstractValue | undefined {
  const array = exactly(world, target);
  if (array === undefined) return undefined;
  const { id, object, length } = array;
  const index = position < 0 ? length + position : position;
  if (index < 0 || index >= length) return constantValue(undefined);
  const taken = object.fields.get(String(index)) ?? unknown;
  if (remove === "none") return taken;
  const fields = new Map<string, AbstractValue>();
  for (const [name, value] of object.fields) {
    const at = Number(name);
    if (Number.isNaN(at)) fields.set(name, value);
    else if (at !== index) fields.set(String(remove === "first" ? at - 1 : at), value);
  }
  world.objects.set(id, { fields, elements: undefined, length: length - 1 });
  return taken;
}

/** The first or last element of an array that a loop has filled, where it can be told from the others. */
export function endOf(
  world: World,
  target: AbstractValue,
  end: "first" | "last",
  { remove }: { readonly remove: boolean } = { remove: false },
): AbstractValue | undefined {
  const [id, ...others] = ownObjects(world, target) ?? [];
  const object = id === undefined ? undefined : world.objects.get(id);
  if (id === undefined || object?.elements === undefined || others.length > 0) return undefined;
  if ([...object.fields.keys()].some((name) => !Number.isNaN(Number(name)))) return undefined;
  const taken = elementAt(world, object.elements, end);
  if (taken !== undefined && remove) {
    const left = object.elements.atoms.filter((atom) => !("token" in atom && taken.atoms.includes(atom)));
    world.objects.set(id, { ...object, elements: { atoms: left, other: 0 } });
  }
  return taken;
}

/** The one array that a value surely is, where all of its elements are known. */
function exactly(
  world: World,
  target: AbstractValue,
): { readonly id: ObjectId; readonly object: AbstractObject; readonly length: number } | undefined {
  const [id, ...others] = ownObjects(world, target) ?? [];
  const object = id === undefined ? undefined : world.objects.get(id);
  if (id === undefined || object?.length === undefined || object.elements !== undefined || others.length > 0)
    return undefined;
  return { id, object, length: object.length };
}

/** From now on nobody knows which element is where. */
export function shuffle(world: World, target: AbstractValue): void {
  for (const id of ownObjects(world, target) ?? []) {
    const object = world.objects.get(id);
    if (object?.length === undefined) {
      const { elements } = object ?? {};
      // The end of which something is known is not the end any more.
      if (object !== undefined && elements !== undefined)
        world.objects.set(id, { ...object, elements: { ...elements, other: elements.other | truthy | nullish } });
      continue;
    }
    const inside = elementsOf(world, just({ kind: "object", object: id }));
    const fields = new Map([...object.fields].filter(([name]) => Number.isNaN(Number(name))));
    const elements = inside.atoms.length > 0 ? { atoms: inside.atoms, other: 0 } : undefined;
    world.objects.set(id, { fields, elements });
  }
}

function forgetLength(world: World, id: ObjectId): void {
  const object = world.objects.get(id);
  if (object?.length !== undefined) world.objects.set(id, { ...object, length: undefined });
}

/** What a function puts into what a parameter brought is kept for its caller; other code has what it is given. */
function giveTo(world: World, target: AbstractValue, value: AbstractValue): void {
  const [atom, ...others] = target.atoms;
  const isParameter = atom?.kind === "tracked" && !atom.part && world.tokens.get(atom.token)?.parameter === true;
  if (atom?.kind !== "tracked" || !isParameter || others.length > 0 || value.atoms.length === 0) {
    giveAway(world, value);
    return;
  }
  const local = insertedInto(atom.token);
  const before = world.locals.get(local);
  setLocal(world, local, before === undefined ? value : either(before, value));
}

/** The number under which it is kept what was put into what a parameter brought. */
export function insertedInto(token: TokenId): LocalId {
  const index = /\d+$/.exec(token)?.[0];
  return index === undefined ? -100 : -101 - Number(index);
}

/** The containers that a value surely is one of, or undefined. */
export function ownObjects(world: World, value: AbstractValue): readonly ObjectId[] | undefined {
  if (value.atoms.length === 0 || (value.other & ~nullish) !== 0) return undefined;
  const ids: ObjectId[] = [];
  for (const atom of value.atoms) {
    if (atom.kind !== "object" || !world.objects.has(atom.object)) return undefined;
    ids.push(atom.object);
  }
  return ids;
}

/** Writes a field or element. */
export function writePart(world: World, target: AbstractValue, step: Projection, value: AbstractValue): void {
  if (step.kind === "index" && step.constant === undefined) {
    insertInto(world, target, value);
    return;
  }
  const objects = ownObjects(world, target);
  if (objects === undefined) {
    giveAway(world, value);
    return;
  }
  const name = step.kind === "field" ? step.name : String(step.constant);
  for (const id of objects) {
    const object = world.objects.get(id);
    if (object === undefined) continue;
    const known = object.fields.get(name);
    const merged = objects.length === 1 || known === undefined ? value : either(known, value);
    const { length, elements } = object;
    const grown = length === undefined ? undefined : Math.max(length, step.kind === "index" ? Number(name) + 1 : 0);
    world.objects.set(id, { fields: new Map(object.fields).set(name, merged), elements, length: grown });
  }
}

/** Makes a container. One made at the same place earlier, and still there, is the same object from now on. */
export function allocate(world: World, id: ObjectId, object: AbstractObject): AbstractValue {
  const known = world.objects.get(id);
  world.objects.set(id, known === undefined ? object : mergeObjects(known, object));
  return just({ kind: "object", object: id });
}

function mergeObjects(a: AbstractObject, b: AbstractObject): AbstractObject {
  const fields = new Map(a.fields);
  for (const [name, value] of b.fields) {
    const known = fields.get(name);
    fields.set(name, known === undefined ? value : either(known, value));
  }
  const elements =
    a.elements === undefined ? b.elements : b.elements === undefined ? a.elements : either(a.elements, b.elements);
  return { fields, elements, length: a.length === b.length ? a.length : undefined, makes: b.makes };
}
