/** `capture-without-move`: a thread's closure uses a binding of the code around it, which the new thread does not have. */
import type { Facts } from "../../facts.js";
import { changedLocals } from "../../threads/changes.js";
import { sceneOf } from "../../threads/scene.js";
import { type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import type { Rule } from "../rule.js";
import { capturedBy } from "./captured.js";
import { fixesOf } from "./fixes.js";
import { type Finding, kindOf } from "./kinds.js";
import { helpOf, relatedTo, saying } from "./messages.js";
import { capturedByTasks } from "./tasks.js";

export const captureWithoutMove: Rule = {
  name: "capture-without-move",
  summary: "A closure that runs on a thread uses a variable, import or function from outside of it",
  severity: "error",
  rust: "E0373",
  check,
};

function check(facts: Facts): ReturnType<Rule["check"]> {
  const scene = sceneOf(facts);
  return [...threadStarts(scene).flatMap((start) => findingsOf(scene, start)), ...capturedByTasks(facts)];
}

function findingsOf(scene: Scene, start: ThreadStart): ReturnType<Rule["check"]> {
  // What the thread changes is the finding of `shared-mutable-without-mutex`: the capture is not the root of it.
  const changed = changedLocals(scene, start);
  const findings = capturedBy(scene, start)
    .filter(({ local }) => !changed.has(local.id))
    .map((captured) => kindOf(start.closure.module, scene.models, captured));
  return findings.map((finding) => report(scene, start, finding, findings));
}

function report(
  scene: Scene,
  start: ThreadStart,
  finding: Finding,
  all: readonly Finding[],
): ReturnType<Rule["check"]>[number] {
  const { closure } = start;
  const first = finding.captured.uses[0]!;
  // A function that is spawned by name may be used in other ways too, so the call is what is wrong.
  const span = closure.how === "inline" ? first.span : closure.operand;
  const fixes = fixesOf(scene, start, finding, all);
  return {
    ...saying(scene, start, finding),
    location: { file: scene.module.file, start: span.start, end: span.end },
    related: relatedTo(start, finding),
    help: helpOf(scene, start, finding, fixes),
    fixes,
    tags: [],
  };
}
