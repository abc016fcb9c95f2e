/** Workers that are kept in an array, a Map or a Set: whether all that is ever done with them there is to post to them. */
import type { Call, Local, LocalId, Module, Operand, Place, Step } from "../mir/mir.js";
import type { Models, Role } from "../models/model.js";
import { roleOf } from "../models/roles.js";
import { type CallSite, indexModule, type Use } from "../threads/walk.js";
import { isPrivate, roleOfMethod } from "./hearing.js";

/** `one`: a worker, or an entry of a Map that has it. `many`: a collection of workers. */
type Kind = "one" | "many";
/** A variable, or a field that only this file can name. */
type Key = LocalId | string;

interface Search {
  readonly module: Module;
  readonly models: Models;
  readonly kinds: Map<Key, Kind>;
}

/** The collection that a worker is put into, as code writes it, where nobody hears of it there, ends it, or hands it on. */
export function unheardCollection(module: Module, models: Models, { step }: CallSite): string | undefined {
  const search: Search = { module, models, kinds: new Map() };
  if (!keep(search, step.to, "one")) return undefined;
  // What is added while a map is walked is walked, too.
  for (const key of search.kinds.keys()) {
    if (!usesOf(module, key).every((use) => use.step === step || isQuiet(search, use))) return undefined;
  }
  for (const [key, kind] of search.kinds) {
    const name = typeof key === "string" ? `this.${key}` : module.locals[key]?.name;
    if (kind === "many" && name !== undefined) return name;
  }
  return undefined;
}

/** Notes that a place holds workers. False where others may see what it holds. */
function keep({ module, kinds }: Search, { base, path }: Place, kind: Kind): boolean {
  const local = module.locals[base];
  const [field, ...deeper] = path;
  const isOwn = field?.kind === "field" && local?.kind === "this" && deeper.length === 0;
  const key = field === undefined ? base : isOwn && isPrivate(module, field.name) ? field.name : undefined;
  if (key === undefined || local === undefined || local.exported || (field === undefined && !isOwnVariable(local)))
    return false;
  return note(kinds, key, kind);
}

/** What callers and other files have is not the function's own. */
function isOwnVariable({ kind }: Local): boolean {
  return kind === "const" || kind === "let" || kind === "var" || kind === "temp";
}

function note(kinds: Search["kinds"], key: Key, kind: Kind): boolean {
  if (kinds.get(key) === undefined) kinds.set(key, kind);
  return kinds.get(key) === kind;
}

function usesOf(module: Module, key: Key): readonly Use[] {
  const { uses } = indexModule(module);
  if (typeof key === "number") return uses.get(key) ?? [];
  return [...uses.values()]
    .flat()
    .filter(({ place: { path } }) => path.some((part) => part.kind === "field" && part.name === key));
}

/** What a place holds, and what is reached from that. */
function heldAt({ module, kinds }: Search, { base, path }: Place): { kind: Kind; rest: Place["path"] } | undefined {
  const [field, ...deeper] = path;
  const own = field?.kind === "field" && module.locals[base]?.kind === "this" ? kinds.get(field.name) : undefined;
  const kind = own ?? kinds.get(base);
  if (kind === undefined) return undefined;
  const rest = own === undefined ? path : deeper;
  return rest[0]?.kind === "index" ? { kind: "one", rest: rest.slice(1) } : { kind, rest };
}

/** The `name` of `for (const [name, worker] of byName)`. */
function isKeyOfEntry({ kinds }: Search, { base, path: [first] }: Place): boolean {
  return kinds.get(base) === "one" && first?.kind === "index" && first.constant === 0;
}

function heldBy(search: Search, operand: Operand | undefined): Kind | undefined {
  const held = operand?.kind === "place" ? heldAt(search, operand.place) : undefined;
  return held?.rest.length === 0 ? held.kind : undefined;
}

function isQuiet(search: Search, use: Use): boolean {
  const { step, terminator, place, access } = use;
  if (terminator !== undefined) return terminator.kind === "branch" || isCollected(search, use);
  if (step?.kind === "end-scope" || step?.kind === "discard") return true;
  if (isKeyOfEntry(search, place)) return true;
  const held = heldAt(search, place);
  if (held === undefined || step?.kind === "dispose") return false;
  if (access === "delete") return held.rest.length === 0;
  if (step?.kind !== "assign") return false;
  if (access === "write") return held.rest.length === 0 && (held.kind === "one" || isFresh(search, step));
  const [field] = held.rest;
  if (field !== undefined)
    return field.kind === "field" && /^(?:length|size|threadId)$/.test(field.name) && !isCall(step);
  return isQuietRead(search, step, held.kind);
}

function isCall({ value }: Step & { readonly kind: "assign" }): boolean {
  return value.kind === "call";
}

/** `[]`, `new Map()`, and what else nobody has yet. */
function isFresh(search: Search, { value }: Step & { readonly kind: "assign" }): boolean {
  if (value.kind === "use") return heldBy(search, value.operand) !== undefined;
  if (value.kind !== "call") return value.kind === "array";
  const role = roleOf(search.module, search.models, value)?.kind;
  return (
    role === "collect" ||
    role === "view" ||
    role === "each" ||
    (value.form === "new" && /^(?:Map|Set|Array)$/.test(value.symbol?.name ?? ""))
  );
}

function isQuietRead(search: Search, step: Step & { readonly kind: "assign" }, kind: Kind): boolean {
  const { value, to } = step;
  switch (value.kind) {
    case "use":
      return keep(search, to, kind);
    case "element":
      return keep(search, to, "one");
    case "array":
      return keep(search, to, "many");
    case "compute":
      return true;
    case "call":
      return isQuietCall(search, value, to);
    default:
      return false;
  }
}

function isQuietCall(search: Search, call: Call, to: Place): boolean {
  const { module, models } = search;
  const on = heldBy(search, call.receiver);
  const role = roleOf(module, models, call) ?? (on === "one" ? roleOfMethod(models, call) : undefined);
  const given = call.args.map(({ value }) => heldBy(search, value));
  if (given.includes("many"))
    return role?.kind === "collect" && isQuietEach(search, call, 1) && keep(search, to, "many");
  if (given.includes("one")) return isPutInto(search, call, role);
  if (on === "one") return role?.kind === "post" || role?.kind === "borrow";
  if (on === undefined) return false;
  switch (role?.kind) {
    case "insert":
    case "borrow":
      return true;
    case "take":
      return keep(search, to, "one");
    case "view":
      return keep(search, to, "many");
    case "each":
      if (!isQuietEach(search, call, 0)) return false;
      if (role.returns === "elements") return keep(search, to, "many");
      return role.returns === "element" ? keep(search, to, "one") : role.returns !== "accumulator";
    default:
      return call.method === "delete" || call.method === "clear";
  }
}

function isPutInto(search: Search, call: Call, role: Role | undefined): boolean {
  return role?.kind === "insert" && call.receiver?.kind === "place" && keep(search, call.receiver.place, "many");
}

/** The function that is called for each of them: what it does with its parameter is looked at, too. */
function isQuietEach(search: Search, { args }: Call, position: number): boolean {
  const callback = args[position]?.value;
  if (callback === undefined) return position === 1;
  const body = callback.kind === "function" ? search.module.bodies[callback.body] : undefined;
  const [param] = body?.params ?? [];
  if (body === undefined || param?.rest === true) return false;
  return param === undefined || note(search.kinds, param.arrives, "one");
}

/** `Array.from({ length: 4 }, () => new Worker(…))`: what the function returns is in what the call gives. */
function isCollected(search: Search, { at, terminator }: Use): boolean {
  if (terminator?.kind !== "return") return false;
  const site = indexModule(search.module).handedTo.get(at.body);
  const role = site && roleOf(search.module, search.models, site.call);
  const isMapped = role?.kind === "collect" || (role?.kind === "each" && role.returns === "results");
  return isMapped && site !== undefined && keep(search, site.step.to, "many");
}
