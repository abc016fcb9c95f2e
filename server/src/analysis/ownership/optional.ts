/** Calls that are left out where nobody is there to be called: `hooks.onStart?.(handle)`. */
import type { Edge } from "../flow/solver.js";
import type { Call, Place } from "../mir/mir.js";
import { isWithin } from "../mir/places.js";
import { type Frame, roleOf } from "./engine.js";
import { summaryOf } from "./summarized.js";
import { evaluateOperand } from "./transfer.js";
import { happen, reachable, type World } from "./world.js";

/**
 * Other code would own what it is given. Where there is none, whoever wrote `?.` has had that in mind: nobody is blamed for
 * what is left then.
 *
 * @param place What turned out, on the edge, not to be there.
 */
export function excuseUncalled(
  frame: Frame,
  world: World,
  place: Place,
  { from: { end }, to }: Pick<Edge, "from" | "to">,
): void {
  if (end.kind !== "branch") return;
  const called = frame.info.body.blocks[to === end.then ? end.else : end.then];
  for (const step of called?.steps ?? []) {
    if (step.kind !== "assign" || step.value.kind !== "call" || !isCalledOn(step.value, place)) continue;
    const { value: call } = step;
    if (roleOf(frame.engine, call) !== undefined || summaryOf(frame, world, call.callee, call) !== undefined) continue;
    const given = call.args.map(({ value }) => evaluateOperand(frame, world, value));
    const own = [...reachable(world, given)].filter((id) => world.tokens.get(id)?.parameter === false);
    happen(world, own, "excuse");
  }
}

function isCalledOn({ callee }: Call, place: Place): boolean {
  return callee.kind === "place" && isWithin(callee.place, place);
}
