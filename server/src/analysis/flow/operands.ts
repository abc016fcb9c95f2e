/** What a step reads. */
import type { Block, Operand, Place, Step, Value } from "../mir/mir.js";

/** The operands of a value, in order of evaluation. */
export function operandsOf(value: Value): readonly Operand[] {
  switch (value.kind) {
    case "use":
    case "await":
      return [value.operand];
    case "yield":
      return value.operand === undefined ? [] : [value.operand];
    case "array":
      return value.elements.map((element) => element.value);
    case "object":
      return value.fields.map((field) => field.value);
    case "compute":
    case "opaque":
      return value.operands;
    case "call": {
      const receiver = value.receiver === undefined ? [] : [value.receiver];
      return [value.callee, ...receiver, ...value.args.map((argument) => argument.value)];
    }
    case "element":
      return [value.of];
    case "caught":
      return [];
    default:
      return value satisfies never;
  }
}

/** The operands a step reads. */
export function readBy(step: Step): readonly Operand[] {
  switch (step.kind) {
    case "assign":
      return operandsOf(step.value);
    case "update":
      return step.value === undefined ? [] : [step.value];
    case "discard":
      return [step.operand];
    case "delete":
    case "dispose":
    case "end-scope":
      return [];
    default:
      return step satisfies never;
  }
}

/** The operands that the end of a block reads. */
export function readAtEnd({ end }: Pick<Block, "end">): readonly Operand[] {
  switch (end.kind) {
    case "branch": {
      const tested: Operand[] =
        end.test.kind === "other" ? [] : [{ kind: "place", place: end.test.place, span: end.condition.span }];
      return [end.condition, ...tested];
    }
    case "return":
      return end.operand === undefined ? [] : [end.operand];
    case "throw":
      return [end.operand];
    case "goto":
    case "rethrow":
    case "unreachable":
      return [];
    default:
      return end satisfies never;
  }
}

/** The local that a step writes as a whole, or into. */
export function writtenBy(step: Step): Place | undefined {
  switch (step.kind) {
    case "assign":
      return step.to;
    case "update":
    case "delete":
      return step.place;
    case "discard":
    case "dispose":
    case "end-scope":
      return undefined;
    default:
      return step satisfies never;
  }
}
