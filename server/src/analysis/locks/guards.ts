/** Between which steps of one function a variable is a guard that holds its lock. */
import type { Body, Local, Module } from "../mir/mir.js";
import { reachableFrom } from "../threads/reach.js";
import { roleOf, type Scene } from "../threads/starts.js";
import { bodyOf, indexModule, type Point } from "../threads/walk.js";

export interface Guard {
  readonly local: Local;
  readonly body: Body;
  /** Where it gets the lock. */
  readonly made: readonly Point[];
  /** Where it gives the lock back: the end of its `using`, and each `drop`. */
  readonly dropped: readonly Point[];
}

const known = new WeakMap<Module, readonly Guard[]>();

/** The variables that are guards, but for those that functions are given. */
export function guardsOf(scene: Scene): readonly Guard[] {
  const { module, models } = scene;
  const before = known.get(module);
  if (before !== undefined) return before;
  const guards = module.locals.flatMap((local): Guard[] => {
    const { type, kind, body } = local;
    if (kind === "temp" || kind === "param" || type?.kind !== "named" || models.type(type.symbol) !== "guard")
      return [];
    const made = (indexModule(module).definitions.get(local.id) ?? []).map(({ at }) => at);
    return [{ local, body: bodyOf(module, { body }), made, dropped: dropsOf(scene, local) }];
  });
  known.set(module, guards);
  return guards;
}

function dropsOf(scene: Scene, { id, body }: Local): readonly Point[] {
  const points: Point[] = [];
  for (const [block, { steps }] of bodyOf(scene.module, { body }).blocks.entries()) {
    for (const [index, step] of steps.entries()) {
      if (step.kind === "dispose" && step.local === id) points.push({ body, block, index });
    }
  }
  for (const { at, call } of indexModule(scene.module).callsOf.get(body) ?? []) {
    const given = [...call.args.map(({ value }) => value), ...(call.receiver === undefined ? [] : [call.receiver])];
    const isIt = given.some(
      ({ kind, ...operand }) => kind === "place" && "place" in operand && operand.place.base === id,
    );
    if (isIt && roleOf(scene, call)?.kind === "drop") points.push(at);
  }
  return points;
}

/** Whether some path comes from where the guard gave its lock back, without taking it again. `fresh`: further steps that end such a path. */
export function isBehindDrop({ body, made, dropped }: Guard, at: Point, fresh: readonly Point[] = []): boolean {
  return dropped.some((drop) => reachableFrom(body, drop, [...made, ...fresh])(at));
}

/** Whether some path holds the lock there. */
export function mayBeHeld({ body, made, dropped }: Guard, at: Point): boolean {
  return made.some((point) => reachableFrom(body, point, dropped)(at));
}
