/** Functions that make an object which owns a thread, and give it to whoever calls them: `Ticker.create()`. */
import type { Body, Module } from "../../../mir/mir.js";
import { sceneIn } from "../../../threads/scene.js";
import { calledFunction, type FunctionRef, type Scene } from "../../../threads/starts.js";
import { type CallSite, indexModule } from "../../../threads/walk.js";
import { readsOf } from "../kept-in.js";
import { doingWith } from "./object-uses.js";
import { classMadeBy, isReturned, type OwningClass, startedByMaking } from "./owning-class.js";
import { writtenBy } from "./written-objects.js";

/** A call after which a variable has an object that owns a thread, or will have one. */
export interface Making {
  /** The step that has the object: of a factory that is waited for, the `await`. */
  readonly site: CallSite;
  readonly of: OwningClass;
  /** The field that has a thread already. */
  readonly started: string | undefined;
}

export function makingAt(scene: Scene, site: CallSite): Making | undefined {
  const { call } = site;
  if (call.symbol === undefined || call.symbol.package !== undefined) return undefined;
  if (call.form === "new") {
    const of = classMadeBy(scene, call);
    return of && { site, of, started: startedByMaking(of) };
  }
  const factory = call.form === "call" ? calledFunction(scene, call) : undefined;
  const there = factory && sceneIn(scene, factory.module);
  const made = there && (madeBy(there, factory) ?? writtenBy(there, factory));
  const held = factory?.body.async ? awaited(scene.module, site) : site;
  return made === undefined || held === undefined ? undefined : { site: held, ...made };
}

/** `await` right where the promise is. */
function awaited(module: Module, { call, step }: CallSite): CallSite | undefined {
  if (step.to.path.length > 0 || module.locals[step.to.base]?.kind !== "temp") return undefined;
  const [use, ...others] = readsOf(module, step.to.base);
  return use?.step?.kind === "assign" && use.step.value.kind === "await" && others.length === 0
    ? { at: use.at, call, step: use.step }
    : undefined;
}

/** What a factory makes, where each of its ways gives back one object, to which nothing has happened that is not known. */
function madeBy(scene: Scene, { body }: FunctionRef): Omit<Making, "site"> | undefined {
  const { module } = scene;
  if (body.generator || body.blocks.some(({ end }) => end.kind === "return" && end.implicit)) return undefined;
  const sites = (indexModule(module).callsOf.get(body.id) ?? []).filter(({ call }) => call.form === "new");
  for (const { call, step, at } of sites) {
    const of = call.symbol?.package === undefined ? classMadeBy(scene, call) : undefined;
    const local = step.to.path.length === 0 ? module.locals[step.to.base] : undefined;
    if (of === undefined || local === undefined || local.reassigned || local.body !== body.id) continue;
    const uses = readsOf(module, local.id);
    const given = uses.filter((use) => isReturned(module, use));
    if (given.length === 0 || given.length !== returns(body)) continue;
    let started = startedByMaking(of);
    const isKnown = uses.every((use) => {
      if (given.includes(use)) return true;
      const does = use.at.body === body.id ? doingWith(of, module, use) : undefined;
      // What comes on some ways only is not known to be done.
      if (use.at.block === at.block) started ??= does?.starts;
      return does !== undefined && !does.mayEnd;
    });
    if (isKnown) return { of, started };
  }
  return undefined;
}

function returns({ blocks }: Body): number {
  return blocks.filter(({ end }) => end.kind === "return").length;
}
