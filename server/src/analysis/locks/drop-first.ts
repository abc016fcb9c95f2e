/** The repair that rules about held locks share: the guard is dropped before the step that waits. */
import type { Fix, TextEdit } from "../diagnostic.js";
import { lineEnd, lineStart, textOf } from "../fix.js";
import type { Local, Module, Step, Value } from "../mir/mir.js";
import type { Holding } from "../ownership/holdings.js";
import { before } from "../places.js";
import { mergeEdits } from "../threads/edits.js";
import { libraryNames } from "../threads/imports.js";
import { reachableFrom } from "../threads/reach.js";
import { roleOf, type Scene } from "../threads/starts.js";
import { bodyOf, indexModule, onlyDefinition, type Use } from "../threads/walk.js";
import type { Taking } from "./held.js";

/** Undefined where the guard, or what was read from it, is still used behind the step. */
export function dropFirst(scene: Scene, holding: Holding, { site, guard }: Taking): Fix | undefined {
  const { module } = scene;
  if (guard?.name === undefined || guard.body !== holding.body || guard.reassigned) return undefined;
  if (mayBeNothing(module, guard)) return undefined;
  // What was taken in the same statement has no place before it.
  const { statement } = holding.step;
  if (site.step.statement.start >= statement.start || isHeader(module, statement.start)) return undefined;
  const later = usesBehind(module, holding, guard);
  const drops = later.filter((use) => isDropped(scene, use));
  if (drops.length < later.length || drops.length > 1) return undefined;
  if (isReadLater(module, holding, guard) || isWrittenBack(module, holding, guard)) return undefined;
  const removed = drops.map(({ step }) => (step === undefined ? undefined : removal(module, step)));
  if (!removed.every((edit) => edit !== undefined)) return undefined;
  const drop = libraryNames(scene, ["drop"]).get("drop");
  if (drop === undefined) return undefined;
  const edits = [...drop.edits, ...before(module, statement, `${drop.text}(${guard.name});`)];
  return {
    title: `Drop \`${guard.name}\` before`,
    preferred: true,
    edits: mergeEdits([...edits, ...removed]),
  };
}

/** `const guard = isNeeded ? … : undefined`, where each arm gives a temporary its value. */
function mayBeNothing(module: Module, guard: Local): boolean {
  const value = onlyDefinition(module, guard.id)?.step.value;
  if (value?.kind !== "use") return value === undefined;
  const { operand } = value;
  return operand.kind !== "place" || (indexModule(module).definitions.get(operand.place.base)?.length ?? 0) > 1;
}

/** The statement begins with a keyword behind which its parts are run in another order, or several times. */
function isHeader({ text }: Module, start: number): boolean {
  return /^(?:if|while|for|do|switch|else)\b/.test(text.slice(start, start + 7));
}

function usesBehind(module: Module, { body, block, index, step }: Holding, guard: Local): readonly Use[] {
  const { definitions, uses } = indexModule(module);
  const made = (definitions.get(guard.id) ?? []).map(({ at }) => at);
  const isReached = reachableFrom(bodyOf(module, { body }), { body, block, index }, made);
  // The step's own statement reads before it waits, and is what the guard would be dropped before.
  const { start, end } = step.statement;
  return (uses.get(guard.id) ?? []).filter(
    // `guard.value = 1` needs the guard as much as reading it does.
    ({ at, access, place, span }) =>
      (access !== "write" || place.path.length > 0) &&
      (at.body !== body || isReached(at) || (span.start >= start && span.end <= end)),
  );
}

/** What was read from the guard into a variable of its own may be a part of its value, which is stored when it is dropped. */
function isReadLater(module: Module, holding: Holding, guard: Local): boolean {
  const named = (indexModule(module).uses.get(guard.id) ?? []).flatMap(({ step, access }) => {
    if (access !== "read" || step?.kind !== "assign" || step.value.kind !== "use") return [];
    const local = module.locals[step.to.base];
    return local === undefined || local.kind === "temp" || local.type?.kind === "primitive" ? [] : [local];
  });
  return named.some((local) => usesBehind(module, holding, local).length > 0);
}

/** What is computed from its value and written under another guard would be out of date by then. */
function isWrittenBack(module: Module, holding: Holding, guard: Local): boolean {
  const made = (indexModule(module).uses.get(guard.id) ?? []).flatMap(({ step, access, place: { path } }) => {
    const isRead = access === "read" && path.length > 0 && step?.kind === "assign" && step.to.path.length === 0;
    return isRead ? [step.to.base] : [];
  });
  // What is added while a set is walked is walked, too.
  const locals = new Set(made);
  for (const id of locals) {
    for (const { step, access } of indexModule(module).uses.get(id) ?? []) {
      if (access === "read" && step?.kind === "assign" && step.to.path.length === 0 && isKept(step.value)) {
        locals.add(step.to.base);
      }
    }
  }
  return [...locals].some((id) => {
    const local = module.locals[id];
    return (
      local !== undefined &&
      usesBehind(module, holding, local).some(({ step }) => {
        const [field] = step?.kind === "assign" ? step.to.path : [];
        return field?.kind === "field" && field.name === "value";
      })
    );
  });
}

function isKept({ kind }: Value): boolean {
  return kind === "use" || kind === "compute" || kind === "object" || kind === "array";
}

function isDropped(scene: Scene, { step }: Use): boolean {
  return step?.kind === "assign" && step.value.kind === "call" && roleOf(scene, step.value)?.kind === "drop";
}

/** Takes a statement away that has a line of its own. */
function removal(module: Module, { statement }: Step): TextEdit | undefined {
  const { text, file } = module;
  const start = lineStart(text, statement.start);
  const end = lineEnd(text, statement.end);
  if (text.slice(start, end).trim() !== textOf(module, statement).trim() || start === 0) return undefined;
  const next = text.slice(end, end + 2) === "\r\n" ? end + 2 : end + 1;
  return { file, start, end: next, newText: "" };
}
