/** What becomes of the tracked values of a file: the facts that rules about handles read. */
import type { Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import type { Summaries } from "../summaries/summaries.js";
import { type AwaitedHandle, createEngine, type Frame, type Loss } from "./engine.js";
import { runBody } from "./run.js";
import { emptyWorld } from "./world.js";

export interface Ownership {
  /** Values that some path loses while their protocol obliges somebody, in order of where they are made. */
  readonly losses: readonly Loss[];
  /** Handles that are waited for as if they were promises. */
  readonly awaited: readonly AwaitedHandle[];
}

/** Runs every body of the file: those that are called where they stand with their callers, all others by themselves. */
export function analyseOwnership(module: Module, models: Models, summaries: Summaries): Ownership {
  const engine = createEngine(module, models, summaries);
  for (const body of module.bodies) {
    // Bodies come after those around them, so a followed one has been met by now unless nothing calls it.
    if (engine.visited.has(body.id) || !engine.spawns(body.id)) continue;
    const frame: Frame = { engine, info: engine.info(body.id), stack: [body.id], reports: true };
    runBody(frame, [emptyWorld()]);
  }
  const bySite = (a: Loss, b: Loss): number =>
    a.site.call.spans.whole.start - b.site.call.spans.whole.start || a.exit.span.start - b.exit.span.start;
  return { losses: [...engine.losses.values()].sort(bySite), awaited: [...engine.awaited.values()] };
}
