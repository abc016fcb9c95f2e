/** Which of the files that were named are checked: not ignored ones, those that changes reach, those of the shard. */
import { dirname } from "node:path";
import type { Checker } from "../checker/checker.js";
import { configFileName } from "../config/file-name.js";
import type { Configs } from "../config/find-config.js";
import { readSource } from "../source-text.js";
import type { CheckOptions } from "./check-options.js";
import type { FoundFiles } from "./find-files.js";
import { changedSince } from "./git.js";
import { partOf } from "./shard.js";

export interface Selection {
  /** Files that are looked at. */
  readonly files: readonly string[];
  /** Those of them that can concern threads. */
  readonly relevant: readonly string[];
  /**
   * What changes reach, where only that is asked for. Of further files that are relevant, findings count where they are about one of
   * these, too.
   */
  readonly affected: ReadonlySet<string> | undefined;
  /** Files that cannot be read, with the reason. */
  readonly unreadable: ReadonlyMap<string, string>;
}

interface Selecting {
  readonly checker: Checker;
  readonly configs: Configs;
  readonly options: Pick<CheckOptions, "changedSince" | "cwd" | "shard">;
  readonly onProgress: (text: string) => void;
}

/** @throws {ConfigError} @throws {UsageError} */
export async function selectFiles(found: FoundFiles, selecting: Selecting): Promise<Selection> {
  const { checker, configs, options, onProgress } = selecting;
  // Reads the config of every file, so that a broken one is said even where nothing uses threads.
  const kept = found.files.filter((file) => !configs.ignores(file));
  const { changedSince: ref } = options;
  const reached = ref === undefined ? undefined : new Set(affectedBy(kept, ref, selecting));
  const beside = reached === undefined ? new Set<string>() : besideLocks(kept, reached, checker);
  const all = reached === undefined ? kept : kept.filter((file) => reached.has(file) || beside.has(file));
  const relevant: string[] = [];
  const others: string[] = [];
  const unreadable = new Map<string, string>();
  for (const [index, file] of all.entries()) {
    onProgress(`looking at ${index + 1} of ${all.length} files`);
    const problem = checker.imports.text(file) === undefined ? whyUnreadable(file) : undefined;
    if (problem !== undefined) unreadable.set(file, problem);
    const isRelevant = problem === undefined && (await checker.relevant(file, configs.for(file).models));
    (isRelevant ? relevant : others).push(file);
  }
  const own = (list: readonly string[]): readonly string[] => list.filter((file) => !beside.has(file));
  if (options.shard === undefined) return { files: own(all), relevant, affected: reached, unreadable };
  // Divided by themselves, since they are what costs time.
  const part = partOf(relevant, options.shard);
  const files = own([...part, ...partOf(others, options.shard)].sort());
  return {
    files,
    relevant: part,
    affected: reached,
    unreadable: new Map([...unreadable].filter(([file]) => files.includes(file))),
  };
}

/** Settings of these kinds change what the compiler or the rules make of every file below them. */
const settingsFile = /(?:^|\/)(?:tsconfig[^/]*\.json|jsconfig\.json|package\.json|[^/]*\.d\.[cm]?ts)$/;

/**
 * The files that changed, those that import one of them through whatever other files, and those below a settings file
 * that changed. A finding can move from file to file only along imports: what a function does with a handle shows where
 * it is called, and a file that imports nothing that changed is analysed from the same texts as before.
 */
function affectedBy(files: readonly string[], ref: string, { checker, options }: Selecting): readonly string[] {
  const changed = changedSince(ref, options.cwd);
  // A file that is gone is an empty one here, so that whoever imports it still leads to it.
  const gone = [...changed].filter((file) => checker.imports.text(file) === undefined);
  for (const file of gone) checker.imports.pretend(file);
  const reached = new Set(checker.imports.affectedBy(changed, files));
  for (const file of gone) checker.imports.unpretend(file);
  const settings = [...changed].filter((file) => settingsFile.test(file) || file.endsWith(`/${configFileName}`));
  const folders = settings.map((file) => `${dirname(file)}/`);
  return files.filter((file) => reached.has(file) || folders.some((folder) => file.startsWith(folder)));
}

/**
 * Files that take locks which a file takes that changes reach. What two files do only together, such as taking locks in both
 * orders, is said in the one that does as the fewest do, and that need not be the one that changed.
 */
function besideLocks(
  files: readonly string[],
  reached: ReadonlySet<string>,
  { imports }: Checker,
): ReadonlySet<string> {
  const takes = (file: string): boolean => takesLock.test(imports.text(file) ?? "");
  const declaring = [...reached]
    .filter(takes)
    .flatMap((file) => imports.targets(file).flatMap((target) => (target.kind === "file" ? [target.file] : [])));
  const locks = new Set(declaring.filter((file) => declaresLock.test(imports.text(file) ?? "")));
  if (locks.size === 0) return locks;
  return new Set(imports.affectedBy(locks, files).filter((file) => !reached.has(file) && takes(file)));
}

const takesLock = /\.\s*(?:blocking)?(?:lock|read|write)(?:Sync)?\s*\(/i;
const declaresLock = /\b(?:Mutex|RwLock)\b/;

/** Why a file cannot be read, or undefined. */
function whyUnreadable(file: string): string | undefined {
  try {
    readSource(file);
    return undefined;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}
