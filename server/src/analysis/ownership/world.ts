/** One way in which control can have come to a point: what each place holds there, and which values are still owed a join. */
import type { Span } from "../diagnostic.js";
import type { LocalId, Place, Projection } from "../mir/mir.js";
import { after, type Event, obliges, type Tracked } from "./protocol.js";
import {
  type AbstractValue,
  type Atom,
  anything,
  either,
  eitherOf,
  isUnknown,
  just,
  mapAtoms,
  nullish,
  type ObjectId,
  objectsIn,
  orNothing,
  type TokenId,
  tokensIn,
  unknown,
  valueKey,
  type Ways,
} from "./value.js";

/** A container made in the body. */
export interface AbstractObject {
  readonly fields: ReadonlyMap<string, AbstractValue>;
  /** What is at positions and keys that are not known one by one. */
  readonly elements: AbstractValue | undefined;
}

/** A value that is tracked and in a state that obliges somebody. */
export interface Token extends Tracked {
  readonly site: string;
  /** Brought by a parameter: whatever it is, and all that is reached from it. The caller owns it. */
  readonly parameter: boolean;
  /** The head of the innermost loop in which it was last taken out of a container, this turn. */
  readonly seen: string | undefined;
  /** A loop over its container ended without anything having been done to it. */
  readonly skipped: boolean;
}

export interface World {
  readonly locals: Map<LocalId, AbstractValue>;
  readonly objects: Map<ObjectId, AbstractObject>;
  /** The tokens whose state obliges. All others are forgotten. */
  readonly tokens: Map<TokenId, Token>;
  /** How conditions that are tested again came out. */
  readonly facts: Map<string, Ways>;
  /** What became of parameters that oblige nobody any more. */
  readonly outcomes: Map<TokenId, Tracked>;
  /** The `throw` that control came here by. */
  thrown: Span | undefined;
}

export function emptyWorld(): World {
  return {
    locals: new Map(),
    objects: new Map(),
    tokens: new Map(),
    facts: new Map(),
    outcomes: new Map(),
    thrown: undefined,
  };
}

export function copyWorld(world: World): World {
  return {
    locals: new Map(world.locals),
    objects: new Map(world.objects),
    tokens: new Map(world.tokens),
    facts: new Map(world.facts),
    outcomes: new Map(world.outcomes),
    thrown: world.thrown,
  };
}

/** Equal worlds have equal keys. */
export function worldKey(world: World): string {
  const locals = [...world.locals].sort(([a], [b]) => a - b).map(([id, value]) => `${id}=${valueKey(value)}`);
  const objects = sorted(world.objects).map(([id, object]) => {
    const fields = sorted(object.fields).map(([name, value]) => `${name}:${valueKey(value)}`);
    return `${id}={${fields.join()};${object.elements === undefined ? "" : valueKey(object.elements)}}`;
  });
  const tokens = sorted(world.tokens).map(
    ([id, token]) => `${id}${token.state}${token.seen ?? ""}${token.skipped ? "!" : ""}`,
  );
  const facts = sorted(world.facts).map(([key, ways]) => `${key}=${ways}`);
  const outcomes = sorted(world.outcomes).map(([id, { state }]) => `${id}=${state}`);
  return [locals, objects, tokens, facts, outcomes, world.thrown?.start ?? ""].map(String).join("\u0000");
}

function sorted<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return map.size < 2 ? [...map] : [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** What a place holds. */
export function read(world: World, place: Place): AbstractValue {
  let value = world.locals.get(place.base) ?? unknown;
  for (const step of place.path) value = project(world, value, step);
  return value;
}

function project(world: World, value: AbstractValue, step: Projection): AbstractValue {
  if (value.atoms.length === 0) return unknown;
  const parts = value.atoms.map((atom) => projectAtom(world, atom, step));
  return eitherOf((value.other & ~nullish) === 0 ? parts : [...parts, unknown]);
}

function projectAtom(world: World, atom: Atom, step: Projection): AbstractValue {
  switch (atom.kind) {
    case "object":
      return partOf(world.objects.get(atom.object), step);
    case "handle":
      return world.tokens.get(atom.token)?.parameter || isValueOfPair(step) ? just(atom) : unknown;
    case "result":
      if (step.kind !== "field") return isValueOfPair(step) ? just(atom) : unknown;
      if (step.name === "value") return orNothing(atom.of);
      if (step.name === "ok") return just({ kind: "test", when: false, tokens: tokensIn(atom.of) });
      return unknown;
    case "promise":
    case "pending":
      return isValueOfPair(step) ? just(atom) : unknown;
    case "function":
    case "test":
      return unknown;
    default:
      return atom satisfies never;
  }
}

/** Maps and `entries()` give pairs; a pair is followed as its value, which is what stands at 1. */
function isValueOfPair(step: Projection): boolean {
  return step.kind === "index" && step.constant === 1;
}

function partOf(object: AbstractObject | undefined, step: Projection): AbstractValue {
  if (object === undefined) return unknown;
  if (step.kind === "field") return object.fields.get(step.name) ?? unknown;
  if (step.constant !== undefined) {
    const known = object.fields.get(String(step.constant));
    if (known !== undefined) return known;
    return object.elements === undefined ? unknown : orNothing(object.elements);
  }
  return contentsOf(object);
}

/** Any of the things in a container. */
function contentsOf(object: AbstractObject): AbstractValue {
  const values = [...object.fields.values(), ...(object.elements === undefined ? [] : [object.elements])];
  const tracked = values.filter((value) => value.atoms.length > 0);
  return tracked.length === 0 ? unknown : orNothing(eitherOf(tracked));
}

/** Any of the things in the containers that a value names; a parameter is its own content. */
export function elementsOf(world: World, value: AbstractValue): AbstractValue {
  const parts = value.atoms.flatMap((atom): AbstractValue[] => {
    if (atom.kind === "object") {
      const object = world.objects.get(atom.object);
      return object === undefined ? [] : [contentsOf(object)];
    }
    return atom.kind === "handle" && world.tokens.get(atom.token)?.parameter ? [just(atom)] : [];
  });
  return eitherOf(parts.filter((part) => !isUnknown(part)));
}

/** The tokens reached from a value, through containers. */
export function reachable(world: World, values: Iterable<AbstractValue>): ReadonlySet<TokenId> {
  const tokens = new Set<TokenId>();
  const objects = new Set<ObjectId>();
  const waiting = [...values];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    for (const token of tokensIn(value)) tokens.add(token);
    for (const id of objectsIn(value)) {
      const object = world.objects.get(id);
      if (object === undefined || objects.has(id)) continue;
      objects.add(id);
      waiting.push(...object.fields.values());
      if (object.elements !== undefined) waiting.push(object.elements);
    }
  }
  return tokens;
}

/** Moves tokens to their next state. A token that obliges nobody any more is forgotten, with every name of it. */
export function happen(world: World, tokens: Iterable<TokenId>, event: Event): void {
  const gone = new Set<TokenId>();
  for (const id of tokens) {
    const token = world.tokens.get(id);
    if (token === undefined) continue;
    const now = after(token, event);
    if (obliges(now)) {
      world.tokens.set(id, now);
      continue;
    }
    if (token.parameter) world.outcomes.set(id, now);
    world.tokens.delete(id);
    gone.add(id);
  }
  if (gone.size > 0) forget(world, (atom) => ("token" in atom && gone.has(atom.token) ? undefined : atom));
}

/** Renames or removes atoms everywhere. */
export function forget(world: World, change: (atom: Atom) => Atom | undefined): void {
  for (const [id, value] of world.locals) setLocal(world, id, mapAtoms(value, change));
  for (const [id, object] of world.objects) {
    const fields = new Map([...object.fields].map(([name, value]) => [name, mapAtoms(value, change)] as const));
    const elements = object.elements === undefined ? undefined : mapAtoms(object.elements, change);
    world.objects.set(id, { fields, elements });
  }
}

export function setLocal(world: World, local: LocalId, value: AbstractValue): void {
  if (isUnknown(value)) world.locals.delete(local);
  else world.locals.set(local, value);
}

/** Unknown code or storage has the value now, and everything reached from it. */
export function giveAway(world: World, value: AbstractValue, event: Event = "escape"): void {
  if (value.atoms.length === 0) return;
  happen(world, reachable(world, [value]), event);
  const waiting = [...objectsIn(value)];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const object = world.objects.get(id);
    if (object === undefined) continue;
    world.objects.delete(id);
    for (const field of object.fields.values()) waiting.push(...objectsIn(field));
    if (object.elements !== undefined) waiting.push(...objectsIn(object.elements));
  }
  forget(world, (atom) => (atom.kind === "object" && !world.objects.has(atom.object) ? undefined : atom));
}

/** Puts a value into the containers that `target` names; where it names anything else too, the value escapes. */
export function insertInto(world: World, target: AbstractValue, value: AbstractValue): void {
  const objects = ownObjects(world, target);
  if (objects === undefined) {
    giveAway(world, value);
    return;
  }
  for (const id of objects) {
    const object = world.objects.get(id);
    if (object === undefined) continue;
    const elements = object.elements === undefined ? value : either(object.elements, value);
    if (value.atoms.length > 0) world.objects.set(id, { fields: object.fields, elements });
  }
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
    world.objects.set(id, { fields: new Map(object.fields).set(name, merged), elements: object.elements });
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
  return { fields, elements };
}

/** How a condition that was met before came out. */
export function factOf(world: World, key: string): Ways {
  return world.facts.get(key) ?? anything;
}
