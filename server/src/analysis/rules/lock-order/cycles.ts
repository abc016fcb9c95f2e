/** Cycles in the order in which locks are taken: whoever goes round in one waits for whoever comes before. */
import { areCompatible } from "../../locks/held.js";
import { keyOf } from "../../locks/names.js";
import { areOfOneObject, classKeysOf, grouped, objectOf, type Pair } from "../../locks/order.js";
import type { Models, Role } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { indexModule, onlyDefinition } from "../../threads/walk.js";

/** Two or three pairs, each of which waits for what the next one holds. */
export type Cycle = readonly [Pair, Pair, ...Pair[]];

export interface Circumstances {
  readonly models: Models;
  /** Whether one program can have loaded both files. */
  together(a: string, b: string): boolean;
}

/** A pair as it counts for cycles: the locks that it goes from and to. */
interface Edge {
  readonly pair: Pair;
  readonly from: string;
  readonly to: string;
  /** Where the edge stands for all objects of classes: which object has each of the locks, as far as that is known. */
  readonly objects: ReadonlyMap<string, string>;
}

/** The cycles that a file is part of: one for each set of locks. */
export function cyclesOf(file: string, pairs: readonly Pair[], circumstances: Circumstances): readonly Cycle[] {
  const edges = pairs.flatMap(edgesOf);
  const byStart = grouped(edges, ({ from }) => from);
  const cycles = new Map<string, Cycle>();
  const found = (cycle: readonly [Edge, Edge, ...Edge[]]): void => {
    const locks = cycle
      .map(({ from }) => from)
      .sort()
      .join();
    const [first, second, ...rest] = cycle;
    if ((cycles.get(locks)?.length ?? Number.POSITIVE_INFINITY) <= cycle.length) return;
    if (isUsual(first, edges)) return;
    cycles.set(locks, [first.pair, second.pair, ...rest.map(({ pair }) => pair)]);
  };
  const canMeet = (a: Edge, b: Edge): boolean => areTogether(a, b, circumstances);
  for (const a of edges) {
    if (a.pair.module.file !== file) continue;
    for (const b of nearestFirst(byStart.get(a.to) ?? [], file)) {
      if (!blocks(b, a) || !canMeet(a, b)) continue;
      if (b.to === a.from) {
        if (blocks(a, b)) found([a, b]);
        continue;
      }
      for (const c of nearestFirst(byStart.get(b.to) ?? [], file)) {
        if (c.to !== a.from || !blocks(c, b) || !blocks(a, c)) continue;
        if (canMeet(b, c) && canMeet(a, c)) found([a, b, c]);
      }
    }
  }
  // Two locks that are known by themselves and by their classes are found twice.
  return [...new Map([...cycles.values()].map((cycle) => [placesOf(cycle), cycle])).values()];
}

function placesOf(cycle: Cycle): string {
  return cycle
    .map(({ module, at }) => `${module.file}:${at.start}`)
    .sort()
    .join();
}

/** What stands in the file itself is the better witness. */
function nearestFirst(edges: readonly Edge[], file: string): readonly Edge[] {
  const isHere = ({ pair }: Edge): boolean => pair.module.file === file;
  return [...edges.filter(isHere), ...edges.filter((edge) => !isHere(edge))];
}

/**
 * Locks that are fields are known by their classes, as in the lock classes of Linux's lockdep: which functions take them in which
 * order is what counts. Where it is known which objects those are, the locks are known by themselves, too.
 */
function edgesOf(pair: Pair): readonly Edge[] {
  const [a, b] = [pair.held.name, pair.taken.name];
  const own: Edge = { pair, from: keyOf(a), to: keyOf(b), objects: new Map() };
  const keys = classKeysOf(pair);
  if (keys === undefined || isMadeHere(pair)) return [own];
  const { held: from, taken: to } = keys;
  const objects = new Map<string, string>();
  for (const [key, name] of [
    [from, a],
    [to, b],
  ] as const) {
    if (name.field !== undefined && name.base.kind === "declaration") objects.set(key, objectOf(name));
  }
  const ofClasses: Edge = { pair, from, to, objects };
  return objects.size === 0 && areOfOneObject(pair) ? [ofClasses] : [own, ofClasses];
}

/** An object that the function makes itself is another one each time. */
function isMadeHere({ held, taken }: Pair): boolean {
  return [held, taken].some(({ name: { base } }) => {
    if (base.kind !== "variable" || base.module.locals[base.local]?.kind === "this") return false;
    const value = onlyDefinition(base.module, base.local)?.step.value;
    return value?.kind === "call" && value.form === "new";
  });
}

/**
 * Whether more files take the two locks in this order than in the other one: they are right, as far as anybody can tell, and
 * the others hear of it (Engler et al., "Bugs as deviant behavior", 2001).
 */
function isUsual({ from, to }: Edge, edges: readonly Edge[]): boolean {
  const filesOf = (first: string, second: string): number =>
    new Set(edges.filter((edge) => edge.from === first && edge.to === second).map(({ pair }) => pair.module.file)).size;
  const others = filesOf(to, from);
  return others > 0 && filesOf(from, to) > others;
}

/** Whether what `a` holds keeps `b` waiting. */
function blocks({ pair: a }: Edge, { pair: b }: Edge): boolean {
  return !areCompatible(a.held.access, b.taken.access);
}

/** Whether both can be on their way at the same time. */
function areTogether(one: Edge, other: Edge, { models, together }: Circumstances): boolean {
  const [a, b] = [one.pair, other.pair];
  if ([...one.objects].some(([key, object]) => (other.objects.get(key) ?? object) !== object)) return false;
  if ([...a.gates].some((gate) => b.gates.has(gate))) return false;
  const isThreaded = a.by === "thread" || b.by === "thread";
  // In one thread, code that blocks is not interrupted between its two locks.
  if (!isThreaded && (a.taken.mode === "sync" || b.taken.mode === "sync")) return false;
  if (a.module !== b.module && !together(a.module.file, b.module.file)) return false;
  if (a.module !== b.module || a.body !== b.body) return true;
  if (a.by === "function" && b.by === "function") return false;
  return !isOneAfterTheOther(a, b, models);
}

/** What may tell that the first one is over. */
const waiting: ReadonlySet<Role["kind"]> = new Set(["join", "combine", "wait", "relock", "scope"]);

/** In one function: the first is over, or is waited for, before the second begins. */
function isOneAfterTheOther(a: Pair, b: Pair, models: Models): boolean {
  const [first, second] = a.at.start <= b.at.start ? [a, b] : [b, a];
  if (first.by === "function") return true;
  return (indexModule(first.module).callsOf.get(first.body) ?? []).some(({ call }) => {
    const kind = roleOf(first.module, models, call)?.kind;
    const isBetween = call.spans.whole.start > first.at.end && call.spans.whole.end <= second.at.start;
    return isBetween && kind !== undefined && waiting.has(kind);
  });
}
