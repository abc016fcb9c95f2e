/** Which tracked values a step uses, other than by giving them another name or handing them over. */
import type { Span } from "../diagnostic.js";
import { readBy, writtenBy } from "../flow/operands.js";
import type { Call, Operand, Place, Step } from "../mir/mir.js";
import { read } from "./contents.js";
import { outcomeProtocol } from "./protocols.js";
import type { At } from "./transfer.js";
import { directTokens } from "./value.js";
import { happen, type World } from "./world.js";

/** Everything that a place is reached through is used, and so is what a call is made on or a computation made of. */
export function noteUses(world: World, at: At): void {
  if (world.tokens.size === 0) return;
  const { step } = at;
  for (const operand of operandsUsed(step)) noteThrough(world, operand, step);
  const written = writtenBy(step);
  if (written !== undefined && written.path.length > 0) notePrefixes(world, written, step, step.span);
  if (step.kind !== "assign") return;
  const { value } = step;
  if (value.kind === "compute" && !comparisons.has(value.operator)) {
    for (const operand of value.operands) noteUse(world, operand, step);
  }
  if (value.kind === "element") noteUse(world, value.of, step);
}

/** They tell one value from another, and look into neither. */
const comparisons: ReadonlySet<string> = new Set(["===", "!==", "==", "!=", "typeof", "!"]);

/** What a call uses was noted before it: what it does to it comes after. */
function operandsUsed(step: Step): readonly Operand[] {
  return step.kind === "assign" && step.value.kind === "call" ? [] : readBy(step);
}

/** What is called on stands for its callee, whose place goes through it. */
export function noteCalled(world: World, { callee, receiver }: Call, step: Step): void {
  const isMethod = receiver !== undefined && callee.kind === "place" && callee.place.path.length > 0;
  noteThrough(world, isMethod ? { ...callee, span: receiver.span } : callee, step);
}

/** The operand as a whole is used. */
export function noteUse(world: World, operand: Operand, step: Step): void {
  if (operand.kind !== "place") return;
  happen(world, directTokens(read(world, operand.place)), "use", { span: operand.span, call: undefined, step });
}

/** A test looks into what the tested place is reached through; and whoever tests a Result has seen that there is one. */
export function noteTested(world: World, place: Place, span: Span): void {
  notePrefixes(world, place, undefined, span);
  const tested = directTokens(read(world, place));
  const outcomes = tested.filter((id) => world.tokens.get(id)?.protocol === outcomeProtocol);
  happen(world, outcomes, "use");
}

/** A part of something is used, wherever it goes then. */
export function noteThrough(world: World, operand: Operand, step: Step | undefined): void {
  if (operand.kind === "place") notePrefixes(world, operand.place, step, operand.span);
}

function notePrefixes(world: World, { base, path }: Place, step: Step | undefined, span: Span): void {
  if (path.length === 0 || !world.locals.has(base)) return;
  for (const [index, projection] of path.entries()) {
    // Whether it is still there is what one asks of it afterwards.
    if (projection.kind === "field" && projection.name === "detached") continue;
    const value = read(world, { base, path: path.slice(0, index) });
    happen(world, directTokens(value), "use", { span, call: undefined, step });
  }
}
