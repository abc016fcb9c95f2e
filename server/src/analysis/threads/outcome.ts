/** Whether a thread makes something of a value it changed, or the change was all it did. */
import type { Body, LocalId, Module, Operand, Step, Terminator } from "../mir/mir.js";
import { type Aliases, pathOfOperand, pathOfPlace } from "./aliases.js";
import { changedByCall, globalName } from "./mutators.js";
import { reachableFrom } from "./reach.js";
import { roleOf, type Scene } from "./starts.js";
import { operandsOnce, type Point, usedAtEnd, withNested } from "./walk.js";

export interface Outcome {
  /** What was changed, or something computed from it, is returned. */
  readonly returned: boolean;
  /** It is handed to other code: sent, written out, thrown. */
  readonly handedOn: boolean;
}

const maxRounds = 8;

/** What becomes, after `changes`, of the value that the aliases stand for. */
export function outcomeOf(scene: Scene, body: Body, aliases: Aliases, changes: readonly Point[]): Outcome {
  const bodies = withNested(scene.module, body.id);
  const isAfter = afterAny(bodies, changes);
  const tainted = new Set<LocalId>();
  const outcome = { returned: false, handedOn: false };
  const taints = (operand: Operand, at: Point): boolean =>
    operand.kind === "place" && (tainted.has(operand.place.base) || (aliases.has(operand.place.base) && isAfter(at)));
  for (let round = 0; round < maxRounds; round++) {
    const before = tainted.size;
    for (const each of bodies) {
      for (const [block, { steps, end, loop }] of each.blocks.entries()) {
        for (const [index, step] of steps.entries()) {
          const at = { body: each.id, block, index };
          passOn(scene, step, aliases, tainted, (operand) => taints(operand, at), outcome);
        }
        const at = { body: each.id, block, index: steps.length };
        if (!usedAtEnd({ end }).some((operand) => taints(operand, at))) continue;
        // Whether there is a next element is no decision about what the elements hold.
        if (end.kind === "branch" && loop?.kind.startsWith("for-") === true) continue;
        // What the thread decides by is its own business, too: a default that it filled in, a queue that it works off.
        // `counts[word] ?? 0` decides nothing: it is a value like any other.
        if (end.kind === "branch" && isDefault(each, end, scene.module.locals)) continue;
        if (end.kind === "throw" || end.kind === "branch") outcome.handedOn = true;
        else if (each.id === body.id) outcome.returned = true;
      }
    }
    if (tainted.size === before) break;
  }
  return outcome;
}

/** The branch of `a ?? b` or `a?.b`, whose arms only say which value the expression has; `a ??= b` fills something in. */
function isDefault(body: Body, end: Terminator & { readonly kind: "branch" }, locals: Module["locals"]): boolean {
  const { condition, test } = end;
  if (test.kind !== "nullish" || condition.kind !== "place" || condition.place !== test.place) return false;
  const absent = body.blocks[end.then];
  return (absent?.steps ?? []).every(
    (step) => step.kind === "assign" && step.to.path.length === 0 && locals[step.to.base]?.kind === "temp",
  );
}

/** Whether a point can come after one of the changes. Between functions the order is not known. */
function afterAny(bodies: readonly Body[], changes: readonly Point[]): (at: Point) => boolean {
  const reach = changes.flatMap((change) => {
    const body = bodies.find((each) => each.id === change.body);
    return body === undefined ? [] : [reachableFrom(body, change)];
  });
  return (at) => changes.some((change) => change.body !== at.body) || reach.some((reaches) => reaches(at));
}

/** Passes the taint of a step's operands on to what it writes, and notes what leaves the thread's own variables. */
function passOn(
  scene: Scene,
  step: Step,
  aliases: Aliases,
  tainted: Set<LocalId>,
  taints: (operand: Operand) => boolean,
  outcome: { returned: boolean; handedOn: boolean },
): void {
  if (step.kind === "update") {
    if (step.value !== undefined && taints(step.value) && pathOfPlace(aliases, step.place) === undefined)
      tainted.add(step.place.base);
    return;
  }
  if (step.kind !== "assign") return;
  const { value, to } = step;
  const into = (): void => {
    if (pathOfPlace(aliases, to) === undefined) tainted.add(to.base);
  };
  if (value.kind === "yield" && value.operand !== undefined && taints(value.operand)) outcome.handedOn = true;
  if (value.kind !== "call") {
    if (operandsOnce(value).some(taints)) into();
    return;
  }
  const changed =
    value.receiver !== undefined &&
    pathOfOperand(aliases, value.receiver) !== undefined &&
    changedByCall(value) !== undefined;
  if (changed) {
    // What `pop` and `shift` return comes out of the changed value.
    into();
    return;
  }
  if (value.receiver !== undefined && taints(value.receiver)) into();
  const handed = value.args.some((argument) => taints(argument.value));
  if (!handed) return;
  const global = globalName(value) ?? "";
  // A line that says what the value is now is there for people; what prints each element is there to print.
  if (/^console\b/.test(global)) {
    if (value.args.some((argument) => isLoopVariable(scene, aliases, argument.value))) outcome.handedOn = true;
    return;
  }
  if (/^(?:JSON|Math|Object|Number|String|Array)\b/.test(global) || roleOf(scene, value)?.kind === "borrow") into();
  else outcome.handedOn = true;
}

function isLoopVariable({ module }: Scene, aliases: Aliases, operand: Operand): boolean {
  if (operand.kind !== "place" || module.locals[operand.place.base]?.kind === "temp") return false;
  return aliases.get(operand.place.base)?.at(-1)?.kind === "index";
}
