/** What has a guard for longer than the statement which took the lock, and what may make it give the lock back. */
import { successors } from "../flow/graph.js";
import type { BlockId, Body, Call, LocalId, Module, Operand, Place, Step } from "../mir/mir.js";
import { sceneIn } from "../threads/scene.js";
import { calledFunction, roleOf, type Scene } from "../threads/starts.js";
import { operandsOnce, type Point, withNested } from "../threads/walk.js";

export type Keeper =
  /** `this.#open` */
  | { readonly kind: "field"; readonly name: string }
  /** A variable of the module. */
  | { readonly kind: "variable"; readonly local: LocalId }
  /** What a function returned: a function, or an object in which these fields have nothing to do with the guard. */
  | { readonly kind: "releaser"; readonly local: LocalId; readonly plain: ReadonlySet<string> };

/** What holds a place's value for longer than a function runs. */
export function keeperOf({ locals }: Module, { base, path }: Place): Keeper | undefined {
  const local = locals[base];
  const [field, ...deeper] = path;
  if (local?.kind === "this" && field?.kind === "field" && deeper.length === 0) {
    return { kind: "field", name: field.name };
  }
  const isOfModule = local?.body === 0 && path.length === 0 && (local.kind === "let" || local.kind === "var");
  return isOfModule && !local.exported ? { kind: "variable", local: base } : undefined;
}

/** As code writes it. */
export function keeperText({ locals }: Module, keeper: Keeper): string {
  return keeper.kind === "field" ? `this.${keeper.name}` : (locals[keeper.local]?.name ?? "");
}

export interface Way {
  /** The steps that were looked for. */
  readonly goals: readonly Point[];
  /** Some path returns before. */
  readonly isLeft: boolean;
  /** Some path comes to what may give the lock back before. */
  readonly mayRelease: boolean;
}

interface From {
  readonly body: Body;
  readonly from: Point;
  readonly keeper: Keeper;
}

/** Follows all ways from a step on, those that throw to where they do, up to a goal or what may give the lock back. */
export function wayOf(scene: Scene, { body, from, keeper }: From, isGoal: (at: Point, step: Step) => boolean): Way {
  const goals: Point[] = [];
  let [isLeft, mayRelease] = [false, false];
  const met = new Set<BlockId>();
  const waiting = [{ id: from.block, first: from.index + 1 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { id, first } = next;
    const block = body.blocks[id];
    if (block === undefined) continue;
    const index = block.steps.findIndex(
      (step, at) =>
        at >= first && (isGoal({ body: body.id, block: id, index: at }, step) || releases(scene, keeper, step)),
    );
    const step = block.steps[index];
    const at = { body: body.id, block: id, index };
    if (step !== undefined) {
      if (isGoal(at, step)) goals.push(at);
      else mayRelease = true;
      continue;
    }
    const { end } = block;
    if (end.kind === "return" || end.kind === "throw") {
      isLeft ||= end.kind === "return";
      mayRelease ||= end.operand !== undefined && isTold(scene, keeper, end.operand);
    }
    for (const after of successors(block)) {
      if (after === block.unwind || met.has(after)) continue;
      met.add(after);
      waiting.push({ id: after, first: 0 });
    }
  }
  return { goals, isLeft, mayRelease };
}

/** Whether a step may give the lock back, or lets others do it. */
export function releases(scene: Scene, keeper: Keeper, step: Step, depth = maxDepth): boolean {
  switch (step.kind) {
    case "assign": {
      const isTouched = operandsOnce(step.value).some((operand) => isTold(scene, keeper, operand, depth));
      if (isTouched || isOf(scene.module, keeper, step.to)) return true;
      return step.value.kind === "call" && leadsTo(scene, keeper, step.value, depth);
    }
    case "update":
    case "delete":
      return isOf(scene.module, keeper, step.place);
    case "discard":
      return isTold(scene, keeper, step.operand, depth);
    case "dispose":
      return keeper.kind !== "field" && step.local === keeper.local;
    case "end-scope":
      return false;
  }
}

/** Functions that call each other are followed this far; what is behind that may do anything. */
const maxDepth = 3;

/** A mention of what has the guard, or a function that has one. */
function isTold(scene: Scene, keeper: Keeper, operand: Operand, depth = maxDepth): boolean {
  if (operand.kind === "place") return isOf(scene.module, keeper, operand.place);
  return operand.kind === "function" && touches(scene, keeper, scene.module.bodies[operand.body], depth);
}

function isOf({ locals }: Module, keeper: Keeper, { base, path: [first, second] }: Place): boolean {
  switch (keeper.kind) {
    case "field":
      if (locals[base]?.kind !== "this" || first?.kind !== "field" || first.name !== keeper.name) return false;
      return !isValue(second);
    case "variable":
      return base === keeper.local && !isValue(first);
    case "releaser":
      return base === keeper.local && !(first?.kind === "field" && keeper.plain.has(first.name));
  }
}

/** Who reads what the lock guards gives nothing back. */
function isValue(step: Place["path"][number] | undefined): boolean {
  return step?.kind === "field" && step.name === "value";
}

/** A call of a function that can get at what has the guard. */
function leadsTo(scene: Scene, keeper: Keeper, call: Call, depth: number): boolean {
  if (keeper.kind === "releaser" || roleOf(scene, call) !== undefined) return false;
  const { locals } = scene.module;
  const isThis = (operand: Operand | undefined): boolean =>
    operand?.kind === "place" && operand.place.path.length === 0 && locals[operand.place.base]?.kind === "this";
  if (keeper.kind === "field" && call.args.some(({ value }) => isThis(value))) return true;
  const callee = calledFunction(scene, call);
  if (callee !== undefined) {
    const inside = sceneIn(scene, callee.module);
    const isNear = keeper.kind === "field" || callee.module === scene.module;
    return isNear && (depth === 0 || touches(inside, keeper, callee.body, depth - 1));
  }
  // A method that is not known, or a function that somebody gave.
  return keeper.kind === "field" ? isThis(call.receiver) : call.callee.kind === "place" && call.receiver === undefined;
}

function touches(scene: Scene, keeper: Keeper, body: Body | undefined, depth: number): boolean {
  return (
    body !== undefined &&
    withNested(scene.module, body.id).some(({ blocks }) =>
      blocks.some(
        ({ steps, end }) =>
          steps.some((step) => releases(scene, keeper, step, depth)) ||
          (end.kind === "return" && end.operand?.kind === "place" && isOf(scene.module, keeper, end.operand.place)),
      ),
    )
  );
}
