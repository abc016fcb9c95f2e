/** Repairs for a thread that nobody joins, each as exact edits. */
import type { Facts } from "../../facts.js";
import type { Case } from "./findings.js";
import { discarded } from "./fixes-discarded.js";
import { container, variable } from "./fixes-held.js";
import { neverAwaited } from "./fixes-waiting.js";
import type { Repairs } from "./repairs.js";

export function fixesFor({ module }: Facts, one: Case): Repairs {
  switch (one.shape) {
    case "discarded":
      return discarded(module, one);
    case "never-awaited":
      return neverAwaited(module, one);
    case "variable":
      return variable(module, one);
    case "container":
      return container(module, one);
    default:
      return one.shape satisfies never;
  }
}
