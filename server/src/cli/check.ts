/** `check`: the analyser over files, folders and globs. */
import { resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { Diagnostic } from "../analysis/diagnostic.js";
import { type Checker, createChecker } from "../checker/checker.js";
import { type Configs, createConfigs } from "../config/find-config.js";
import { displayPath, toSlashes } from "../render/paths.js";
import { optimize } from "../tier-up.js";
import { applyBaseline, readBaseline, updatedBaseline, writeBaseline } from "./baseline.js";
import { type Cache, defaultLocation, openCache } from "./cache/cache.js";
import { type CheckOptions, complain, type ExitCode, ranks, UsageError } from "./check-options.js";
import { type FoundFiles, findFiles } from "./find-files.js";
import { fixAll } from "./fix-all.js";
import { checkFiles, jobsFor } from "./jobs.js";
import type { Outcome } from "./outcome.js";
import { plural, printed, summarize, textReader } from "./print.js";
import { createProgress, type Progress } from "./progress.js";
import { type Selection, selectFiles } from "./select.js";

/** What one pass over the files gave. */
export interface Pass {
  /** In order of file and position. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that were looked at. */
  readonly files: readonly string[];
  /** How many of them use threads. */
  readonly checked: number;
  /** What could not be checked, one sentence each. */
  readonly failures: readonly string[];
  /** What was left out on purpose, one sentence each. */
  readonly omissions: readonly string[];
}

/** The compiler holds so many files in little memory. */
const fewFiles = 300;

/**
 * So that it hardly ever collects its garbage while it loads them, which costs a third of the time that loading takes; from
 * the limit on it does as it does by itself.
 */
const garbage = { GOGC: "1600", GOMEMLIMIT: "1GiB" };

/** @throws {ConfigError} @throws {UsageError} @throws {CompilerUnavailable} */
export async function runCheck(options: CheckOptions): Promise<ExitCode> {
  const started = performance.now();
  optimize("late");
  const stdin = await readStdin(options);
  const found = stdin === undefined ? await findFiles(options.paths, options.cwd) : onlyFile(stdin.file);
  for (const problem of found.problems) complain(problem);
  if (found.files.length === 0) {
    if (found.problems.length === 0) complain(`no TypeScript or JavaScript files in ${options.paths.join(", ")}`);
    return 2;
  }
  // The compiler is written in Go, and inherits these: https://pkg.go.dev/runtime#hdr-Environment_Variables
  if (found.files.length <= fewFiles) for (const [name, value] of Object.entries(garbage)) process.env[name] ??= value;
  const checker = createChecker({ cwd: options.cwd });
  const stopped = endOnSignal(checker);
  try {
    if (stdin !== undefined) checker.edit(stdin.file, stdin.text);
    const check = (): Promise<Pass> => onePass(found, { checker, configs: createConfigs(), options });
    const { pass, fixed } = options.fix ? await fixAll(check, checker) : { pass: await check(), fixed: undefined };
    const over = new Map(stdin === undefined ? [] : [[stdin.file, stdin.text]]);
    const code = await report(pass, { options, started, text: textReader(over), fixed: fixed?.messages ?? [] });
    return found.problems.length > 0 ? 2 : code;
  } finally {
    stopped.off();
    await checker.dispose();
  }
}

function onlyFile(file: string): FoundFiles {
  return { files: [file], folders: [], problems: [] };
}

async function readStdin({ stdinFilename, cwd }: CheckOptions): Promise<{ file: string; text: string } | undefined> {
  if (stdinFilename === undefined) return undefined;
  const text = await readAll(process.stdin);
  return { file: toSlashes(resolve(cwd, stdinFilename)), text: text.replace(/^\uFEFF/, "") };
}

/** Ctrl-C ends the compiler with us, and leaves no half-written file. */
function endOnSignal(checker: Checker): { off(): void } {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  const end = (signal: keyof typeof codes): void => {
    void checker.dispose().finally(() => process.exit(codes[signal]));
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
  return {
    off() {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, end);
    },
  };
}

interface Passing {
  readonly checker: Checker;
  readonly configs: Configs;
  readonly options: CheckOptions;
}

async function onePass(found: FoundFiles, passing: Passing): Promise<Pass> {
  const progress = createProgress(process.stderr);
  try {
    const selection = await selectFiles(found, { ...passing, onProgress: progress.show });
    return passOf(selection, await outcomesOf(selection.relevant, passing, progress), passing.options.cwd);
  } finally {
    progress.clear();
  }
}

/** From the cache what holds, and from the compiler the rest. */
async function outcomesOf(
  files: readonly string[],
  { checker, configs, options }: Passing,
  progress: Progress,
): Promise<readonly Outcome[]> {
  const cache = cacheOf({ checker, configs, options });
  const known = new Map<string, Outcome>();
  for (const file of files) {
    const outcome = cache?.get(file);
    if (outcome !== undefined) known.set(file, outcome);
  }
  const rest = files.filter((file) => !known.has(file));
  // A text that is not on disk is known to this thread only.
  const dense = rest.filter((file) => checker.namesThreads(file, configs.for(file).models)).length;
  const jobs = options.stdinFilename === undefined ? jobsFor(options.jobs, { files: rest.length, dense }) : 1;
  const onProgress = (done: number, file: string): void =>
    progress.show(
      `checking ${Math.min(done + 1, rest.length)} of ${rest.length} files: ${displayPath(file, options.cwd)}`,
    );
  for (const outcome of await checkFiles(rest, { cwd: options.cwd, checker, configs, jobs, onProgress })) {
    known.set(outcome.file, outcome);
    cache?.put(outcome);
  }
  writeCache(cache, options);
  return files.map((file) => known.get(file)).filter((outcome) => outcome !== undefined);
}

/** What is on standard input is no file: nothing is known of it, or kept. */
function cacheOf({ checker, configs, options }: Passing): Cache | undefined {
  const { cwd, cacheLocation, stdinFilename } = options;
  if (!options.cache || stdinFilename !== undefined) return undefined;
  const location = cacheLocation === undefined ? defaultLocation(cwd) : resolve(cwd, cacheLocation);
  return location === undefined ? undefined : openCache({ location, checker, configs });
}

function writeCache(cache: Cache | undefined, { cacheLocation }: CheckOptions): void {
  try {
    cache?.write();
  } catch (error) {
    // Where nobody asked for a cache, a folder that cannot be written costs time and nothing else.
    if (cacheLocation === undefined) return;
    complain(`the cache could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Brings together what the check of each file gave. */
export function passOf(selection: Selection, outcomes: readonly Outcome[], cwd: string): Pass {
  const failures = [...selection.unreadable].map(([file, problem]) => `${displayPath(file, cwd)}: ${problem}`);
  const omissions: string[] = [];
  for (const { file, omission, failures: failed } of outcomes) {
    const path = displayPath(file, cwd);
    if (omission !== undefined) omissions.push(`${path}: left out. ${omission}`);
    for (const { rule, message } of failed)
      failures.push(`${path}: the rule ${rule} failed, please report it: ${message}`);
  }
  return {
    diagnostics: outcomes.flatMap(({ diagnostics }) => diagnostics.filter((one) => isAbout(one, selection.affected))),
    files: selection.files,
    checked: outcomes.filter(({ checked, file }) => checked && selection.affected?.has(file) !== false).length,
    failures: [...new Set(failures)],
    omissions,
  };
}

function isAbout({ location, related }: Diagnostic, files: ReadonlySet<string> | undefined): boolean {
  return files === undefined || [location, ...related].some(({ file }) => files.has(file));
}

export interface Reporting {
  readonly options: CheckOptions;
  /** When the check began. */
  readonly started: number;
  readonly text: (file: string) => string | undefined;
  /** What was repaired. */
  readonly fixed: readonly string[];
}

/** Prints what was found and says what it means for the exit code. */
export async function report(pass: Pass, { options, started, text, fixed }: Reporting): Promise<ExitCode> {
  const { failures, omissions, files, checked } = pass;
  const { diagnostics, notes } = againstBaseline(pass, { options, text });
  const shown = options.quiet ? diagnostics.filter(({ severity }) => severity === "error") : diagnostics;
  const summary = summarize(shown, { files: files.length, checked, ms: performance.now() - started });
  const { format, colors, cwd } = options;
  const printing = { format, colors, context: { cwd, text }, notes: [...failures, ...omissions] };
  process.stdout.write(`${await printed({ diagnostics: shown, summary }, printing)}\n`);
  for (const line of [...fixed, ...notes, ...omissions, ...failures]) complain(line);
  if (failures.length > 0) return 2;
  return fails(diagnostics, options) ? 1 : 0;
}

function fails(diagnostics: readonly Diagnostic[], { failOn, maxWarnings }: CheckOptions): boolean {
  const warnings = diagnostics.filter(({ severity }) => severity === "warning").length;
  if (maxWarnings !== undefined && warnings > maxWarnings) {
    complain(`${plural(warnings, "warning")}, and --max-warnings allows ${maxWarnings}`);
    return true;
  }
  // Warnings that are allowed by their number do not fail by their kind.
  const counted =
    maxWarnings === undefined ? diagnostics : diagnostics.filter(({ severity }) => severity !== "warning");
  return counted.some(({ severity }) => ranks[severity] >= ranks[failOn]);
}

/** What the baseline does not know, and what there is to say about it. */
function againstBaseline(
  { diagnostics, files }: Pass,
  { options, text }: Pick<Reporting, "options" | "text">,
): { readonly diagnostics: readonly Diagnostic[]; readonly notes: readonly string[] } {
  if (options.baseline === undefined) return { diagnostics, notes: [] };
  const path = toSlashes(resolve(options.cwd, options.baseline));
  const shown = displayPath(path, options.cwd);
  const checked = { diagnostics, files, text };
  if (options.updateBaseline) {
    writeBaseline(path, updatedBaseline(baselineBefore(path), path, checked));
    return { diagnostics: [], notes: [`wrote ${plural(diagnostics.length, "finding")} to ${shown}`] };
  }
  const { fresh, known, stale } = applyBaseline(readBaseline(path), path, checked);
  const notes = known === 0 ? [] : [`${plural(known, "finding")} of ${shown} not shown`];
  const gone = stale.map(({ file, rule, text: line }) => `${shown}: no longer there: ${rule} in ${file}: ${line}`);
  if (gone.length > 0) gone.push("--update-baseline takes them out");
  return { diagnostics: fresh, notes: [...notes, ...gone] };
}

/** One that does not exist, or cannot be read, begins anew. */
function baselineBefore(path: string): ReturnType<typeof readBaseline> {
  try {
    return readBaseline(path);
  } catch (error) {
    if (error instanceof UsageError) return {};
    throw error;
  }
}
