/** Closures that are still being typed: what they will use is not there yet. */

import { textOf } from "../../fix.js";
import { readAtEnd, readBy } from "../../flow/operands.js";
import type { Body, Module, Operand, Step } from "../../mir/mir.js";
import { withNested } from "../../threads/walk.js";

/** Whether nothing stands in a closure, or something that cannot be all of it. */
export function isUnfinished(module: Module, { id, spans }: Body): boolean {
  const code = textOf(module, spans.body)
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")
    .trim();
  if (code === "" || goesOn.test(code)) return true;
  return withNested(module, id).some(({ blocks }) =>
    blocks.some(
      (block) => block.steps.some((step) => isOpen(module, step)) || readAtEnd(block).some(isMissing(module)),
    ),
  );
}

/** Something has to come behind it. */
const goesOn = /(?:(?<!\+)\+|[=.,([{*/&|<?:!]|\b(?:const|let|new|await|typeof|of|in|if|for|while|using|case|throw))$/;

function isOpen(module: Module, step: Step): boolean {
  if (readBy(step).some(isMissing(module))) return true;
  if (step.kind !== "assign" || step.value.kind !== "call" || step.value.form !== "call") return false;
  const { args, whole } = step.value.spans;
  return args !== undefined && module.text[whole.end - 1] !== ")";
}

/** Nothing was written where a value has to be. */
function isMissing(module: Module): (operand: Operand) => boolean {
  return (operand) => {
    if (operand.kind === "item") return operand.name.endsWith(".");
    return operand.kind === "constant" && operand.value === undefined && textOf(module, operand.span).trim() === "";
  };
}
