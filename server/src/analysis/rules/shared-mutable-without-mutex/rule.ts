/**
 * `shared-mutable-without-mutex`: a thread changes what its parent or another thread uses too, with nothing between them
 * that takes turns.
 */
import type { Facts } from "../../facts.js";
import { leakedChanges } from "../../locks/leaked.js";
import { takeLocks } from "../../locks/order.js";
import { type SharedChange, sharedChanges } from "../../threads/changes.js";
import { sceneOf } from "../../threads/scene.js";
import { type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import type { Report, Rule } from "../rule.js";
import { reportAssigned } from "./assigned.js";
import { reportCopied } from "./copied.js";
import { reportLeaked } from "./leaked.js";
import { reportRace } from "./races.js";
import { reportReached } from "./reached.js";
import { racyWrites } from "./shared-memory.js";
import { reportsOfStale } from "./stale.js";
import { changesOfOneCopy } from "./two-copies.js";
import { unlockedAccesses } from "./unlocked.js";
import { racesOfWorkers } from "./worker-files.js";

export const sharedMutableWithoutMutex: Rule = {
  name: "shared-mutable-without-mutex",
  summary: "A thread changes what others use too, with no lock and no atomic between them",
  severity: "error",
  rust: "E0594",
  check,
};

function check(facts: Facts): ReturnType<Rule["check"]> {
  const scene = sceneOf(facts);
  const changed = threadStarts(scene).flatMap((start) =>
    sharedChanges(scene, start).flatMap((change) => report(scene, start, change) ?? []),
  );
  return [
    ...changed,
    ...racyWrites(scene).map((write) => reportRace(scene, write)),
    ...unlockedAccesses(scene),
    ...changesOfOneCopy(facts),
    ...racesOfWorkers(facts),
    ...(takeLocks(facts.modules, facts.models) ? leakedChanges(scene) : []).map((change) =>
      reportLeaked(scene, change),
    ),
    ...reportsOfStale(facts, scene),
  ];
}

function report(scene: Scene, start: ThreadStart, change: SharedChange): Report | undefined {
  switch (change.kind) {
    case "assigned":
      return reportAssigned(scene, start, change);
    case "reached":
      return reportReached(scene, start, change);
    case "copied":
      return reportCopied(scene, start, change);
  }
}
