/** A rule is a value: what it is called, what it says, and a function from the shared facts to findings. */
import type { Diagnostic, Severity } from "../diagnostic.js";
import type { Facts } from "../facts.js";

export interface RuleMeta {
  readonly name: string;
  /** One line, for the catalogue, `explain` and the settings. */
  readonly summary: string;
  readonly severity: Severity;
  /** The rustc or clippy diagnostic it is the sibling of, such as `E0373`. */
  readonly rust: string | undefined;
}

export interface Rule extends RuleMeta {
  check(facts: Facts): readonly Omit<Diagnostic, "rule" | "severity">[];
}
