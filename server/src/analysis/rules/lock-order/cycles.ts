/** Cycles in the order in which locks are taken: whoever goes round in one waits for whoever comes before. */
import { areCompatible } from "../../locks/held.js";
import { keyOf } from "../../locks/names.js";
import { classOf, grouped, type Pair, type Taken } from "../../locks/order.js";
import type { Models, Role } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { indexModule } from "../../threads/walk.js";

/** Two or three pairs, each of which waits for what the next one holds. */
export type Cycle = readonly [Pair, Pair, ...Pair[]];

/** One cycle for each set of locks. */
export function cyclesOf(pairs: readonly Pair[], models: Models): readonly Cycle[] {
  const byHeld = grouped(pairs, (pair) => keyIn(pair, pair.held));
  const cycles = new Map<string, Cycle>();
  const found = (cycle: Cycle): void => {
    const locks = cycle.map((pair) => keyIn(pair, pair.held)).sort();
    const before = cycles.get(locks.join());
    if (before === undefined || before.length > cycle.length) cycles.set(locks.join(), cycle);
  };
  const canMeet = (a: Pair, b: Pair): boolean => areTogether(a, b, models);
  for (const a of pairs) {
    const start = keyIn(a, a.held);
    for (const b of byHeld.get(keyIn(a, a.taken)) ?? []) {
      if (!blocks(b, a) || !canMeet(a, b)) continue;
      const end = keyIn(b, b.taken);
      if (end === start) {
        if (blocks(a, b)) found([a, b]);
        continue;
      }
      for (const c of byHeld.get(end) ?? []) {
        if (keyIn(c, c.taken) !== start || !blocks(c, b) || !blocks(a, c)) continue;
        if (canMeet(b, c) && canMeet(a, c)) found([a, b, c]);
      }
    }
  }
  return [...cycles.values()];
}

/** Of two locks in one object, each object of the class has two: which methods take them in which order is what counts. */
function keyIn(pair: Pair, { name }: Taken): string {
  const owner = classOf(pair);
  return owner === undefined ? keyOf(name) : `${owner}${name.path}`;
}

/** Whether what `a` holds keeps `b` waiting. */
function blocks(a: Pair, b: Pair): boolean {
  return !areCompatible(a.held.access, b.taken.access);
}

/** Whether both can be on their way at the same time. */
function areTogether(a: Pair, b: Pair, models: Models): boolean {
  if ([...a.gates].some((gate) => b.gates.has(gate))) return false;
  const isThreaded = a.by === "thread" || b.by === "thread";
  // In one thread, code that blocks is not interrupted between its two locks.
  if (!isThreaded && (a.taken.mode === "sync" || b.taken.mode === "sync")) return false;
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
