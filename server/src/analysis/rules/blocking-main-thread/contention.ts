/** Whether another thread may hold a lock when the main thread takes it. A lock that nobody else has does not block. */
import type { BodyId, Operand } from "../../mir/mir.js";
import { reachableFrom } from "../../threads/reach.js";
import { roleOf, type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, type CallSite, callsWithin, indexModule, type Point } from "../../threads/walk.js";
import type { OnMain } from "./main-thread.js";

/** Whether a thread that was given the lock may run while the call is made. */
export function mayBeHeld(scene: Scene, main: ReadonlyMap<BodyId, OnMain>, site: CallSite): boolean {
  const starts = threadStarts(scene).filter((start) => isGiven(start, site.call.receiver));
  return starts.length > 0 && isThreatened(scene, main, starts, site.at, new Set());
}

function isGiven({ moved }: ThreadStart, lock: Operand | undefined): boolean {
  if (lock?.kind !== "place") return false;
  return (moved ?? []).some(({ place }) => place !== undefined && place.base === lock.place.base);
}

function isThreatened(
  scene: Scene,
  main: ReadonlyMap<BodyId, OnMain>,
  starts: readonly ThreadStart[],
  at: Point,
  seen: Set<BodyId>,
): boolean {
  if (starts.some((start) => mayStillRun(scene, start, at))) return true;
  const { how, callers } = main.get(at.body) ?? { how: "top", callers: [] };
  if (how === "handler") return true;
  if (seen.has(at.body)) return false;
  seen.add(at.body);
  return callers.some((caller) => isThreatened(scene, main, starts, caller.at, seen));
}

/** Started before, with nothing between that waits for threads. */
function mayStillRun(scene: Scene, start: ThreadStart, at: Point): boolean {
  if (start.at.body !== at.body) return false;
  const body = bodyOf(scene.module, at);
  const isAfterStart = reachableFrom(body, start.at);
  if (!isAfterStart(at)) return false;
  return !endings(scene, at.body).some((end) => isAfterStart(end) && reachableFrom(body, end)(at));
}

/** Where threads are waited for, or end. */
function endings(scene: Scene, body: BodyId): readonly Point[] {
  const { module } = scene;
  const calls = (indexModule(module).callsOf.get(body) ?? []).filter(({ call }) => {
    const nested = call.args.flatMap(({ value }) =>
      value.kind === "function" ? callsWithin(module, value.body).map((site) => site.call) : [],
    );
    return [call, ...nested].some((each) => roleOf(scene, each)?.kind === "join" || each.method === "join");
  });
  const loops = (module.bodies[body]?.blocks ?? []).flatMap((block) =>
    block.steps.flatMap((step, index) =>
      step.kind === "assign" && step.value.kind === "element" && step.value.async
        ? [{ body, block: block.id, index }]
        : [],
    ),
  );
  return [...calls.map(({ at }) => at), ...loops];
}
