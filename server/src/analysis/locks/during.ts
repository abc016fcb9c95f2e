/** Which locks are taken while a step waits. */
import type { Holding } from "../ownership/holdings.js";
import type { Scene } from "../threads/starts.js";
import { type LockUse, takenBy, takenThrough } from "./uses.js";
import type { Awaited } from "./waiting.js";

/** The locks that are taken while the step waits, on every path. */
export function takenDuring(
  scene: Scene,
  { step }: Pick<Holding, "step">,
  { site, role, early }: Awaited,
): readonly LockUse[] {
  if (role?.kind === "lock") {
    const use = takenBy(scene, site.call);
    return use === undefined ? [] : [{ ...use, always: true }];
  }
  if (role !== undefined) return [];
  const isCall = step.value.kind === "call";
  // What an async function does behind its first `await` happens at the `await` of its promise.
  return takenThrough(scene, { ...site, early }).filter(({ always, mode }) => always && (!isCall || mode === "sync"));
}
