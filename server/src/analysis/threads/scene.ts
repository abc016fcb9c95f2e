/** What the look at threads needs of a file's facts. */
import type { Facts } from "../facts.js";
import type { Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import type { FindFunction, Scene } from "./starts.js";

const scenes = new WeakMap<Facts, Scene>();

/** The scene of the facts: the same one for every rule, so that what is computed for one is there for the next. */
export function sceneOf(facts: Facts): Scene {
  const known = scenes.get(facts);
  if (known !== undefined) return known;
  const { module, models, modules } = facts;
  const scene: Scene = { module, models, find: findIn(modules) };
  scenes.set(facts, scene);
  return scene;
}

/** A look at each of these files, in which all of them are known. */
export function scenesOver(modules: ReadonlyMap<string, Module>, models: Models): readonly Scene[] {
  const find = findIn(modules);
  return [...modules.values()].map((module) => ({ module, models, find }));
}

function findIn(modules: ReadonlyMap<string, Module>): FindFunction {
  return (key) => {
    const owner = key.package === undefined ? modules.get(key.file) : undefined;
    if (owner === undefined) return undefined;
    const named = owner.bodies.find((body) => body.symbol?.name === key.name && body.symbol.offset === key.offset);
    if (named !== undefined) return { module: owner, body: named };
    const local = owner.locals.find((each) => each.symbol?.name === key.name && each.symbol.offset === key.offset);
    const held = local?.function === undefined || local.reassigned ? undefined : owner.bodies[local.function];
    return held === undefined ? undefined : { module: owner, body: held };
  };
}

/** The same look at another file of the project. */
export function sceneIn(scene: Scene, module: Module): Scene {
  return module === scene.module ? scene : { ...scene, module };
}
