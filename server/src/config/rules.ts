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

/** All of them with their pages. Reads the pages: call it when they are wanted. */
export function describeRules(): readonly RuleDescription[] {
  const rust = new Map(catalogue.map((rule) => [rule.name, rule.rust]));
  return configurableRules.map(({ name, summary, severity }) => ({
    name,
    summary,
    severity,
    rust: rust.get(name),
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
