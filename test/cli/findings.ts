/** What a check of a real folder finds, in a form that is easy to compare. */
import type { JsonReport } from "../../server/src/render/json.js";
import type { Folder } from "../support/folder.js";
import { fearlessThreads, type Outcome } from "./command.js";

export interface Found extends Outcome {
  readonly report: JsonReport;
  /** `src/a.ts:5 capture-without-move`, in the order of the report; lines from 1. */
  readonly findings: readonly string[];
}

/** Runs `check --format json` in the folder. */
export async function check(folder: Pick<Folder, "root">, ...args: readonly string[]): Promise<Found> {
  const outcome = await fearlessThreads(["check", ...args, "--format", "json"], { cwd: folder.root });
  if (outcome.stdout === "") throw new Error(`nothing printed: ${outcome.stderr}`);
  const report = JSON.parse(outcome.stdout) as JsonReport;
  const findings = report.diagnostics.map(({ file, range, rule }) => `${file}:${range.start.line + 1} ${rule}`);
  return { ...outcome, report, findings };
}
