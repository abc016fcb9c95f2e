/** The rules as settings and reports name them. */
import { readFileSync } from "node:fs";
import { catalogue } from "../analysis/catalogue.js";
import type { Severity } from "../analysis/diagnostic.js";
import { bareSuppression, unusedSuppression } from "../analysis/suppress.js";
import { rulePageUrl } from "../pages.js";
import type { RuleDescription } from "../render/report.js";

export interface ConfigurableRule {
  readonly name: string;
  readonly summary: string;
  readonly severity: Severity;
}

/** Every name that a level can be set for: the rules, and the two findings about suppression comments. */
export const configurableRules: readonly ConfigurableRule[] = [...catalogue, bareSuppression, unusedSuppression];

/** The rules with their pages. Reads the pages: call it when they are wanted. */
export function describeRules(): readonly RuleDescription[] {
  return catalogue.map(({ name, summary, severity, rust }) => ({
    name,
    summary,
    severity,
    rust,
    page: rulePage(name) ?? summary,
    url: rulePageUrl(name).href,
  }));
}

/** A rule's page as Markdown, or undefined where there is none. */
export function rulePage(rule: string): string | undefined {
  try {
    return readFileSync(rulePageUrl(rule), "utf8");
  } catch {
    return undefined;
  }
}
