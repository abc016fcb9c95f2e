/** Which code runs in threads only: what a module declares is another one there, since each thread imports its files anew. */
import type { Body, BodyId, Module } from "../mir/mir.js";
import { calledFunction, type FunctionRef, roleOf, type Scene, threadStarts } from "../threads/starts.js";
import { indexModule } from "../threads/walk.js";

/** @param callers all files whose calls count */
export function threadOnly(callers: readonly Scene[]): (module: Module, body: BodyId) => boolean {
  const closures = callers.flatMap((caller) => threadStarts(caller).map(({ closure }) => closure));
  if (closures.length === 0) return () => false;
  const spawned = new Set(closures.map(({ body }) => body));
  const written = new Set(closures.filter(({ how }) => how === "inline").map(({ body }) => body));
  let calls: ReadonlyMap<Body, readonly FunctionRef[]> | undefined;

  const isOnly = (module: Module, id: BodyId, asked: ReadonlySet<Body>): boolean => {
    const around = enclosing(module, id);
    if (around.some((body) => written.has(body))) return true;
    const outermost = around.at(-1);
    if (outermost === undefined || asked.has(outermost)) return outermost !== undefined;
    calls ??= callersOf(callers);
    const by = calls.get(outermost) ?? [];
    if (by.length === 0) return spawned.has(outermost);
    const seen = new Set([...asked, outermost]);
    return by.every((caller) => isOnly(caller.module, caller.body.id, seen));
  };
  return (module, body) => isOnly(module, body, new Set());
}

/** A body and those around it, the module's own left out. */
function enclosing({ bodies }: Module, id: BodyId): readonly Body[] {
  const around: Body[] = [];
  for (let body = bodies[id]; body?.parent !== undefined; body = bodies[body.parent]) around.push(body);
  return around;
}

/** Who calls each function. */
function callersOf(scenes: readonly Scene[]): ReadonlyMap<Body, readonly FunctionRef[]> {
  const callers = new Map<Body, FunctionRef[]>();
  for (const scene of scenes) {
    const { module } = scene;
    for (const { call, at } of indexModule(module).calls) {
      const body = module.bodies[at.body];
      const callee = roleOf(scene, call) === undefined ? calledFunction(scene, call)?.body : undefined;
      if (callee === undefined || body === undefined) continue;
      const known = callers.get(callee);
      if (known === undefined) callers.set(callee, [{ module, body }]);
      else known.push({ module, body });
    }
  }
  return callers;
}
