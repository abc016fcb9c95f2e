/** Assignments of a thread to its own parameter that nothing in it reads afterwards: made for somebody else to see. */
import type { Body, LocalId, Module } from "../mir/mir.js";
import type { Change } from "./changes.js";
import { reachableFrom } from "./reach.js";
import { indexModule, isWithin, type Use } from "./walk.js";

/** Empty where the thread itself makes something of one of them: counts down with it, fills in a default, returns it. */
export function unreadWrites(module: Module, body: Body, param: LocalId): readonly Change[] {
  const uses = (indexModule(module).uses.get(param) ?? []).filter((use) => isWithin(module, use.at.body, body.id));
  const writes = uses.filter((use) => use.access !== "read" && use.place.path.length === 0);
  if (writes.some((use) => use.at.body !== body.id || isResultUsed(module, use))) return [];
  const reads = uses.filter((use) => use.access === "read" || use.place.path.length > 0);
  const isRead = writes.some((write) => {
    const reaches = reachableFrom(body, write.at);
    return reads.some((read) => read.at.body !== body.id || reaches(read.at));
  });
  if (isRead) return [];
  return writes.flatMap(({ at, span, step }) =>
    step === undefined || span.end <= span.start ? [] : [{ at, span, statement: step.statement, path: [] }],
  );
}

/** `log(n++)` and `return (n += 1)`. */
function isResultUsed(module: Module, { step }: Use): boolean {
  if (step?.kind !== "update") return false;
  return (indexModule(module).uses.get(step.result) ?? []).some(
    (use) => use.access === "read" && use.step?.kind !== "discard",
  );
}
