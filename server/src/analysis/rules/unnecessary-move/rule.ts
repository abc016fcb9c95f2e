/** `unnecessary-move`: a value is given to a thread that has no use for it, or shared in a dearer way than it takes. */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { sceneOf } from "../../threads/scene.js";
import { type Moved, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { lockedCounters } from "./counters.js";
import { takeBack } from "./fix.js";
import { isUnfinished } from "./unfinished.js";
import { idleWriteLocks } from "./write-locks.js";

export const unnecessaryMove: Rule = {
  name: "unnecessary-move",
  summary: "A value that is moved into a thread that does not use it, or a lock that is more than it takes",
  severity: "hint",
  rust: "unused_variables",
  check: (facts) => [...unusedValues(facts), ...idleWriteLocks(facts), ...lockedCounters(facts)],
};

function unusedValues(facts: Facts): readonly Report[] {
  const scene = sceneOf(facts);
  return threadStarts(scene).flatMap((start) => {
    const { move, moved, closure, call } = start;
    // A function that is also called elsewhere has its parameters for those who call it there.
    if (move === undefined || moved === undefined || closure.how !== "inline" || usesArguments(closure.module, start))
      return [];
    // What was put together before may be for another thread too.
    if (move.spans.whole.start < call.spans.whole.start) return [];
    const unused = [...moved.entries()].filter(([index, one]) => isUnused(closure.module, start, one, index));
    if (unused.length === 0 || isUnfinished(closure.module, closure.body)) return [];
    return unused.map(([index, one]) => reportOf(scene.module, start, one, index));
  });
}

function isUnused(module: Module, { closure }: ThreadStart, { param, argument }: Moved, index: number): boolean {
  if (argument.spread || closure.body.params.some(({ rest }) => rest)) return false;
  // There is no parameter for it at all.
  if (param === undefined) return index >= closure.body.params.length;
  const local = param.local === undefined ? undefined : module.locals[param.local];
  // A pattern takes it apart, and an underscore says that it is on purpose.
  if (local === undefined || local.name?.startsWith("_") === true) return false;
  const { uses } = indexModule(module);
  return (
    (uses.get(local.id) ?? []).length === 0 &&
    !module.bodies.some(({ captures }) => captures.some((one) => one.local === local.id))
  );
}

function usesArguments(module: Module, { closure }: ThreadStart): boolean {
  return module.locals.some(
    ({ kind, body, id }) =>
      kind === "arguments" && body === closure.body.id && (indexModule(module).uses.get(id) ?? []).length > 0,
  );
}

function reportOf(module: Module, start: ThreadStart, one: Moved, index: number): Report {
  const { span } = one.argument.value;
  const { file } = module;
  const written = textOf(module, span);
  const shown = /^[\w$.()]{1,40}$/.test(written) ? `\`${written}\`` : "a value";
  const parameter = one.param;
  return {
    message: `${shown} is moved into a thread that does not use it`,
    location: { file, ...span },
    label: "nothing in the closure reads it",
    related:
      parameter === undefined ? [] : [{ file, ...parameter.span, message: "it arrives here, and is never read" }],
    notes: ["what is moved is copied into the thread's heap, or taken away from this thread: both for nothing here"],
    help: ["Leave it out of `move`, and out of the parameters"],
    fixes: takeBack(module, start, index),
    tags: ["unnecessary"],
  };
}
