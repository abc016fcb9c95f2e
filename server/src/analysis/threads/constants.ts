/** Numbers that are known before the program runs. */
import type { LocalId, Module, Operand } from "../mir/mir.js";
import { onlyDefinition } from "./walk.js";

/** How deep a calculation is followed. */
const maxDepth = 8;

/**
 * The number that an operand stands for: a literal, a constant, or a calculation with them. Undefined where it is not known.
 *
 * @example `16 * 1024 * 1024` is 16777216, and so is `size` behind `const size = 16 * 1024 * 1024`.
 */
export function numberOf(module: Module, operand: Operand): number | undefined {
  return evaluated(module, operand, 0);
}

function evaluated(module: Module, operand: Operand, depth: number): number | undefined {
  if (operand.kind === "constant") return typeof operand.value === "number" ? operand.value : undefined;
  if (operand.kind !== "place" || operand.place.path.length > 0 || depth > maxDepth) return undefined;
  return localValue(module, operand.place.base, depth);
}

function localValue(module: Module, local: LocalId, depth: number): number | undefined {
  const { kind, reassigned } = module.locals[local] ?? {};
  if ((kind !== "const" && kind !== "temp") || reassigned) return undefined;
  const value = onlyDefinition(module, local)?.step.value;
  if (value?.kind === "use") return evaluated(module, value.operand, depth + 1);
  if (value?.kind !== "compute") return undefined;
  const parts = value.operands.map((operand) => evaluated(module, operand, depth + 1));
  const [left, right] = parts;
  if (left === undefined) return undefined;
  if (parts.length === 1) return value.operator === "-" ? -left : undefined;
  return right === undefined ? undefined : calculate(value.operator, left, right);
}

function calculate(operator: string, left: number, right: number): number | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "**":
      return left ** right;
    case "<<":
      return left << right;
    default:
      return undefined;
  }
}
