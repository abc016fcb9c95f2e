/** What a thread's function uses from outside of itself. */
import type { BodyId, Local, LocalId, Reference } from "../../mir/mir.js";
import { isCompilerHelper } from "../../threads/naming.js";
import { type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { indexModule, isWithin } from "../../threads/walk.js";
import { itemsOf } from "./items.js";

/** A binding that the new thread does not have, and where its function uses it. */
export interface Captured {
  readonly local: Local;
  /** At least one, in order of the text. */
  readonly uses: readonly Reference[];
}

/** Everything the thread's function uses from outside, whoever reports it. */
export function capturedBy(scene: Scene, start: ThreadStart): readonly Captured[] {
  const { module, body } = start.closure;
  // What a thread inside this thread uses is that thread's finding; once moved there, it is a use of this one.
  const inner = module === scene.module ? innerThreads(scene, body.id) : [];
  const isItem = itemsOf(scene, start);
  return body.captures.flatMap(({ local: id, uses }) => {
    const local = module.locals[id];
    if (local === undefined || local.typeOnly || isCompilerHelper(local) || isOwnName(local, start)) return [];
    if (isItem(local)) return [];
    const own = uses.filter((use) => !inner.some((thread) => isWithin(module, use.body, thread)));
    return own.length === 0 ? [] : [{ local, uses: own }];
  });
}

/** The functions written in calls that start threads inside of `body`. */
function innerThreads(scene: Scene, body: BodyId): readonly BodyId[] {
  return threadStarts(scene)
    .filter(({ at, closure }) => closure.how === "inline" && isWithin(scene.module, at.body, body))
    .map(({ closure }) => closure.body.id);
}

/** A function that calls itself by the name in its own head: the name travels with its text. */
function isOwnName(local: Local, { closure }: ThreadStart): boolean {
  return local.kind === "function" && local.function === closure.body.id;
}

/** Whether anything outside of the thread's function uses the variable after it was given away, or in another function. */
export function isUsedElsewhere(scene: Scene, start: ThreadStart, id: LocalId, reaches: Reaches): boolean {
  const { module } = scene;
  const all = indexModule(module).uses.get(id) ?? [];
  return all.some(({ at }) => {
    if (isWithin(module, at.body, start.closure.body.id)) return false;
    return at.body !== start.at.body || reaches.again(id) || reaches.to(at);
  });
}

/** What can run after a thread was started, in the function that started it. */
export interface Reaches {
  readonly to: (at: { readonly body: BodyId; readonly block: number; readonly index: number }) => boolean;
  /** Whether the thread can be started again with the same value of the variable: in a loop around which it lives. */
  readonly again: (local: LocalId) => boolean;
}
