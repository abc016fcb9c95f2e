/** Which steps cannot change anything in a world: nearly all of them, at the cost of a few look-ups. */
import { operandsOf } from "../flow/operands.js";
import type { Local, Operand, Place, Step, Value } from "../mir/mir.js";
import { isFollowed } from "./calls.js";
import type { Frame } from "./engine.js";
import { storedIn } from "./fields.js";
import { protocolOfVariable } from "./variables.js";
import type { World } from "./world.js";

/** Most steps have nothing to do with what is tracked; they cost a few look-ups. */
export function isInert(frame: Frame, world: World, step: Step): boolean {
  switch (step.kind) {
    case "assign":
      return isInertAssignment(frame, world, step);
    case "discard":
      return !mentionsOperand(frame, world, step.operand);
    case "update":
      if (step.value !== undefined && mentionsOperand(frame, world, step.value)) return false;
      return !world.locals.has(step.place.base) && world.facts.size === 0;
    case "delete":
      return !world.locals.has(step.place.base);
    case "dispose":
      return !world.locals.has(step.local);
    case "end-scope":
      return step.locals.every((local) => !world.locals.has(local)) && world.facts.size === 0;
    default:
      return step satisfies never;
  }
}

function isInertAssignment(frame: Frame, world: World, { to, value }: Extract<Step, { kind: "assign" }>): boolean {
  if (world.locals.has(to.base)) return false;
  // While other code runs, what is in fields may be taken out of them.
  if ((value.kind === "call" || value.kind === "await" || value.kind === "yield") && storedIn(world).length > 0)
    return false;
  const local = frame.engine.module.locals[to.base];
  if (local?.kind !== "temp" && world.facts.size > 0) return false;
  if (local !== undefined && to.path.length === 0 && isOwned(frame, local, value)) return false;
  switch (value.kind) {
    case "call":
      return !mentions(frame, world, value) && !isFollowed(frame, world, value);
    case "array":
      return value.elements.length > 0 && !mentions(frame, world, value);
    case "object":
      return value.fields.length > 0 && !mentions(frame, world, value);
    case "use":
      if (value.operand.kind === "constant") return local?.kind !== "temp" && !isTested(frame, to);
      return !mentions(frame, world, value);
    default:
      return !mentions(frame, world, value);
  }
}

/** The variable gets something that is only in one thread at a time. */
function isOwned(frame: Frame, local: Local, value: Value): boolean {
  return protocolOfVariable(frame, local, value.kind === "call" ? value : undefined) !== undefined;
}

function mentions(frame: Frame, world: World, value: Value): boolean {
  return operandsOf(value).some((operand) => mentionsOperand(frame, world, operand));
}

function mentionsOperand({ engine }: Frame, world: World, operand: Operand): boolean {
  // What is called in the end may start a thread.
  if (operand.kind === "function") return engine.concerns(operand.body);
  if (operand.kind !== "place") return false;
  const { base, path } = operand.place;
  if (world.locals.has(base)) return true;
  const body = path.length === 0 ? engine.module.locals[base]?.function : undefined;
  return body !== undefined && engine.concerns(body);
}

/** Whether some branch tests the place. */
export function isTested(frame: Frame, place: Place): boolean {
  const { conditions } = frame.engine;
  const key = conditions.ofPlace(place)?.key;
  return key !== undefined && conditions.timesTested(key) > 0;
}
