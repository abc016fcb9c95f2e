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

/** A rule's page as Markdown for people, or undefined where there is none. */
export function rulePage(rule: string): string | undefined {
  try {
    return withPlainMarkers(readFileSync(rulePageUrl(rule), "utf8"));
  } catch {
    return undefined;
  }
}

/** A marker that says its column in a number, `//<8 ^^^ …`, becomes one whose carets stand in that column. */
function withPlainMarkers(markdown: string): string {
  return markdown.replace(
    /^[ \t]*\/\/<(\d*) (?=\^)/gm,
    (_, column: string) => `//${" ".repeat(Math.max(1, Number(column) - 2))}`,
  );
}
