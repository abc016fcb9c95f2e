/**
 * What a thread changes that others use too. Both rules about what crosses into a thread read this: a binding that is
 * changed is one finding, about the change, and not a second one about the capture.
 */
import type { Span } from "../diagnostic.js";
import type { Body, BodyId, Local, LocalId, Module, Param, Place } from "../mir/mir.js";
import type { TypeKey } from "../program/program.js";
import { type Aliases, aliasesOf, overlaps, type Path, pathOfOperand, pathOfPlace } from "./aliases.js";
import { changedByCall, isObjectAssign } from "./mutators.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import { unreadWrites } from "./own-writes.js";
import { reachableFrom } from "./reach.js";
import { type Moved, roleOf, type Scene, type ThreadStart } from "./starts.js";
import { bodyOf, indexModule, isWithin, type Point, type Use, withNested } from "./walk.js";

/** One change, where it is written. */
export interface Change {
  readonly at: Point;
  readonly span: Span;
  readonly statement: Span;
  readonly path: Path;
}

interface Base {
  /** The thread's function is in this module; `spans` of changes too. */
  readonly module: Module;
  readonly changes: readonly Change[];
}

export type SharedChange =
  /** The thread assigns to a variable of the code around it. */
  | (Base & { readonly kind: "assigned"; readonly local: Local; readonly through: string | undefined })
  /** The thread changes the inside of what an outer variable holds, and others look at it. */
  | (Base & { readonly kind: "reached"; readonly local: Local; readonly reads: readonly Use[] })
  /** The thread changes its own copy of a moved value, and the parent goes on with the old one. */
  | (Base & {
      readonly kind: "copied";
      readonly place: Place;
      readonly moved: Moved;
      readonly reads: readonly Use[];
      readonly outcome: Outcome;
    });

const known = new WeakMap<ThreadStart, readonly SharedChange[]>();

export function sharedChanges(scene: Scene, start: ThreadStart): readonly SharedChange[] {
  const before = known.get(start);
  if (before !== undefined) return before;
  const found = [...assigned(start), ...reached(scene, start), ...copied(scene, start)];
  known.set(start, found);
  return found;
}

/** The outer variables that are the other rule's business. */
export function changedLocals(scene: Scene, start: ThreadStart): ReadonlySet<LocalId> {
  return new Set(sharedChanges(scene, start).flatMap((change) => (change.kind === "copied" ? [] : [change.local.id])));
}

const deepestCall = 4;

/** Assignments to outer variables, in the thread's function and in those of its file that it calls. */
function assigned({ closure }: ThreadStart): readonly SharedChange[] {
  const { module } = closure;
  const found: SharedChange[] = [];
  const met = new Set<BodyId>([closure.body.id]);
  const visit = (body: Body, through: string | undefined, depth: number): void => {
    for (const { local: id, uses } of body.captures) {
      const local = module.locals[id];
      if (local === undefined || isWithin(module, local.body, closure.body.id)) continue;
      const writes = uses.filter((use) => use.access !== "read");
      if (writes.length > 0 && !found.some((each) => each.kind === "assigned" && each.local === local)) {
        const changes = writes.flatMap(({ span }) => writtenAt(module, local.id, body.id, span));
        found.push({ kind: "assigned", module, local, changes, through });
      }
      const called = local.function === undefined ? undefined : module.bodies[local.function];
      if (called === undefined || local.reassigned || met.has(called.id) || depth === 0) continue;
      if (!isCalledIn(module, local.id, body.id)) continue;
      met.add(called.id);
      visit(called, through ?? local.name, depth - 1);
    }
  };
  visit(closure.body, undefined, deepestCall);
  return found;
}

function isCalledIn(module: Module, local: LocalId, body: BodyId): boolean {
  return (indexModule(module).callsBy.get(local) ?? []).some(({ at }) => isWithin(module, at.body, body));
}

/** The step behind a reference that writes. */
function writtenAt(module: Module, local: LocalId, body: BodyId, span: Span): readonly Change[] {
  const uses = (indexModule(module).uses.get(local) ?? []).filter(
    (use) => use.access !== "read" && use.place.path.length === 0 && isWithin(module, use.at.body, body),
  );
  const use = uses.find((each) => each.span.start <= span.start && span.end <= each.span.end);
  if (use?.step === undefined) return [];
  return [{ at: use.at, span, statement: use.step.statement, path: [] }];
}

/** Changes of the inside of captured objects. `this` counts at once: its fields are what the method's object is for. */
function reached(scene: Scene, start: ThreadStart): readonly SharedChange[] {
  const { closure } = start;
  const { module, body } = closure;
  return body.captures.flatMap(({ local: id, uses }): readonly SharedChange[] => {
    const local = module.locals[id];
    if (local === undefined || local.kind === "import" || uses.some((use) => use.access !== "read")) return [];
    if (local.type !== undefined && isMadeToShare(scene, local.type)) return [];
    const aliases = aliasesOf(scene, body, id);
    const changes = changesOf(scene, body, aliases);
    if (changes.length === 0) return [];
    const change: SharedChange = {
      kind: "reached",
      module,
      local,
      changes,
      reads: readsOutside(scene, start, id, changes),
    };
    if (local.kind === "this") return [change];
    const outcome = outcomeOf(
      scene,
      body,
      aliases,
      changes.map(({ at }) => at),
    );
    // What the thread makes nothing of, it made for others to see, whether or not they do.
    if (outcome.returned || outcome.handedOn) return [];
    return [change];
  });
}

/** Locks, guards, channels and shared memory are for changing from several threads; not having them is the other rule's. */
function isMadeToShare({ models }: Scene, type: TypeKey): boolean {
  if (type.kind !== "named") return false;
  return (
    models.type(type.symbol) !== undefined ||
    type.args.some((arg) => arg.kind === "named" && arg.symbol.name === "SharedArrayBuffer")
  );
}

/** Changes of moved copies that the parent expects to see. */
function copied(scene: Scene, start: ThreadStart): readonly SharedChange[] {
  const { closure, moved } = start;
  const inner: Scene = { ...scene, module: closure.module };
  return (moved ?? []).flatMap((each): readonly SharedChange[] => {
    const { place, param, cloned } = each;
    if (place === undefined || cloned || param === undefined) return [];
    const { changes, outcome } = changesOfParam(inner, closure.body, param) ?? {};
    if (changes === undefined || outcome === undefined || outcome.handedOn) return [];
    const reads = readsAfter(scene, start, place, changes);
    return reads.length === 0
      ? []
      : [{ kind: "copied", module: closure.module, place, moved: each, changes, reads, outcome }];
  });
}

interface ParamChanges {
  readonly changes: readonly Change[];
  readonly outcome: Outcome;
}

/** Undefined where it is left as it is. */
function changesOfParam(scene: Scene, body: Body, { arrives }: Param): ParamChanges | undefined {
  const aliases = aliasesOf(scene, body, arrives);
  const changes = [...changesOf(scene, body, aliases), ...unreadWrites(scene.module, body, arrives)];
  if (changes.length === 0) return undefined;
  const points = changes.map(({ at }) => at);
  return { changes, outcome: outcomeOf(scene, body, aliases, points) };
}

/** Every step that changes what an alias stands for. */
export function changesOf(scene: Scene, body: Body, aliases: Aliases): readonly Change[] {
  const changes: Change[] = [];
  for (const each of withNested(scene.module, body.id)) {
    for (const [block, { steps }] of each.blocks.entries()) {
      for (const [index, step] of steps.entries()) {
        const at: Point = { body: each.id, block, index };
        const { span, statement } = step;
        const note = (path: Path | undefined): void => {
          if (path !== undefined) changes.push({ at, span, statement, path });
        };
        switch (step.kind) {
          case "assign":
            if (step.to.path.length > 0) note(pathOfPlace(aliases, step.to));
            if (step.value.kind === "call") for (const path of changedPaths(aliases, step.value)) note(path);
            break;
          case "update":
          case "delete":
            if (step.place.path.length > 0) note(pathOfPlace(aliases, step.place));
            break;
          case "discard":
          case "dispose":
          case "end-scope":
            break;
        }
      }
    }
  }
  return changes.filter((change) => change.path.length > 0 || change.span.end > change.span.start);
}

function changedPaths(aliases: Aliases, call: Parameters<typeof changedByCall>[0]): readonly Path[] {
  if (isObjectAssign(call)) {
    const target = call.args[0];
    const path = target === undefined ? undefined : pathOfOperand(aliases, target.value);
    return path === undefined ? [] : [path];
  }
  const changed = changedByCall(call);
  const path = call.receiver === undefined ? undefined : pathOfOperand(aliases, call.receiver);
  if (changed === undefined || path === undefined) return [];
  return changed === "everything" ? [path] : [[...path, { kind: "index", constant: undefined }]];
}

/** Where the parent looks, after the start of the thread, at what the thread changes in its copy. */
function readsAfter(scene: Scene, start: ThreadStart, place: Place, changes: readonly Change[]): readonly Use[] {
  const { module } = scene;
  const index = indexModule(module);
  const fresh = (index.definitions.get(place.base) ?? []).map(({ at }) => at);
  const owner = module.locals[place.base]?.body ?? start.at.body;
  const started = startedThroughCalls(scene, start.at, owner);
  const reaches = started.map((at) => reachableFrom(bodyOf(module, at), at, fresh));
  return (index.uses.get(place.base) ?? []).filter(
    (use) =>
      use.access === "read" &&
      reaches.some((reach) => reach(use.at)) &&
      !isGiven(scene, use) &&
      !isChangedHere(use) &&
      changes.some((change) => overlaps([...place.path, ...change.path], use.place.path)) &&
      seesMore(use, place),
  );
}

/** Where a thread is started: the call itself, and around it the calls whose callbacks start it (`map`, `forEach`). */
export function startedAt(scene: Scene, at: Point): readonly Point[] {
  const around = indexModule(scene.module).handedTo.get(at.body);
  const role = around === undefined ? undefined : roleOf(scene, around.call)?.kind;
  if (around === undefined || (role !== "each" && role !== "collect")) return [at];
  return [at, ...startedAt(scene, around.at)];
}

/**
 * As {@link startedAt}, and where the function that starts the thread is called by its name, behind each of these calls,
 * as far out as `owner`, whose variable is looked at.
 */
function startedThroughCalls(scene: Scene, at: Point, owner: BodyId): readonly Point[] {
  const { module } = scene;
  const found: Point[] = [];
  const met = new Set<BodyId>();
  const visit = (point: Point): void => {
    for (const each of startedAt(scene, point)) {
      found.push(each);
      const { body } = each;
      if (met.has(body) || isWithin(module, owner, body)) continue;
      met.add(body);
      const name = module.locals.find((local) => local.function === body && local.kind !== "class");
      if (name === undefined || name.reassigned) continue;
      for (const site of indexModule(module).callsBy.get(name.id) ?? [])
        if (!isWithin(module, site.at.body, body)) visit(site.at);
    }
  };
  visit(at);
  return found;
}

/** A read of the path itself or below; a read of `job` where only `job.items` was moved may want something else. */
function seesMore(use: Use, place: Place): boolean {
  return use.place.path.length >= place.path.length;
}

/** Who else looks at an outer variable: the code of its own function after the start, and other functions. */
function readsOutside(scene: Scene, start: ThreadStart, id: LocalId, changes: readonly Change[]): readonly Use[] {
  const { module } = start.closure;
  const uses = (indexModule(module).uses.get(id) ?? []).filter(
    (use) =>
      use.access === "read" &&
      !isWithin(module, use.at.body, start.closure.body.id) &&
      !isChangedHere(use) &&
      changes.some((change) => overlaps(change.path, use.place.path)),
  );
  if (module !== scene.module) return uses;
  const body = bodyOf(module, start.at);
  const reaches = reachableFrom(body, start.at);
  return uses.filter((use) => use.at.body !== body.id || (reaches(use.at) && !isGiven(scene, use)));
}

/** `list.push(1)` in the parent changes its own list; it does not look for the thread's changes. */
function isChangedHere({ step, place }: Use): boolean {
  if (step?.kind !== "assign" || step.value.kind !== "call") return false;
  const { receiver } = step.value;
  return receiver?.kind === "place" && receiver.place === place && changedByCall(step.value) !== undefined;
}

/** `move(list)`: the use gives the value to a thread. */
function isGiven(scene: Scene, { step }: Use): boolean {
  if (step?.kind !== "assign" || step.value.kind !== "call") return false;
  const role = roleOf(scene, step.value)?.kind;
  return role === "move" || role === "spawn";
}
