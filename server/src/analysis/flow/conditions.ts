/**
 * Which conditions of a file are tested more than once, so that two tests of one condition are not taken to come out
 * differently on one path: `if (x) h = spawn(f); … if (x) await h.join();`.
 */
import type { LocalId, Module, Operand, Place, Test, Value } from "../mir/mir.js";
import { writtenBy } from "./operands.js";

/** A condition, named by what it computes from what. */
export interface Condition {
  readonly key: string;
  /** Where the key's condition holds, the tested one fails: `a !== b` has the key of `a === b`. */
  readonly inverted: boolean;
  /** The locals it reads. */
  readonly locals: readonly LocalId[];
  /** It reads fields, which other code can change. */
  readonly throughFields: boolean;
}

/** What decides a branch: of a terminator, or of an edge behind it. */
export interface Branch {
  readonly test: Test;
  readonly condition: Operand;
}

export interface Conditions {
  /** Undefined where the value is not computed from places and constants alone. */
  of(operand: Operand): Condition | undefined;
  ofPlace(place: Place): Condition | undefined;
  ofBranch(branch: Branch): Condition | undefined;
  /** How many branches test it. */
  timesTested(key: string): number;
  /** The condition with this key, if some branch tests it. */
  tested(key: string): Condition | undefined;
  /** What a temporary that is written once holds. */
  definition(local: LocalId): Value | undefined;
}

const opposite: Readonly<Record<string, string>> = { "!==": "===", "!=": "==", "<=": ">", ">=": "<" };

export function findConditions(module: Module): Conditions {
  const definitions = singleDefinitions(module);
  const unstable = changedElsewhere(module);
  const counts = new Map<string, number>();
  const known = new Map<string, Condition>();

  const of = (operand: Operand, depth = 0): Condition | undefined => {
    switch (operand.kind) {
      case "place":
        return ofPlace(operand.place, depth);
      case "constant":
        return { key: `#${typeof operand.value}${operand.value}`, inverted: false, locals: [], throughFields: false };
      case "item":
        return { key: `@${operand.name}`, inverted: false, locals: [], throughFields: true };
      case "function":
        return undefined;
      default:
        return operand satisfies never;
    }
  };

  /** Each way to a step asks again. */
  const byPlace = new WeakMap<Place, Condition | "none">();

  const ofPlace = (place: Place, depth = 0): Condition | undefined => {
    // From further up, less of what it is computed from is in sight.
    if (depth > 0) return findPlace(place, depth);
    const condition = byPlace.get(place) ?? findPlace(place, depth) ?? "none";
    byPlace.set(place, condition);
    return condition === "none" ? undefined : condition;
  };

  const findPlace = ({ base, path }: Place, depth: number): Condition | undefined => {
    if (module.locals[base]?.kind === "temp") return path.length === 0 ? ofDefinition(base, depth) : undefined;
    if (unstable.has(base)) return undefined;
    const steps = path.map((step) => (step.kind === "field" ? `.${step.name}` : `[${step.constant ?? "?"}]`));
    if (steps.includes("[?]")) return undefined;
    return { key: `$${base}${steps.join("")}`, inverted: false, locals: [base], throughFields: path.length > 0 };
  };

  const ofDefinition = (local: LocalId, depth: number): Condition | undefined => {
    const value = definitions.get(local);
    if (value === undefined || depth > 8) return undefined;
    if (value.kind === "use") return of(value.operand, depth + 1);
    if (value.kind !== "compute") return undefined;
    const parts = value.operands.map((operand) => of(operand, depth + 1));
    if (!parts.every((part) => part !== undefined)) return undefined;
    const flipped = opposite[value.operator];
    const [single] = parts;
    if (value.operator === "!" && single !== undefined) return { ...single, inverted: !single.inverted };
    if (parts.some((part) => part.inverted)) return undefined;
    return {
      key: `${flipped ?? value.operator}(${parts.map((part) => part.key).join()})`,
      inverted: flipped !== undefined,
      locals: parts.flatMap((part) => part.locals),
      throughFields: parts.some((part) => part.throughFields),
    };
  };

  const ofBranch = ({ test, condition }: Branch): Condition | undefined =>
    test.kind === "other" ? of(condition) : ofPlace(test.place);

  for (const body of module.bodies) {
    for (const block of body.blocks) {
      const condition = block.end.kind === "branch" ? ofBranch(block.end) : undefined;
      if (condition === undefined) continue;
      counts.set(condition.key, (counts.get(condition.key) ?? 0) + 1);
      known.set(condition.key, condition);
    }
  }
  return {
    of,
    ofPlace,
    ofBranch,
    timesTested: (key) => counts.get(key) ?? 0,
    tested: (key) => known.get(key),
    definition: (local) => definitions.get(local),
  };
}

/** Temporaries that one step writes. */
function singleDefinitions(module: Module): ReadonlyMap<LocalId, Value> {
  const definitions = new Map<LocalId, Value>();
  const several = new Set<LocalId>();
  for (const body of module.bodies) {
    for (const block of body.blocks) {
      for (const step of block.steps) {
        const written = writtenBy(step);
        if (written === undefined || module.locals[written.base]?.kind !== "temp") continue;
        if (step.kind !== "assign" || written.path.length > 0 || definitions.has(written.base))
          several.add(written.base);
        else definitions.set(written.base, step.value);
      }
    }
  }
  for (const local of several) definitions.delete(local);
  return definitions;
}

/** Variables that a function other than their own writes: they can change at any call. */
function changedElsewhere(module: Module): ReadonlySet<LocalId> {
  const changed = new Set<LocalId>();
  for (const body of module.bodies) {
    for (const capture of body.captures) {
      if (capture.uses.some((use) => use.access !== "read")) changed.add(capture.local);
    }
  }
  return changed;
}
