/** Loops that go over an array by number: `for (let i = 0; i < handles.length; i++) … handles[i] …`. */
import type { Block, BlockId, LocalId, Module, Operand, Place, Step } from "../mir/mir.js";
import { isSamePlace, isWithin } from "../mir/places.js";
import { indexModule, onlyDefinition, type Use } from "../threads/walk.js";

/**
 * The only step of such a loop that takes an element out of the array, which each turn does once at most, for the next element.
 * Undefined for all other loops: what else is done with the array may be done with any of its elements.
 */
export function countedStep(module: Module, head: Block | undefined, members: ReadonlySet<BlockId>): Step | undefined {
  if ((head?.loop?.kind !== "for" && head?.loop?.kind !== "while") || head.end.kind !== "branch") return undefined;
  const [counter, length] = comparedIn(module, head.end.condition) ?? [];
  if (counter === undefined || length === undefined) return undefined;
  const counting = countingUp(module, counter);
  const within = ({ at }: Pick<Use, "at">): boolean =>
    members.has(at.block) && at.body === module.locals[length.base]?.body;
  // Of a loop around, it would be the number of a turn there.
  if (counting?.step?.kind !== "update" || !within(counting)) return undefined;
  const uses = (indexModule(module).uses.get(length.base) ?? []).filter(within);
  const [taking, ...others] = uses.filter(({ place }) => !isSamePlace(place, length));
  if (taking === undefined || others.length > 0) return undefined;
  const index = indexOf(taking, { base: length.base, path: length.path.slice(0, -1) });
  return index !== undefined && isNumber(module, index, counter, counting.step) ? taking.step : undefined;
}

/** `i < handles.length` */
function comparedIn(module: Module, condition: Operand): readonly [LocalId, Place] | undefined {
  if (condition.kind !== "place" || condition.place.path.length > 0) return undefined;
  const compared = onlyDefinition(module, condition.place.base)?.step.value;
  if (compared?.kind !== "compute" || compared.operator !== "<") return undefined;
  const [counter, limit] = compared.operands;
  if (counter?.kind !== "place" || counter.place.path.length > 0 || limit?.kind !== "place") return undefined;
  const length = lengthIn(module, limit.place);
  return length && [counter.place.base, length];
}

/** `handles.length`, or the variable that has it for good. */
function lengthIn(module: Module, place: Place): Place | undefined {
  const [field, ...others] = place.path;
  if (field !== undefined)
    return field.kind === "field" && field.name === "length" && others.length === 0 ? place : undefined;
  const uses = indexModule(module).uses.get(place.base) ?? [];
  const value = onlyDefinition(module, place.base)?.step.value;
  if (value?.kind !== "use" || value.operand.kind !== "place" || value.operand.place.path.length === 0)
    return undefined;
  return uses.some(({ access }) => access === "update") ? undefined : lengthIn(module, value.operand.place);
}

/** Where it is counted up from 0, by one at a time, and nothing else is ever done to it. */
function countingUp(module: Module, counter: LocalId): Use | undefined {
  const start = onlyDefinition(module, counter)?.step.value;
  if (start?.kind !== "use" || start.operand.kind !== "constant" || start.operand.value !== 0) return undefined;
  const uses = indexModule(module).uses.get(counter) ?? [];
  const [update, ...others] = uses.filter(({ access }) => access === "update");
  if (update?.step?.kind !== "update" || others.length > 0) return undefined;
  const { operator, value } = update.step;
  const isByOne = operator === "++" || (/^\+=?$/.test(operator) && value?.kind === "constant" && value.value === 1);
  return isByOne ? update : undefined;
}

/** The `i` of `handles[i]` and of `handles.at(i)`. */
function indexOf({ place, step, span }: Use, array: Place): Operand | undefined {
  if (!isWithin(place, array)) return undefined;
  const index = place.path[array.path.length];
  if (index !== undefined) return index.kind === "index" ? index.by : undefined;
  const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
  const isAt = call?.method === "at" && call.receiver?.span === span && call.args.length === 1;
  return isAt ? call.args[0]?.value : undefined;
}

/** Whether it is the counter, or what that was before it was counted up: `handles[i++]`. */
function isNumber(
  { text }: Module,
  index: Operand,
  counter: LocalId,
  { result, operator, span }: Step & { readonly kind: "update" },
): boolean {
  if (index.kind !== "place" || index.place.path.length > 0) return false;
  const isBefore = operator === "++" && text.startsWith("++", span.end - 2);
  return index.place.base === counter || (index.place.base === result && isBefore);
}
