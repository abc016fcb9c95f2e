/** What a `check` found, as all formats take it. */

import type { Diagnostic } from "../analysis/diagnostic.js";
import type { RuleMeta } from "../analysis/rules/rule.js";

export interface Summary {
  /** Files looked at. */
  readonly files: number;
  /** Those of them that use threads, so that the rules ran. */
  readonly checked: number;
  readonly errors: number;
  readonly warnings: number;
  readonly hints: number;
  /** Milliseconds from start to end. */
  readonly ms: number;
}

export interface Report {
  /** In order of file and position. */
  readonly diagnostics: readonly Diagnostic[];
  readonly summary: Summary;
}

export interface ReportContext {
  /** Files are named relative to it. */
  readonly cwd: string;
  /** The text that a file's spans refer to. */
  readonly text: (file: string) => string | undefined;
}

/** What a format may say of a rule beside its findings. */
export interface RuleDescription extends RuleMeta {
  /** Its page as Markdown. */
  readonly page: string;
  /** Where the page is. */
  readonly url: string;
}
