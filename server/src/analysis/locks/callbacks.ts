/** Functions that call what they are given while they hold a lock: `withLock(stock, async (s) => …)`. */
import type { Location } from "../diagnostic.js";
import type { Body, Call, Module } from "../mir/mir.js";
import type { Holding } from "../ownership/holdings.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../threads/starts.js";
import { indexModule } from "../threads/walk.js";
import { type HeldLock, type HoldingsOf, heldLocks } from "./held.js";
import type { LockName } from "./names.js";
import { functionAt, isAwaited, isGiven, type LockUse, locksTakenBy, translated } from "./uses.js";
import { awaitedCalls } from "./waiting.js";

/** A callback, and a lock that the function holds which calls it. */
export interface CallbackUnderLock {
  /** The call that hands the callback over. */
  readonly call: Call;
  readonly callback: Body;
  /** Whether the lock is held until the callback's promise is settled. */
  readonly waits: boolean;
  /** Whether the callback is given anything, such as what the lock guards. */
  readonly gets: boolean;
  readonly held: Pick<HeldLock, "access"> & {
    /** As the file calls it that hands the callback over. Undefined where that does not know the lock. */
    readonly name: LockName | undefined;
    readonly mode: "async";
    readonly at: Location;
  };
}

/** A callback that takes a lock while the function that calls it holds one. */
export interface LockedCallback extends CallbackUnderLock {
  readonly held: CallbackUnderLock["held"] & { readonly name: LockName };
  /** What the callback takes. */
  readonly use: LockUse;
}

/** The callbacks in the scene's own file. */
export function callbacksUnderLocks(scene: Scene, holdingsOf: HoldingsOf): readonly CallbackUnderLock[] {
  return indexModule(scene.module).calls.flatMap(({ call }) => {
    const isHanding = call.args.some(({ value }) => functionAt(scene, value) !== undefined);
    if (!isHanding || roleOf(scene, call) !== undefined) return [];
    const callee = calledFunction(scene, call);
    if (callee === undefined) return [];
    const inside = sceneIn(scene, callee.module);
    return holdingsOf(callee.module)
      .filter((holding) => holding.body === callee.body.id && callsParameter(callee.module, holding))
      .flatMap((holding) => callbacksAt({ outer: scene, inside, call, callee }, holding));
  });
}

/** Those that take a lock themselves. */
export function lockedCallbacks(scene: Scene, holdingsOf: HoldingsOf): readonly LockedCallback[] {
  return callbacksUnderLocks(scene, holdingsOf).flatMap((one) => {
    const { callback, waits, held } = one;
    const { name } = held;
    if (name === undefined) return [];
    return locksTakenBy(scene, { module: scene.module, body: callback })
      .filter(({ always, mode }) => always && (waits || (mode === "sync" && !callback.async)))
      .map((use) => ({ ...one, held: { ...held, name }, use }));
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

function callbacksAt({ outer, inside, call, callee }: HandedOver, holding: Holding): readonly CallbackUnderLock[] {
  // Where the promise is awaited, who knows what the callback has done with the guard, if it was given that.
  return awaitedCalls(inside, holding).flatMap(({ site }) => {
    const { callee: called } = site.call;
    if (called.kind !== "place" || called.place.path.length > 0) return [];
    const position = callee.body.params.findIndex((param) => param.arrives === called.place.base && !param.rest);
    const callback = functionAt(outer, call.args[position]?.value);
    if (callback === undefined || call.args.some(({ spread }) => spread)) return [];
    const waits = isAwaited(inside.module, site);
    const gets = site.call.args.length > 0 && callback.params.length > 0;
    return heldLocks(inside, holding).flatMap(({ name: known, access, guard, site: { call: taking } }) => {
      const hasGuard = guard === undefined || isGiven({ site }, guard.id);
      if (access === "counted" || (hasGuard && mayLetGo(outer.module, callback))) return [];
      const name = known === undefined ? undefined : translated(outer, call, callee, known);
      const at = { file: inside.module.file, ...taking.spans.whole };
      return [{ call, callback, waits, gets, held: { name, access, mode: "async" as const, at } }];
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
