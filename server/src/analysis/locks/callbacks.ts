/** Functions that call what they are given while they hold a lock: `withLock(stock, async (s) => …)`. */
import type { Location } from "../diagnostic.js";
import type { Body, Call, Module } from "../mir/mir.js";
import type { Holding } from "../ownership/holdings.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../threads/starts.js";
import { indexModule } from "../threads/walk.js";
import { type HeldLock, type HoldingsOf, heldLocks } from "./held.js";
import type { LockName } from "./names.js";
import { functionAt, isAwaited, type LockUse, locksTakenBy, translated } from "./uses.js";
import { awaitedCalls } from "./waiting.js";

/** A callback that takes a lock while the function that calls it holds one. */
export interface LockedCallback {
  /** The call that hands the callback over. */
  readonly call: Call;
  readonly callback: Body;
  readonly held: Pick<HeldLock, "access"> & { readonly name: LockName; readonly mode: "async"; readonly at: Location };
  /** What the callback takes. */
  readonly use: LockUse;
}

/** The callbacks in the scene's own file. */
export function lockedCallbacks(scene: Scene, holdingsOf: HoldingsOf): readonly LockedCallback[] {
  return indexModule(scene.module).calls.flatMap(({ call }) => {
    const given = call.args.findIndex(({ value }) => value.kind === "function");
    if (given < 0 || roleOf(scene, call) !== undefined) return [];
    const callee = calledFunction(scene, call);
    if (callee === undefined) return [];
    const inside = sceneIn(scene, callee.module);
    return holdingsOf(callee.module)
      .filter(({ body }) => body === callee.body.id)
      .flatMap((holding) => callbacksAt({ outer: scene, inside, call, callee }, holding));
  });
}

/** Whether the step calls what its function was given. */
export function callsParameter({ locals }: Module, { step: { value } }: Holding): boolean {
  return value.kind === "call" && value.callee.kind === "place" && locals[value.callee.place.base]?.kind === "param";
}

interface HandedOver {
  readonly outer: Scene;
  readonly inside: Scene;
  readonly call: Call;
  readonly callee: FunctionRef;
}

function callbacksAt({ outer, inside, call, callee }: HandedOver, holding: Holding): readonly LockedCallback[] {
  // Where the promise is awaited, who knows what the callback has done with the guard, if it was given that.
  if (holding.step.value.kind !== "call") return [];
  return awaitedCalls(inside, holding).flatMap(({ site }) => {
    const { callee: called } = site.call;
    if (called.kind !== "place" || called.place.path.length > 0) return [];
    const position = callee.body.params.findIndex((param) => param.arrives === called.place.base && !param.rest);
    const callback = functionAt(outer, call.args[position]?.value);
    if (callback === undefined || call.args.some(({ spread }) => spread)) return [];
    if (mayLetGo(outer.module, callback)) return [];
    const waits = isAwaited(inside.module, site);
    const uses = locksTakenBy(outer, { module: outer.module, body: callback }).filter(
      ({ always, mode }) => always && (waits || (mode === "sync" && !callback.async)),
    );
    return heldLocks(inside, holding).flatMap(({ name, access, site: { call: taking } }) => {
      const known = name === undefined || access === "counted" ? undefined : translated(outer, call, callee, name);
      if (known === undefined) return [];
      const at = { file: inside.module.file, ...taking.spans.whole };
      return uses.map(
        (use): LockedCallback => ({ call, callback, held: { name: known, access, mode: "async", at }, use }),
      );
    });
  });
}

/** It is given something, perhaps the guard, and does more with it than to look at its value. */
function mayLetGo(module: Module, { params }: Body): boolean {
  const { uses } = indexModule(module);
  return params.some(({ arrives }) =>
    (uses.get(arrives) ?? []).some(({ place: { path } }) => path[0]?.kind !== "field" || path[0].name !== "value"),
  );
}
