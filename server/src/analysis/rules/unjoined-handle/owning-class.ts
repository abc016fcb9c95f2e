/** Classes whose objects own threads: which of their methods start one, and which may do something about it later. */
import type { BlockId, Body, BodyId, Call, LocalId, Module, Operand, Place, Projection, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Scene } from "../../threads/starts.js";
import { type CallSite, functionNamed, indexModule, onlyDefinition, type Use, withNested } from "../../threads/walk.js";
import { fieldsThatKeep } from "./kept-in.js";

/** A class of which all is in one file: what it extends, too. */
export interface OwningClass {
  readonly module: Module;
  /** The fields that have threads, or a pool of them, with the calls that put them there. */
  readonly owned: ReadonlyMap<string, readonly CallSite[]>;
  /** Methods, accessors and initialisers. */
  readonly members: readonly Body[];
  /** What runs as an object is made: the initialisers and the constructor. */
  readonly making: readonly Body[];
  /** The method, getter or setter of a name. */
  member(name: string): Body | undefined;
  /** What a member does with the threads, itself or through other members of the object. */
  does(body: Body): Doing;
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

const known = new WeakMap<Body, OwningClass | "none">();

/** The class of a constructor, where its objects own threads. */
export function owningClass(scene: Scene, made: Body): OwningClass | undefined {
  const before = known.get(made) ?? findClass(scene, made) ?? "none";
  known.set(made, before);
  return before === "none" ? undefined : before;
}

function findClass(scene: Scene, made: Body): OwningClass | undefined {
  const { module } = scene;
  const kept = threadsInFields(scene);
  const found = kept.length === 0 ? undefined : membersOf(module, made);
  if (found === undefined) return undefined;
  const { members, constructors } = found;
  const objects = new Set([...members, ...constructors].flatMap(({ id }) => thisOf(module, id) ?? []));
  const owned = new Map<string, CallSite[]>();
  for (const { object, field, site } of kept)
    if (objects.has(object)) owned.set(field, [...(owned.get(field) ?? []), site]);
  if (owned.size === 0) return undefined;
  const { handedTo } = indexModule(module);
  // A decorator may make anything of what it is given.
  if ([...members, ...constructors].some(({ id }) => handedTo.has(id))) return undefined;
  const named = new Map(members.flatMap((body) => (isNamed(body) ? [[body.name ?? "", body]] : [])));
  const done = new Map<BodyId, Doing>();
  const of: OwningClass = {
    module,
    owned,
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

function isNamed({ kind, name }: Body): boolean {
  return name !== undefined && (kind === "method" || kind === "getter" || kind === "setter");
}

interface Members {
  /** Those that objects have, without those that are overridden. */
  readonly members: readonly Body[];
  /** The constructors, that of the class first. */
  readonly constructors: readonly Body[];
}

/** Undefined where the class extends what is not known. */
function membersOf(module: Module, made: Body, depth = 0): Members | undefined {
  const { text, bodies } = module;
  const value = bodies
    .flatMap(({ blocks }) => blocks.flatMap(({ steps }) => steps))
    .flatMap((step) => (step.kind === "assign" && step.value.kind === "use" ? [step.value.operand] : []))
    .find((operand) => operand.kind === "function" && operand.body === made.id);
  if (value === undefined || depth > maxBases) return undefined;
  const { start, end } = value.span;
  const head = headOf(text.slice(start, end));
  const base = /\bextends\b/.test(head) ? baseIn(module, head) : undefined;
  const inherited = base === undefined ? undefined : membersOf(module, base, depth + 1);
  if (head === "" || (/\bextends\b/.test(head) && inherited === undefined)) return undefined;
  const inside = bodies.filter(
    ({ id, parent, spans }) =>
      id !== made.id && parent === made.parent && start <= spans.whole.start && spans.whole.end <= end,
  );
  const own = inside.filter(({ kind }) => kind !== "arrow" && kind !== "function" && kind !== "static-block");
  const members = own.filter(({ spans: { whole } }) => !isStatic(text.slice(whole.start, whole.end)));
  const names = new Set(members.flatMap((body) => (isNamed(body) ? [body.name] : [])));
  const rest = inherited?.members.filter((body) => !isNamed(body) || !names.has(body.name)) ?? [];
  return { members: [...members, ...rest], constructors: [made, ...(inherited?.constructors ?? [])] };
}

const maxBases = 4;

/** The constructor of the class of the file that another one extends. */
function baseIn({ locals, bodies }: Module, head: string): Body | undefined {
  const name = /\bextends\s+([\w$]+)\s*(?:implements\b[^{]*)?$/.exec(head)?.[1];
  const [base, ...others] = locals.filter((local) => local.kind === "class" && local.name === name);
  return base?.function === undefined || base.reassigned || others.length > 0 ? undefined : bodies[base.function];
}

/** What stands before the members of a class, but for its decorators and its type parameters. */
function headOf(text: string): string {
  let head = /\bclass\b[^{]*/.exec(text)?.[0] ?? "";
  for (let before = ""; before !== head; ) {
    before = head;
    head = head.replace(/<[^<>]*>/g, " ");
  }
  return head;
}

function isStatic(text: string): boolean {
  return /^(?:@[\w.]+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|readonly|override|async)\s+)*static\b/.test(
    text,
  );
}

function thisOf({ locals }: Module, body: BodyId): LocalId | undefined {
  return locals.find((local) => local.kind === "this" && local.body === body)?.id;
}

interface Kept {
  /** The `this` of the function that puts it there. */
  readonly object: LocalId;
  readonly field: string;
  readonly site: CallSite;
}

/** The threads, and the pools, that functions of a file put into fields of `this`. */
function threadsInFields(scene: Scene): readonly Kept[] {
  const { module, models } = scene;
  return indexModule(module).calls.flatMap((site): readonly Kept[] => {
    const role = roleOf(module, models, site.call);
    if (!startsThread(scene, site.call) && role?.kind !== "thread-pool") return [];
    const places = fieldsThatKeep(scene, site);
    const own = places.flatMap(({ base, path: [field, ...deeper] }) =>
      module.locals[base]?.kind === "this" && field?.kind === "field" && deeper.length === 0
        ? [{ object: base, field: field.name, site }]
        : [],
    );
    // What has it besides may join it.
    return own.length === places.length ? own : [];
  });
}

/** A call of `spawn`, or of a function of the file that gives back what that gave. */
function startsThread(scene: Scene, call: Call): boolean {
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

/** How a member goes on with the object, in what it mentions of it. */
type Mention = "harmless" | "returned" | "unknown" | { readonly member: Body };

function doingOf(of: OwningClass, scene: Scene, body: Body): Doing {
  const { module } = of;
  const { uses } = indexModule(module);
  const self = thisOf(module, body.id);
  // What is called on `super` is not followed; that a constructor calls the other one is known.
  let mayEnd = body.kind !== "constructor" && module.locals.some((one) => one.kind === "super" && one.body === body.id);
  let [joins, returnsSelf] = [joinsItself(scene, body), false];
  for (const use of self === undefined ? [] : (uses.get(self) ?? [])) {
    const mention = mentionOf(of, scene, use);
    if (mention === "harmless") continue;
    if (mention === "returned") {
      returnsSelf = true;
      continue;
    }
    const inner = mention === "unknown" ? undefined : of.does(mention.member);
    mayEnd ||= inner?.mayEnd ?? true;
    joins ||= inner?.joins ?? false;
    mayEnd ||= (inner?.returnsSelf ?? false) && !isDropped(module, use.step);
  }
  return { starts: startOf(of, scene, body), mayEnd, joins, returnsSelf };
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

function joinsItself({ module, models }: Scene, body: Body): boolean {
  const { callsOf } = indexModule(module);
  return withNested(module, body.id).some(({ id }) =>
    (callsOf.get(id) ?? []).some(({ call }) => {
      const kind = roleOf(module, models, call)?.kind;
      return kind === "join" || kind === "drain" || kind === "detach" || kind === "drop";
    }),
  );
}

/** What a mention of `this` or of one of its fields may lead to. */
function mentionOf(of: OwningClass, { module, models }: Scene, use: Use): Mention {
  const { place, access, step, terminator } = use;
  const [field, ...deeper] = place.path;
  const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  const isReceiver = call?.receiver?.kind === "place" && call.receiver.span === use.span;
  if (field === undefined) {
    if (step?.kind === "end-scope") return "harmless";
    if (use.at.body === module.locals[place.base]?.body && isReturned(module, use)) return "returned";
    const member = isReceiver ? of.member(call.method ?? "") : undefined;
    return member === undefined ? "unknown" : { member };
  }
  if (field.kind !== "field") return "unknown";
  const member = of.member(field.name);
  if (member !== undefined) return { member };
  if (!of.owned.has(field.name) || access === "write") return "harmless";
  const [next] = deeper;
  if (next !== undefined) {
    return next.kind === "field" && (next.name === "length" || next.name === "size") ? "harmless" : "unknown";
  }
  if (terminator !== undefined) return terminator.kind === "branch" ? "harmless" : "unknown";
  if (step?.kind === "assign" && step.value.kind === "compute") return "harmless";
  if (!isReceiver || call.method === "abort") return "unknown";
  if (call.method === "has") return "harmless";
  const kind = roleOf(module, models, call)?.kind;
  return kind === "insert" || kind === "borrow" || kind === "finished" || kind === "spawn" ? "harmless" : "unknown";
}

/** `return this` */
export function isReturned(module: Module, { step, terminator }: Use): boolean {
  if (terminator !== undefined) return terminator.kind === "return";
  if (step?.kind !== "assign" || step.value.kind !== "use" || module.locals[step.to.base]?.kind !== "temp")
    return false;
  const uses = (indexModule(module).uses.get(step.to.base) ?? []).filter(({ access }) => access !== "write");
  return step.to.path.length === 0 && uses.every((use) => use.terminator?.kind === "return");
}

/** The field into which each way through a member starts a thread, but for the ways on which there is one already. */
function startOf(of: OwningClass, scene: Scene, body: Body): string | undefined {
  const starts = new Map<BlockId, string>();
  for (const { id, steps } of body.blocks) {
    const field = steps.map((step) => startedBy(of, scene, step)).find((one) => one !== undefined);
    if (field !== undefined) starts.set(id, field);
  }
  if (starts.size === 0) return undefined;
  const heads = body.blocks.flatMap(({ loop, id }) =>
    loop !== undefined && [...starts.keys()].some((start) => isInside(body, start, loop.body)) ? [id] : [],
  );
  const self = thisOf(of.module, body.id);
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
  const asked = path.length === 0 ? onlyDefinition(of.module, base)?.step.value : undefined;
  if (asked?.kind !== "call" || (asked.method !== "has" && asked.method !== "get")) return false;
  const { receiver } = asked;
  return receiver?.kind === "place" && receiver.place.base === self && isOwned(of, receiver.place.path[0]);
}

function isOwned({ owned }: OwningClass, part: Projection | undefined): boolean {
  return part?.kind === "field" && owned.has(part.name);
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
  if (role?.kind === "each") {
    const [callback] = call.args;
    const inner = callback === undefined ? undefined : functionNamed(scene.module, callback.value);
    return inner === undefined ? undefined : startOf(of, scene, inner);
  }
  const member = isThis(of.module, call.receiver) ? of.member(call.method ?? "") : undefined;
  return member === undefined ? undefined : of.does(member).starts;
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
