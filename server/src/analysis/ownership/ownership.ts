/** What becomes of the tracked values of a file: the facts that rules about ownership read. */
import type { BodyId, Module } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import { createKeeper } from "../summaries/footprint.js";
import { createSummaries } from "../summaries/summaries.js";
import { type Remembered, stillClean, unitsOf } from "./clean.js";
import {
  type AwaitedHandle,
  createEngine,
  type Endless,
  type Engine,
  type Frame,
  type Loss,
  type Misuse,
} from "./engine.js";
import type { Holding } from "./holdings.js";
import { runBody } from "./run.js";
import { entryWorld } from "./variables.js";

export interface Ownership {
  /** Values that some path loses while their protocol obliges somebody, in order of where they are made. */
  readonly losses: readonly Loss[];
  /** Handles that are waited for as if they were promises. */
  readonly awaited: readonly AwaitedHandle[];
  /** Values that some path uses after they were moved or dropped, in order of position. */
  readonly misuses: readonly Misuse[];
  /** What waits for the end of a channel that its own function keeps open. */
  readonly endless: readonly Endless[];
  /** Steps that may wait while guards are held, in order of position. */
  readonly holdings: readonly Holding[];
}

/** What is remembered of the last analysis of a file. */
export interface OwnershipMemory {
  last: Remembered | undefined;
}

const keeperFor = createKeeper<Ownership>();

/**
 * Runs every body of the file: those that are called where they stand with their callers, all others by themselves.
 *
 * @param modules the files into which the summaries look
 */
export function analyseOwnership(
  module: Module,
  models: Models,
  modules: ReadonlyMap<string, Module>,
  memory: OwnershipMemory,
): Ownership {
  const summaries = createSummaries(modules, models);
  const keeper = keeperFor(models);
  const before = keeper.get(0, module, summaries.modules);
  if (before !== undefined) return before.value;
  const ownership = runBodies(module, createEngine(module, models, summaries), modules, memory);
  keeper.set(0, module, { value: ownership, footprint: summaries.footprint });
  return ownership;
}

function runBodies(
  module: Module,
  engine: Engine,
  modules: ReadonlyMap<string, Module>,
  memory: OwnershipMemory,
): Ownership {
  const others = new Map([...modules].filter(([, other]) => other !== module));
  const units = unitsOf(module);
  const clean = memory.last === undefined ? new Set<BodyId>() : stillClean(units, others, memory.last);
  /** Units that something was found in, or that were run as part of the module. */
  const unclean = new Set<BodyId>();
  for (const body of module.bodies) {
    const unit = units.of(body.id);
    if (unit !== undefined && clean.has(unit)) continue;
    // Bodies come after those around them, so a followed one has been met by now unless nothing calls it.
    if (engine.visited.has(body.id) || !engine.concerns(body.id)) continue;
    const frame: Frame = { engine, info: engine.info(body.id), stack: [body.id], reports: true };
    const before = found(engine);
    runBody(frame, [entryWorld(frame)]);
    if (unit === undefined) for (const visited of engine.visited) unclean.add(units.of(visited) ?? visited);
    else if (found(engine) > before) unclean.add(unit);
  }
  memory.last = { units, others, unclean };
  const bySite = (a: Loss, b: Loss): number =>
    a.site.call.spans.whole.start - b.site.call.spans.whole.start || a.exit.span.start - b.exit.span.start;
  return {
    losses: withoutConsequences([...engine.losses.values()]).sort(bySite),
    awaited: [...engine.awaited.values()],
    misuses: [...engine.misuses.values()].sort((a, b) => a.at.start - b.at.start),
    endless: withoutJoinsBehind([...engine.endless].flatMap(([key, loop]) => (engine.ending.has(key) ? [] : [loop]))),
    holdings: [...engine.holdings.values()].sort((a, b) => a.step.span.start - b.step.span.start),
  };
}

/** What is lost without any exception too is not to be blamed on one. */
function withoutConsequences(losses: readonly Loss[]): Loss[] {
  const lostAnyway = new Set(losses.filter(({ exit }) => exit.keyword !== "call").map(({ site }) => site.id));
  return losses.filter(({ exit, site }) => exit.keyword !== "call" || !lostAnyway.has(site.id));
}

/** Behind what waits for a row of threads in vain, so does the join of one of them, for the same sender. */
function withoutJoinsBehind(endless: readonly Endless[]): Endless[] {
  const waiting = endless.filter(({ through }) => through !== undefined);
  const isBehind = (one: Endless): boolean =>
    waiting.some((other) => other.sender === one.sender && startOf(other) < startOf(one));
  return endless.filter((one) => one.kind === "loop" || !isBehind(one));
}

function startOf(endless: Endless): number {
  return endless.kind === "loop" ? endless.loop.span.start : endless.step.span.start;
}

/** How much there is to report so far. */
function found({ losses, awaited, misuses, endless, holdings }: Engine): number {
  return losses.size + awaited.size + misuses.size + endless.size + holdings.size;
}
