/** Numbers that are known before the program runs. */
import type { LocalId, Module, Operand, Place, Value } from "../mir/mir.js";
import { indexModule, onlyDefinition, type Use } from "./walk.js";

/** The project's other files in which constants are looked up, by path. */
export type OtherModules = ReadonlyMap<string, Module>;

/** How deep a calculation is followed. */
const maxDepth = 8;

/**
 * The number that an operand stands for: a literal, a constant, or a calculation with them. Undefined where it is not known.
 *
 * @param others Without them, what is imported is not known.
 * @example `16 * 1024 * 1024` is 16777216, and so is `size` behind `const size = 16 * 1024 * 1024`.
 */
export function numberOf(module: Module, operand: Operand, others?: OtherModules): number | undefined {
  return evaluated({ module, others }, operand, 0);
}

type Item = Extract<Operand, { kind: "item" }>;

/** Where names are looked up. */
interface Names {
  readonly module: Module;
  readonly others: OtherModules | undefined;
}

function evaluated(names: Names, operand: Operand, depth: number): number | undefined {
  if (depth > maxDepth) return undefined;
  switch (operand.kind) {
    case "constant":
      return typeof operand.value === "number" ? operand.value : undefined;
    case "place": {
      const [field, ...deeper] = operand.place.path;
      if (field === undefined) return localValue(names, operand.place.base, depth);
      return field.kind === "field" && deeper.length === 0
        ? fieldValue(names, operand.place.base, field.name, depth)
        : undefined;
    }
    case "item":
      return importedValue(names, operand, depth);
    case "function":
      return undefined;
    default:
      return operand satisfies never;
  }
}

function localValue(names: Names, local: LocalId, depth: number): number | undefined {
  const value = heldBy(names, local);
  if (value?.kind === "use") return evaluated(names, value.operand, depth + 1);
  if (value?.kind !== "compute") return undefined;
  const parts = value.operands.map((operand) => evaluated(names, operand, depth + 1));
  const [left, right] = parts;
  if (left === undefined) return undefined;
  if (parts.length === 1) return value.operator === "-" ? -left : undefined;
  return right === undefined ? undefined : calculate(value.operator, left, right);
}

function heldBy({ module }: Names, local: LocalId): Value | undefined {
  const { kind, reassigned } = module.locals[local] ?? {};
  if ((kind !== "const" && kind !== "temp") || reassigned) return undefined;
  return onlyDefinition(module, local)?.step.value;
}

/** `limits.stack`, where nothing but its fields is ever read of the object. */
function fieldValue(names: Names, local: LocalId, name: string, depth: number): number | undefined {
  const held = heldBy(names, local);
  if (depth > maxDepth) return undefined;
  if (held?.kind === "use" && held.operand.kind === "place" && held.operand.place.path.length === 0) {
    return fieldValue(names, held.operand.place.base, name, depth + 1);
  }
  if (held?.kind !== "object" || !isUnchanged(names, local)) return undefined;
  const [field, ...others] = held.fields.filter((one) => one.spread || one.name === undefined || one.name === name);
  return field?.name === name && others.length === 0 ? evaluated(names, field.value, depth + 1) : undefined;
}

/** Of an object that others may have, its type has to say that nobody changes it. */
function isUnchanged({ module }: Names, local: LocalId): boolean {
  const { exported, initializer } = module.locals[local] ?? {};
  if (
    exported &&
    !/\bas const$/.test(initializer === undefined ? "" : module.text.slice(initializer.start, initializer.end))
  )
    return false;
  return (indexModule(module).uses.get(local) ?? []).every(isRead);
}

/** Reads a field, or gives the object another name. */
function isRead({ access, place, step }: Use): boolean {
  if (step?.kind === "end-scope") return true;
  if (access !== "read" || step?.kind !== "assign") return access === "write" && place.path.length === 0;
  if (step.value.kind === "call")
    return place.path.length > 0 && step.value.args.some(({ value }) => isPlace(value, place));
  return place.path.length > 0 || step.value.kind === "use";
}

function isPlace(operand: Operand, place: Place): boolean {
  return operand.kind === "place" && operand.place === place;
}

/** A constant of another file, or a field of one. */
function importedValue({ others }: Names, { symbol, of, name }: Item, depth: number): number | undefined {
  const holder = of?.symbol?.name === "*" ? undefined : of?.symbol;
  const key = holder ?? symbol;
  const module = key?.package === undefined ? others?.get(key?.file ?? "") : undefined;
  const local = module?.locals.find(
    (one) => one.symbol?.offset === key?.offset && one.kind === "const" && one.exported,
  );
  if (module === undefined || local === undefined || key?.offset === undefined) return undefined;
  const names = { module, others };
  if (holder === undefined) return localValue(names, local.id, depth + 1);
  return fieldValue(names, local.id, name.slice(name.lastIndexOf(".") + 1), depth + 1);
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
