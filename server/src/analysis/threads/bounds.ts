/** How many elements a collection has at most, as far as the text tells. */
import type { Block, LocalId, Module, Operand } from "../mir/mir.js";
import { numberOf } from "./constants.js";
import { indexModule, onlyDefinition } from "./walk.js";

/** Undefined where the text does not tell. */
export function sizeOf(module: Module, collection: Operand, depth = 0): number | undefined {
  if (collection.kind !== "place" || collection.place.path.length > 0 || depth > 6) return undefined;
  const { base } = collection.place;
  const value = onlyDefinition(module, base)?.step.value;
  if (value === undefined || isAddedTo(module, base)) return undefined;
  switch (value.kind) {
    case "use":
      return sizeOf(module, value.operand, depth + 1);
    case "array":
      return value.elements.some(({ spread }) => spread) ? undefined : value.elements.length;
    case "call": {
      const [first] = value.args;
      const { method, receiver } = value;
      // `Array.from({ length: 4 })` and `new Array(4)`.
      if (value.callee.kind === "item" && first !== undefined && value.callee.local === undefined) {
        if (value.callee.name === "Array") return numberOf(module, first.value);
        if (value.callee.name === "Array.from") return sizeOf(module, first.value, depth + 1);
      }
      const keeps =
        method !== undefined &&
        ["map", "slice", "filter", "fill", "keys", "values", "entries", "sort", "reverse"].includes(method);
      return keeps && receiver !== undefined ? sizeOf(module, receiver, depth + 1) : undefined;
    }
    case "object": {
      const length = value.fields.find(({ name }) => name === "length");
      return length && numberOf(module, length.value);
    }
    default:
      return undefined;
  }
}

/** How many turns a loop takes at most: `for (let i = 0; i < 4; i++)`, or one over so many elements. */
export function turnsAtMost(module: Module, { loop, end }: Block): number | undefined {
  if (end.kind !== "branch" || end.condition.kind !== "place" || end.condition.place.path.length > 0) return undefined;
  if (loop?.kind === "for-of") return sizeOf(module, end.condition);
  const compared = loop?.kind === "for" ? onlyDefinition(module, end.condition.place.base)?.step.value : undefined;
  if (compared?.kind !== "compute" || compared.operator !== "<") return undefined;
  const [counter, limit] = compared.operands;
  if (counter?.kind !== "place" || counter.place.path.length > 0 || limit === undefined) return undefined;
  const start = onlyDefinition(module, counter.place.base)?.step.value;
  const first = start?.kind === "use" ? numberOf(module, start.operand) : undefined;
  const last = numberOf(module, limit);
  return first === undefined || last === undefined ? undefined : last - first;
}

function isAddedTo(module: Module, local: LocalId): boolean {
  const uses = indexModule(module).uses.get(local) ?? [];
  return uses.some(({ step, place }) => {
    if (step?.kind !== "assign" || place.path.length > 0) return false;
    return step.value.kind === "call" && (step.value.method === "push" || step.value.method === "unshift");
  });
}
