/** `check`: the analyser over files, folders and globs, in the format that whoever reads it needs. */
import type { Diagnostic, Severity } from "../analysis/diagnostic.js";
import { type Checker, createChecker } from "../checker/checker.js";
import { type Configs, createConfigs } from "../config/find-config.js";
import { describeRules } from "../config/rules.js";
import { githubReport } from "../render/github.js";
import { jsonReport } from "../render/json.js";
import { displayPath } from "../render/paths.js";
import type { Report, ReportContext, Summary } from "../render/report.js";
import { sarifReport } from "../render/sarif.js";
import { styleOf } from "../render/style.js";
import { renderText } from "../render/text.js";
import { readSource } from "../source-text.js";
import { version } from "../version.js";
import { findFiles } from "./find-files.js";
import { fixAll } from "./fix-all.js";
import { createProgress } from "./progress.js";

export const formats = ["text", "json", "sarif", "github"] as const;
export type Format = (typeof formats)[number];

export const failLevels = ["error", "warning", "hint"] as const;
export type FailLevel = (typeof failLevels)[number];

export interface CheckOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly format: Format;
  readonly fix: boolean;
  readonly failOn: FailLevel;
  readonly colors: boolean;
}

/** 0: clean. 1: findings. 2: could not run, or not on everything that was asked for. */
export type ExitCode = 0 | 1 | 2;

/** What one pass over the files gave. */
export interface Pass {
  readonly diagnostics: readonly Diagnostic[];
  /** Files that use threads. */
  readonly checked: number;
  /** What could not be checked, one sentence each. */
  readonly failures: readonly string[];
  /** What was left out on purpose, one sentence each. */
  readonly omissions: readonly string[];
}

/** @throws {ConfigError} @throws {CompilerUnavailable} */
export async function runCheck(options: CheckOptions): Promise<ExitCode> {
  const started = performance.now();
  const { files, problems } = await findFiles(options.paths, options.cwd);
  for (const problem of problems) complain(problem);
  if (files.length === 0) {
    if (problems.length === 0) complain(`no TypeScript or JavaScript files in ${options.paths.join(", ")}`);
    return 2;
  }
  const checker = createChecker({ cwd: options.cwd });
  try {
    const configs = createConfigs();
    const check = (): Promise<Pass> => checkFiles(files, { checker, configs, options });
    const { pass, fixed } = options.fix ? await fixAll(check, checker) : { pass: await check(), fixed: undefined };
    const report = {
      diagnostics: pass.diagnostics,
      summary: summarize(pass, files.length, performance.now() - started),
    };
    print(report, options, [...pass.failures, ...pass.omissions]);
    if (fixed !== undefined) for (const line of fixed.messages) complain(line);
    for (const message of [...pass.omissions, ...pass.failures]) complain(message);
    if (problems.length + pass.failures.length > 0) return 2;
    return pass.diagnostics.some(({ severity }) => ranks[severity] >= ranks[options.failOn]) ? 1 : 0;
  } finally {
    await checker.dispose();
  }
}

const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 1 };

function complain(message: string): void {
  process.stderr.write(`fearless-threads: ${message}\n`);
}

interface Checking {
  readonly checker: Checker;
  readonly configs: Configs;
  readonly options: CheckOptions;
}

/** Files that the compiler is given at once. */
const batch = 32;

async function checkFiles(files: readonly string[], { checker, configs, options }: Checking): Promise<Pass> {
  const progress = createProgress(process.stderr);
  const diagnostics: Diagnostic[] = [];
  const failures = new Set<string>();
  const omissions: string[] = [];
  let checked = 0;
  try {
    const relevant: string[] = [];
    for (const [index, file] of files.entries()) {
      progress.show(`looking at ${index + 1} of ${files.length} files`);
      // Read the config of every file, so that a broken one is said even where nothing uses threads.
      configs.for(file);
      const problem = unreadable(file);
      if (problem !== undefined) failures.add(`${displayPath(file, options.cwd)}: ${problem}`);
      else if (await checker.relevant(file, configs.for(file).models)) relevant.push(file);
    }
    for (const [index, file] of relevant.entries()) {
      if (index % batch === 0) checker.look(relevant.slice(index, index + batch));
      progress.show(`checking ${index + 1} of ${relevant.length} files: ${displayPath(file, options.cwd)}`);
      const report = await checker.check(file, configs.for(file));
      if (report.checked) checked++;
      if (report.omission !== undefined)
        omissions.push(`${displayPath(file, options.cwd)}: left out. ${report.omission}`);
      diagnostics.push(...report.diagnostics);
      for (const { rule, error } of report.failures) {
        failures.add(`${displayPath(file, options.cwd)}: the rule ${rule} failed, please report it: ${error.message}`);
      }
    }
  } finally {
    progress.clear();
  }
  return { diagnostics, checked, failures: [...failures], omissions };
}

/** Why a file cannot be read, or undefined. */
function unreadable(file: string): string | undefined {
  try {
    readSource(file);
    return undefined;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

function summarize(pass: Pass, files: number, ms: number): Summary {
  const count = (...severities: readonly Severity[]): number =>
    pass.diagnostics.filter(({ severity }) => severities.includes(severity)).length;
  return {
    files,
    checked: pass.checked,
    errors: count("error"),
    warnings: count("warning"),
    hints: count("hint", "info"),
    ms: Math.round(ms),
  };
}

function print(report: Report, options: CheckOptions, failures: readonly string[]): void {
  const context: ReportContext = { cwd: options.cwd, text: textReader() };
  const lines = render(report, options, { context, failures });
  process.stdout.write(`${lines.join("\n")}\n`);
}

interface Rendering {
  readonly context: ReportContext;
  readonly failures: readonly string[];
}

function render(report: Report, options: CheckOptions, { context, failures }: Rendering): readonly string[] {
  switch (options.format) {
    case "text": {
      const findings = report.diagnostics.flatMap((one) => [
        renderText(one, { ...context, colors: options.colors }),
        "",
      ]);
      return [...findings, summaryLine(report.summary, options)];
    }
    case "json":
      return [JSON.stringify(jsonReport(report, context), undefined, 2)];
    case "sarif": {
      const rules = describeRules();
      const log = sarifReport(report, { ...context, rules, version: version(), notifications: failures });
      return [JSON.stringify(log, undefined, 2)];
    }
    case "github":
      return [...githubReport(report, context), summaryLine(report.summary, { colors: false })];
  }
}

/** Reads each file once, without its byte order mark, as the compiler counts offsets. */
function textReader(): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (file) => {
    if (!texts.has(file)) {
      try {
        texts.set(file, readSource(file).text);
      } catch {
        texts.set(file, undefined);
      }
    }
    return texts.get(file);
  };
}

/** `3 problems (2 errors, 1 warning) in 312 files (14 use threads), 0.8 s` */
function summaryLine(summary: Summary, options: { readonly colors: boolean }): string {
  const { files, checked, errors, warnings, hints, ms } = summary;
  const total = errors + warnings + hints;
  const parts = [plural(errors, "error"), plural(warnings, "warning"), plural(hints, "hint")];
  const kinds = parts.filter((part) => !part.startsWith("0 "));
  const split = kinds.length === 0 ? "" : ` (${kinds.join(", ")})`;
  const use = checked === 1 ? "1 uses threads" : `${checked} use threads`;
  const style = styleOf(options);
  const head = style.headline(`${plural(total, "problem")}${split}`);
  return `${head} in ${plural(files, "file")} (${use}), ${(ms / 1000).toFixed(1)} s`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
