/** Repairs for a thread that nobody joins, each as exact edits. */
import type { Facts } from "../../../facts.js";
import { libraryOf } from "../../../models/dialect.js";
import { type Case, overwrittenField } from "../findings.js";
import { discarded } from "./discarded.js";
import { container, variable } from "./held.js";
import { type Repairs, repairs } from "./repairs.js";
import { neverAwaited } from "./waiting.js";

export function fixesFor(facts: Facts, one: Case): Repairs {
  const { module } = facts;
  const { dialect } = libraryOf(facts, one.site.call);
  const field = overwrittenField(module, one.losses);
  if (field !== undefined)
    return repairs([], `Join what \`${field}\` holds before it gets another value, or keep all handles in an array`);
  switch (one.shape) {
    case "discarded":
      return discarded(module, one, dialect);
    case "never-awaited":
      return neverAwaited(module, one);
    case "variable":
      return variable(module, one, dialect);
    case "container":
      return container(module, one, dialect);
    default:
      return one.shape satisfies never;
  }
}
