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

/** What a rule says of a place; its name and its severity are the same for all of them. */
export type Report = Omit<Diagnostic, "rule" | "severity">;

export interface Rule extends RuleMeta {
  /** Files of the project whose importers it wants in `facts.neighbourhood()`, before it is asked to check. */
  around?(facts: Facts): readonly string[];
  check(facts: Facts): readonly Report[];
}
