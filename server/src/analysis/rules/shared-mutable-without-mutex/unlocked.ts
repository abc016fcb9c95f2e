/**
 * Shared memory that a thread only touches under a lock, or only with `Atomics`, and that its parent touches without: the
 * locksets of Savage et al., "Eraser: a dynamic data race detector for multithreaded programs" (1997), for two threads.
 */
import type { Label } from "../../diagnostic.js";
import { guardsOf, mayBeHeld } from "../../locks/guards.js";
import type { Call, LocalId, Module } from "../../mir/mir.js";
import { globalName } from "../../threads/mutators.js";
import { reachableFrom } from "../../threads/reach.js";
import { roleOf, type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, callsWithin, indexModule, isWithin, type Point, type Use } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";
import { joinsOf, sharedNames, sharedViews } from "./shared-memory.js";

/** What the thread does with the memory, one place for all. */
interface Discipline {
  readonly kind: "lock" | "atomics";
  readonly at: Label;
  /** The cell, where it is one that is known by its number. */
  readonly cell: number | undefined;
}

export function unlockedAccesses(scene: Scene): readonly Report[] {
  const starts = threadStarts(scene).filter(({ closure }) => closure.module === scene.module);
  return starts.flatMap((start) =>
    (start.moved ?? []).flatMap(({ place, param }) => {
      if (place === undefined || place.path.length > 0 || param === undefined) return [];
      const views = sharedViews(scene, start.closure.body, param.arrives);
      const discipline = views.size === 0 ? undefined : disciplineOf(scene, start, views);
      if (discipline === undefined) return [];
      const use = parentUses(scene, start, place.base).find((each) => breaks(scene, each, discipline));
      return use === undefined ? [] : [report(scene.module, use, { discipline, start })];
    }),
  );
}

/** Undefined where the thread keeps to none, or does not change anything. */
function disciplineOf(scene: Scene, start: ThreadStart, views: ReadonlySet<LocalId>): Discipline | undefined {
  const { module } = scene;
  const { body } = start.closure;
  const touches = [...views].flatMap((view) =>
    (indexModule(module).uses.get(view) ?? []).filter(
      ({ at, place }) => isWithin(module, at.body, body.id) && place.path[0]?.kind === "index",
    ),
  );
  const write = touches.find(({ access }) => access !== "read");
  if (touches.length === 0) return atomicChange(module, body.id, views);
  if (write === undefined) return undefined;
  const isGuarded = ({ at }: Use): boolean =>
    guardsOf(scene).some((guard) => guard.body.id === at.body && mayBeHeld(guard, at));
  if (!touches.every(isGuarded)) return undefined;
  const at = { file: module.file, ...both(write.span), message: "the thread changes it under a lock" };
  return { kind: "lock", at, cell: undefined };
}

/** The one cell that the thread changes with `Atomics`. */
function atomicChange(module: Module, body: number, views: ReadonlySet<LocalId>): Discipline | undefined {
  const changing = /^Atomics\.(?:add|sub|and|or|xor|store|exchange|compareExchange)$/;
  const changes = callsWithin(module, body).filter(
    ({ call }) => changing.test(globalName(call) ?? "") && isOn(call, views),
  );
  const cells = new Set(changes.map(({ call }) => cellOf(call)));
  const [cell, ...others] = cells;
  const [first] = changes;
  if (first === undefined || cell === undefined || others.length > 0) return undefined;
  const at = { file: module.file, ...first.call.spans.whole, message: "the thread changes it with `Atomics`" };
  return { kind: "atomics", at, cell };
}

function isOn({ args: [array] }: Call, views: ReadonlySet<LocalId>): boolean {
  return array?.value.kind === "place" && array.value.place.path.length === 0 && views.has(array.value.place.base);
}

function cellOf({ args: [, index] }: Call): number | undefined {
  return index?.value.kind === "constant" && typeof index.value.value === "number" ? index.value.value : undefined;
}

/** What the parent does with the memory while the thread runs, and nothing has told it how far that is. */
function parentUses(scene: Scene, start: ThreadStart, base: LocalId): readonly Use[] {
  const { module } = scene;
  const body = bodyOf(module, start.at);
  const fresh = (indexModule(module).definitions.get(base) ?? []).map(({ at }) => at);
  const running = reachableFrom(body, start.at, [...joinsOf(scene, start), ...fresh, ...tellings(scene, start)]);
  return [...sharedNames(scene, base)]
    .flatMap((name) => indexModule(module).uses.get(name) ?? [])
    .filter(({ at, place }) => place.path[0]?.kind === "index" && place.path.length === 1 && running(at));
}

/** Where the parent may learn that the thread is done with the memory: a message, a Condvar, a flag. */
function tellings(scene: Scene, { at: { body } }: ThreadStart): readonly Point[] {
  return (indexModule(scene.module).callsOf.get(body) ?? []).flatMap(({ at, call }) => {
    const role = roleOf(scene, call);
    const tells = role?.kind === "relock" || role?.kind === "cell" || (role?.kind === "wait" && role.until !== "time");
    return tells ? [at] : [];
  });
}

function breaks(scene: Scene, { at, place, access }: Use, { kind, cell }: Discipline): boolean {
  const [index] = place.path;
  if (kind === "atomics") return access === "read" && index?.kind === "index" && index.constant === cell;
  return !guardsOf(scene).some((guard) => guard.body.id === at.body && mayBeHeld(guard, at));
}

function report(
  { file, locals }: Module,
  { span, place, access }: Use,
  { discipline, start }: { readonly discipline: Discipline; readonly start: ThreadStart },
): Report {
  const name = locals[place.base]?.name ?? "the array";
  const verb = access === "read" ? "read" : "changed";
  const isLock = discipline.kind === "lock";
  const help = isLock
    ? "Take the lock here, too, or join the thread before"
    : `Use \`Atomics.load(${name}, ${discipline.cell})\`, or join the thread before`;
  return {
    message: `\`${name}\` is shared memory that a thread changes ${isLock ? "under a lock" : "with `Atomics`"}, and is ${verb} here without`,
    location: { file, ...both(span) },
    label: `${verb} while the thread runs`,
    related: [{ file, ...both(start.call.spans.name), message: "the thread is started here" }, discipline.at],
    notes: [
      isLock
        ? "a lock keeps out only those who take it: the thread can be in the middle of a change"
        : "a plain read may come early, or give what was there before: only `Atomics` sees what other threads do in order",
    ],
    help: [help],
    fixes: [],
    tags: [],
  };
}
