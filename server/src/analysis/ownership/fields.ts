/**
 * Fields of what came from elsewhere: `move(this.buffer)`, `move(job.data)`, `move(job)`. Nothing is known of such a value before it is
 * moved; from then on, the place that it was in is followed.
 */
import type { Call, LocalId, Module, Operand, Place, Projection } from "../mir/mir.js";
import type { Part } from "../program/program.js";
import { allocate } from "./containers.js";
import { read } from "./contents.js";
import type { Frame, Origin } from "./engine.js";
import type { Protocol } from "./protocol.js";
import { handleProtocol } from "./protocols.js";
import { makeToken } from "./tokens.js";
import { type AbstractValue, type Atom, directTokens, isUnknown, objectsIn, type TokenId, unknown } from "./value.js";
import { protocolOfType } from "./variables.js";
import { happen, reach, reachable, type World } from "./world.js";

/** A place of which it becomes known by a move that it holds something. */
interface MovedPlace {
  readonly place: Place;
  readonly protocol: Protocol;
}

/** Follows the fields from which a call moves or drops something, where nothing is known of them yet. */
export function noteMovedFields(frame: Frame, world: World, index: number, { call, origin, event }: Moving): void {
  for (const { place, protocol } of movedPlaces(frame, call, index)) {
    if (!isUnknown(read(world, place)) || (world.locals.has(place.base) && !isHolder(world, place.base))) continue;
    const value = makeToken(world, `${placeId(place)}@${origin.span.start}`, protocol);
    happen(world, reachable(world, [value]), event, origin);
    keep(world, place, value);
  }
}

interface Moving {
  readonly call: Call;
  readonly origin: Origin;
  readonly event: "move" | "dispose";
}

/** Whether a call may move or drop such a field: a question of its arguments alone. */
export function mayMoveFields(frame: Frame, call: Call): boolean {
  return call.args.some((_, index) => movedPlaces(frame, call, index).length > 0);
}

const known = new WeakMap<Call, readonly (readonly MovedPlace[])[]>();

function movedPlaces(frame: Frame, call: Call, index: number): readonly MovedPlace[] {
  // Of most arguments no parts are known.
  if ((call.args[index]?.parts ?? []).length === 0) return [];
  const before = known.get(call);
  if (before !== undefined) return before[index] ?? [];
  const places = call.args.map((argument) => findPlaces(frame, argument));
  known.set(call, places);
  return places[index] ?? [];
}

function findPlaces(frame: Frame, { value, spread, parts = [] }: Call["args"][number]): readonly MovedPlace[] {
  if (spread || value.kind !== "place") return [];
  const listed = value.place.path.length === 0 ? frame.engine.conditions.definition(value.place.base) : undefined;
  if (listed?.kind === "array") {
    const types = parts.filter(({ path }) => /^\[[^\]]*\]$/.test(path));
    return listed.elements.flatMap((element) =>
      placesOf(
        frame,
        element.value,
        types.map((part) => ({ ...part, path: "" })),
      ),
    );
  }
  return placesOf(frame, value, parts);
}

function placesOf(frame: Frame, operand: Operand, parts: readonly Part[]): readonly MovedPlace[] {
  if (operand.kind !== "place" || !isInSight(frame, operand.place.base)) return [];
  return parts.flatMap(({ path, type }): MovedPlace[] => {
    const fields = /^(?:\.[\w$#]+)*$/.test(path) ? path.split(".").slice(1) : undefined;
    const protocol = fields === undefined ? undefined : protocolOfType(frame.engine.models, type);
    if (fields === undefined || protocol === undefined) return [];
    const steps = [...operand.place.path, ...fields.map((name): Projection => ({ kind: "field", name }))];
    const isField =
      steps.length > 0 && steps.every((step) => step.kind === "field" && !hasAccessor(frame.engine.module, step.name));
    return isField ? [{ place: { base: operand.place.base, path: steps }, protocol }] : [];
  });
}

/** No other code can get at the variable. What `this` is, other methods can change; see `forgetFields`. */
function isInSight({ engine, stack }: Frame, base: LocalId): boolean {
  const local = engine.module.locals[base];
  if (local === undefined || local.exported || engine.closures.outOfSight(base) || !stack.includes(local.body))
    return false;
  return local.kind === "param" || local.kind === "this" || local.kind === "const" || local.kind === "let";
}

const holders = "fields of ";

function placeId({ base, path }: Place): string {
  return `${holders}${base}${path.map((step) => (step.kind === "field" ? `.${step.name}` : "[]")).join("")}`;
}

/** Whether a variable has only been given fields by a move. */
function isHolder(world: World, base: LocalId): boolean {
  const { atoms = [] } = world.locals.get(base) ?? {};
  return atoms.length === 1 && atoms.every(isOfFields);
}

function isOfFields(atom: Atom): boolean {
  return atom.kind === "object" && atom.object.startsWith(holders);
}

/** Makes a container of the variable, and of each field on the way. */
function keep(world: World, { base, path }: Place, value: AbstractValue): void {
  let held = value;
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const step = path[depth];
    const around: Place = { base, path: path.slice(0, depth) };
    const before = read(world, around).atoms.find(isOfFields);
    const fields = new Map(before?.kind === "object" ? world.objects.get(before.object)?.fields : []);
    if (step?.kind === "field") fields.set(step.name, held);
    const id = placeId(around);
    world.objects.delete(id);
    held = allocate(world, id, { fields, elements: undefined });
  }
  world.locals.set(base, held);
}

/**
 * `this.handle = thread.spawn(f)`: who has the object can join the thread, unless the field gets another value at once.
 *
 * @returns false where it is not known what the field is of
 */
export function storeHandle(frame: Frame, world: World, place: Place, value: AbstractValue): boolean {
  if (!isStorable(frame, world, place)) return false;
  const before = read(world, place);
  const stored = directTokens(before).filter((id) => world.tokens.get(id)?.state === "stored");
  const isHandle = value.atoms.length > 0 && value.atoms.every((atom) => isOwnHandle(world, atom));
  if (!isHandle && stored.length === 0) return false;
  happen(world, directTokens(value), isHandle ? "store" : "escape");
  keep(world, place, isHandle ? value : unknown);
  const { tokens } = reach(world, world.locals.values());
  happen(
    world,
    stored.filter((id) => !tokens.has(id)),
    "evict",
  );
  return true;
}

function isStorable(frame: Frame, world: World, { base, path }: Place): boolean {
  const [step, ...others] = path;
  const kind = frame.engine.module.locals[base]?.kind;
  if (step?.kind !== "field" || others.length > 0 || (kind !== "this" && kind !== "param")) return false;
  if (hasAccessor(frame.engine.module, step.name) || !isInSight(frame, base)) return false;
  return !world.locals.has(base) || isHolder(world, base);
}

function isOwnHandle(world: World, atom: Atom): boolean {
  const token = atom.kind === "tracked" ? world.tokens.get(atom.token) : undefined;
  return token?.protocol === handleProtocol && !token.parameter;
}

/** The handles that are in such fields. */
export function storedIn({ tokens }: World): readonly TokenId[] {
  return tokens.keysOf(({ state }) => state === "stored");
}

/** Other code runs, which may have what the handles are fields of. */
export function forgetStored(world: World): void {
  const stored = storedIn(world);
  if (stored.length === 0) return;
  world.objects.change((object, id) => {
    if (!id.startsWith(holders)) return object;
    const kept = [...object.fields].filter(([, value]) => !directTokens(value).some((token) => stored.includes(token)));
    return kept.length === object.fields.size ? object : { ...object, fields: new Map(kept) };
  });
  happen(world, stored, "excuse");
}

/**
 * Other code has what the fields belong to. It may well know what was moved, and give the field another value.
 *
 * @param writes the fields that it may write; without them, it may write all
 */
export function forgetFields(world: World, values: readonly AbstractValue[], writes?: ReadonlySet<string>): void {
  const waiting = values.flatMap(objectsIn).filter((id) => id.startsWith(holders));
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const { fields } = world.objects.get(id) ?? {};
    for (const [name, value] of fields ?? []) {
      waiting.push(...objectsIn(value).filter((inner) => inner.startsWith(holders)));
      if (writes !== undefined && !writes.has(name)) continue;
      happen(world, reachable(world, [value]), "excuse");
    }
  }
}

/** While this function waits, other methods of the object may run. */
export function forgetOwnFields({ engine, info }: Frame, world: World): void {
  if (world.objects.size === 0) return;
  forgetStored(world);
  for (const [id, value] of world.locals) {
    const local = engine.module.locals[id];
    if (local?.kind === "this" && local.body === info.body.id)
      forgetFields(world, [value], writtenFields(engine.module));
  }
}

interface FieldsOf {
  readonly written: ReadonlySet<string>;
  readonly accessors: ReadonlySet<string>;
}

const fieldsOf = new WeakMap<Module, FieldsOf>();

/** The fields that something else than a constructor writes. */
export function writtenFields(module: Module): ReadonlySet<string> {
  return fieldsIn(module).written;
}

function hasAccessor(module: Module, name: string): boolean {
  return fieldsIn(module).accessors.has(name);
}

function fieldsIn(module: Module): FieldsOf {
  const before = fieldsOf.get(module);
  if (before !== undefined) return before;
  const written = new Set<string>();
  for (const { kind, blocks } of module.bodies) {
    if (kind === "constructor" || kind === "initializer") continue;
    for (const step of blocks.flatMap(({ steps }) => steps)) {
      const place =
        step.kind === "assign" ? step.to : step.kind === "update" || step.kind === "delete" ? step.place : undefined;
      const field = place?.path.at(-1);
      if (field?.kind === "field") written.add(field.name);
    }
  }
  const accessors = new Set(
    module.bodies.flatMap(({ kind, name }) =>
      (kind === "getter" || kind === "setter") && name !== undefined ? [name] : [],
    ),
  );
  const found = { written, accessors };
  fieldsOf.set(module, found);
  return found;
}
