/** Classes whose objects own threads: which of their methods start one, and which may do something about it later. */
import type {
  BlockId,
  Body,
  BodyId,
  Call,
  LocalId,
  Module,
  Operand,
  Place,
  Projection,
  Step,
} from "../../../mir/mir.js";
import { roleOf } from "../../../models/roles.js";
import { sceneIn } from "../../../threads/scene.js";
import type { FindFunction, Scene } from "../../../threads/starts.js";
import {
  type CallSite,
  functionNamed,
  indexModule,
  onlyDefinition,
  type Use,
  withNested,
} from "../../../threads/walk.js";
import { isNamed, membersOf, thisOf } from "./class-members.js";
import { type Kept, keptInFields } from "./kept-in-fields.js";
import { doingWith } from "./object-uses.js";

/** A class of which all is in one file: what it extends, too. */
export interface OwningClass {
  readonly module: Module;
  /** The fields that have threads, or a pool of them, with the calls that put them there. */
  readonly owned: ReadonlyMap<string, readonly CallSite[]>;
  /** Of an object that is written out: the variables of the function around it that have threads. */
  readonly variables: ReadonlySet<LocalId>;
  /** The fields that have an object of such a class, with the calls that make it. */
  readonly inner: ReadonlyMap<string, Inner>;
  /** Methods, accessors and initialisers. */
  readonly members: readonly Body[];
  /** What runs as an object is made: the initialisers and the constructor. */
  readonly making: readonly Body[];
  /** The method, getter or setter of a name. */
  member(name: string): Body | undefined;
  /** What a member does with the threads, itself or through other members of the object. */
  does(body: Body): Doing;
}

/** An object that another one has in a field. */
export interface Inner {
  readonly of: OwningClass;
  readonly site: CallSite;
}

export interface Doing {
  /** The field into which it surely starts a thread, where it does, or on whose pool it leaves one. */
  readonly starts: string | undefined;
  /** It may join them, or have somebody join them. */
  readonly mayEnd: boolean;
  /** It joins something, as far as its own calls tell. */
  readonly joins: boolean;
  /** What it gives back may be the object. */
  readonly returnsSelf: boolean;
}

/** What a member does that has nothing to do with threads. */
export const nothing: Doing = { starts: undefined, mayEnd: false, joins: false, returnsSelf: false };

/** By whom the functions of other files are found, since that decides the answer, and by how deep was looked. */
const known = new WeakMap<FindFunction, Map<Body, Map<number, OwningClass | "none">>>();

/** An object that an object has may have one itself. */
const maxNesting = 2;

/** The class of a constructor, where its objects own threads, or objects that do. */
export function owningClass(scene: Scene, made: Body, nesting = maxNesting): OwningClass | undefined {
  const classes = known.get(scene.find) ?? new Map<Body, Map<number, OwningClass | "none">>();
  known.set(scene.find, classes);
  const byNesting = classes.get(made) ?? new Map<number, OwningClass | "none">();
  classes.set(made, byNesting);
  const found = byNesting.get(nesting) ?? findClass(scene, made, nesting) ?? "none";
  byNesting.set(nesting, found);
  return found === "none" ? undefined : found;
}

/** The class of what a call with `new` makes, where it owns threads and nobody else has it. */
export function classMadeBy(scene: Scene, { form, symbol }: Call, nesting = maxNesting): OwningClass | undefined {
  if (form !== "new" || symbol === undefined || symbol.package !== undefined) return undefined;
  const made = scene.find(symbol);
  if (made?.body.kind !== "constructor") return undefined;
  const of = owningClass(sceneIn(scene, made.module), made.body, nesting);
  // What runs as the object is made may give it away.
  return of?.making.some((body) => of.does(body).mayEnd) ? undefined : of;
}

/** The field that has a thread as soon as there is an object. */
export function startedByMaking(of: OwningClass): string | undefined {
  return of.making.map((body) => of.does(body).starts).findLast((field) => field !== undefined);
}

function findClass(scene: Scene, made: Body, nesting: number): OwningClass | undefined {
  const { module } = scene;
  const { threads, objects } = keptInFields(scene);
  const hasNone = threads.length === 0 && (objects.length === 0 || nesting === 0);
  const found = hasNone ? undefined : membersOf(module, made);
  if (found === undefined) return undefined;
  const { members, constructors } = found;
  const selves = new Set([...members, ...constructors].flatMap((body) => thisOf(module, body) ?? []));
  const owned = new Map<string, CallSite[]>();
  for (const { object, field, site } of threads)
    if (selves.has(object)) owned.set(field, [...(owned.get(field) ?? []), site]);
  const mine = nesting === 0 ? [] : objects.filter(({ object, field }) => selves.has(object) && !owned.has(field));
  const inner = innerObjects(scene, mine, nesting - 1);
  if (owned.size === 0 && inner.size === 0) return undefined;
  const { handedTo } = indexModule(module);
  // A decorator may make anything of what it is given.
  if ([...members, ...constructors].some(({ id }) => handedTo.has(id))) return undefined;
  const named = new Map(members.flatMap((body) => (isNamed(body) ? [[body.name ?? "", body]] : [])));
  const done = new Map<BodyId, Doing>();
  const of: OwningClass = {
    module,
    owned,
    variables: new Set(),
    inner,
    members,
    making: [...members.filter(({ kind }) => kind === "initializer"), ...constructors],
    member: (name) => named.get(name),
    does(body) {
      const before = done.get(body.id);
      if (before !== undefined) return before;
      // What members do that call each other is not worked out.
      done.set(body.id, { ...nothing, mayEnd: true });
      const found = doingOf(of, scene, body);
      done.set(body.id, found);
      return found;
    },
  };
  return of;
}

/** Those of the objects that own threads; where a field may have one of two, it is not known what there is. */
function innerObjects(scene: Scene, kept: readonly Kept[], nesting: number): ReadonlyMap<string, Inner> {
  const inner = new Map<string, Inner>();
  for (const { field, site } of kept) {
    const of = kept.some((one) => one.field === field && one.site !== site)
      ? undefined
      : classMadeBy(scene, site.call, nesting);
    if (of !== undefined) inner.set(field, { of, site });
  }
  return inner;
}

const unknown: Doing = { ...nothing, mayEnd: true };

function doingOf(of: OwningClass, scene: Scene, body: Body): Doing {
  const { module } = of;
  const { uses } = indexModule(module);
  const self = thisOf(module, body);
  // What is called on `super` is not followed; that a constructor calls the other one is known.
  let mayEnd = body.kind !== "constructor" && module.locals.some((one) => one.kind === "super" && one.body === body.id);
  let [joins, returnsSelf] = [joinsItself(scene, body), false];
  for (const use of self === undefined ? [] : (uses.get(self) ?? [])) {
    // An arrow function in a field has its `this` from the initialiser, which puts it there.
    if (use.at.body === body.parent) continue;
    if (isItselfReturned(module, body, use)) {
      returnsSelf = true;
      continue;
    }
    const inner = mentionOf(of, scene, use);
    mayEnd ||= inner.mayEnd || (inner.returnsSelf && !isDropped(module, use.step));
    joins ||= inner.joins;
  }
  return { starts: startOf(of, scene, body), mayEnd, joins, returnsSelf };
}

/** `return this` */
function isItselfReturned(module: Module, body: Body, use: Use): boolean {
  return use.place.path.length === 0 && use.at.body === body.id && isReturned(module, use);
}

/** Whether nobody takes what a step gives, but to wait for it. */
export function isDropped(module: Module, step: Step | undefined): boolean {
  if (step?.kind !== "assign" || step.to.path.length > 0 || module.locals[step.to.base]?.kind !== "temp") return false;
  const uses = (indexModule(module).uses.get(step.to.base) ?? []).filter((use) => use.access !== "write");
  return uses.every(
    (use) =>
      use.step?.kind === "discard" ||
      (use.step?.kind === "assign" && use.step.value.kind === "await" && isDropped(module, use.step)),
  );
}

export function joinsItself({ module, models }: Scene, body: Body): boolean {
  const { callsOf } = indexModule(module);
  return withNested(module, body.id).some(({ id }) =>
    (callsOf.get(id) ?? []).some(({ call }) => {
      const kind = roleOf(module, models, call)?.kind;
      return kind === "join" || kind === "drain" || kind === "detach" || kind === "drop";
    }),
  );
}

/** What a mention of `this` or of one of its fields may lead to. */
export function mentionOf(of: OwningClass, { module, models }: Scene, use: Use): Doing {
  const { place, access, step, terminator } = use;
  const [field, ...deeper] = place.path;
  const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  const isReceiver = call?.receiver?.kind === "place" && call.receiver.span === use.span;
  if (field === undefined) {
    if (step?.kind === "end-scope") return nothing;
    const member = isReceiver ? of.member(call.method ?? "") : undefined;
    return member === undefined ? unknown : of.does(member);
  }
  if (field.kind !== "field") return unknown;
  const member = of.member(field.name);
  // A function that is put into its field anew is another one.
  if (member !== undefined) return access === "write" && member.kind !== "setter" ? unknown : of.does(member);
  if (access === "write" && deeper.length === 0) return nothing;
  const inner = of.inner.get(field.name);
  if (inner !== undefined && deeper.length === 0 && isOnlyAsked({ step, terminator })) return nothing;
  if (inner !== undefined) return doingWith(inner.of, module, { ...use, place: { ...place, path: deeper } }) ?? unknown;
  return !of.owned.has(field.name) || onlyLooksAt({ module, models }, use, deeper) ? nothing : unknown;
}

/** Whether there is one, or what it is compared with. */
function isOnlyAsked({ step, terminator }: Pick<Use, "step" | "terminator">): boolean {
  if (terminator !== undefined) return terminator.kind === "branch";
  return step?.kind === "assign" && step.value.kind === "compute";
}

/** What is done with what has a thread, or with what is reached from it, is neither to wait for it nor to give it away. */
export function onlyLooksAt({ module, models }: InFile, use: Use, deeper: readonly Projection[]): boolean {
  const { access, step, span } = use;
  const [next] = deeper;
  if (access === "write" || step?.kind === "end-scope") return true;
  if (next !== undefined) return next.kind === "field" && (next.name === "length" || next.name === "size");
  if (isOnlyAsked(use)) return true;
  const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  if (call?.receiver?.kind !== "place" || call.receiver.span !== span || call.method === "abort") return false;
  if (call.method === "has") return true;
  const kind = roleOf(module, models, call)?.kind;
  return kind === "insert" || kind === "borrow" || kind === "finished" || kind === "spawn";
}

type InFile = Pick<Scene, "module" | "models">;

/** `return it` */
export function isReturned(module: Module, { step, terminator }: Use): boolean {
  if (terminator !== undefined) return terminator.kind === "return";
  if (step?.kind !== "assign" || step.value.kind !== "use" || module.locals[step.to.base]?.kind !== "temp")
    return false;
  const uses = (indexModule(module).uses.get(step.to.base) ?? []).filter(({ access }) => access !== "write");
  return step.to.path.length === 0 && uses.every((use) => use.terminator?.kind === "return");
}

/** The field into which each way through a member starts a thread, but for the ways on which there is one already. */
export function startOf(of: OwningClass, scene: Scene, body: Body): string | undefined {
  const starts = new Map<BlockId, string>();
  for (const { id, steps } of body.blocks) {
    const field = steps.map((step) => startedBy(of, scene, step)).find((one) => one !== undefined);
    if (field !== undefined) starts.set(id, field);
  }
  if (starts.size === 0) return undefined;
  const heads = body.blocks.flatMap(({ loop, id }) =>
    loop !== undefined && [...starts.keys()].some((start) => isInside(body, start, loop.body)) ? [id] : [],
  );
  const self = thisOf(of.module, body);
  const met = new Set<BlockId>();
  const waiting: BlockId[] = [0];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const end = body.blocks[id]?.end;
    if (met.has(id) || starts.has(id) || end === undefined) continue;
    met.add(id);
    if (end.kind === "return") return undefined;
    if (end.kind === "goto") waiting.push(end.target);
    if (end.kind !== "branch") continue;
    const { test } = end;
    // A loop is taken to have a first turn.
    if (heads.includes(id)) waiting.push(end.then);
    else if (test.kind !== "other" && asksForThread(of, self, test.place)) {
      waiting.push((test.kind === "nullish") === test.negated ? end.else : end.then);
    } else waiting.push(end.then, end.else);
  }
  return [...starts.values()][0];
}

/** `this.handle`, `this.handles.has(name)`: at first there is none. */
function asksForThread(of: OwningClass, self: LocalId | undefined, { base, path }: Place): boolean {
  if (base === self) return isOwned(of, path[0]);
  if (path.length === 0 && of.variables.has(base)) return true;
  const asked = path.length === 0 ? onlyDefinition(of.module, base)?.step.value : undefined;
  if (asked?.kind !== "call" || (asked.method !== "has" && asked.method !== "get")) return false;
  const { receiver } = asked;
  return receiver?.kind === "place" && receiver.place.base === self && isOwned(of, receiver.place.path[0]);
}

function isOwned({ owned, inner }: OwningClass, part: Projection | undefined): boolean {
  return part?.kind === "field" && (owned.has(part.name) || inner.has(part.name));
}

function isInside(
  body: Body,
  block: BlockId,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  return (body.blocks[block]?.steps ?? []).some(({ span }) => start <= span.start && span.end <= end);
}

/** The field whose thread a step starts, or on whose pool it leaves one that nobody will wait for. */
function startedBy(of: OwningClass, scene: Scene, step: Step): string | undefined {
  if (step.kind !== "assign" || step.value.kind !== "call") return undefined;
  const call = step.value;
  const role = roleOf(scene.module, scene.models, call);
  if (role?.kind === "spawn" && role.pooled) return leftOnPool(of, step);
  if (role?.kind === "thread-pool") return undefined;
  for (const [field, sites] of of.owned) if (sites.some((site) => site.call === call)) return field;
  for (const [field, { site, of: its }] of of.inner)
    if (site.call === call) return startedByMaking(its) === undefined ? undefined : field;
  if (role?.kind === "each") {
    const [callback] = call.args;
    const inner = callback === undefined ? undefined : functionNamed(scene.module, callback.value);
    return inner === undefined ? undefined : startOf(of, scene, inner);
  }
  const member = isThis(of.module, call.receiver) ? of.member(call.method ?? "") : undefined;
  return member === undefined ? startedInside(of, call) : of.does(member).starts;
}

/** `this.pool.start()` */
function startedInside({ module, inner }: OwningClass, { receiver, method }: Call): string | undefined {
  if (receiver?.kind !== "place" || module.locals[receiver.place.base]?.kind !== "this") return undefined;
  const [field, ...deeper] = receiver.place.path;
  const its = field?.kind === "field" && deeper.length === 0 ? inner.get(field.name)?.of : undefined;
  const member = its?.member(method ?? "");
  return member === undefined || its?.does(member).starts === undefined || field?.kind !== "field"
    ? undefined
    : field.name;
}

function leftOnPool({ module, owned }: OwningClass, step: Step & { readonly kind: "assign" }): string | undefined {
  const { value, to } = step;
  const receiver = value.kind === "call" ? value.receiver : undefined;
  if (receiver?.kind !== "place" || module.locals[receiver.place.base]?.kind !== "this") return undefined;
  const [field, ...deeper] = receiver.place.path;
  if (field?.kind !== "field" || deeper.length > 0 || !owned.has(field.name)) return undefined;
  const uses = (indexModule(module).uses.get(to.base) ?? []).filter((use) => use.step !== step);
  const isLeft = uses.every((use) => use.step?.kind === "discard" && !use.step.onPurpose);
  return to.path.length === 0 && isLeft ? field.name : undefined;
}

function isThis({ locals }: Module, operand: Operand | undefined): boolean {
  return operand?.kind === "place" && operand.place.path.length === 0 && locals[operand.place.base]?.kind === "this";
}
