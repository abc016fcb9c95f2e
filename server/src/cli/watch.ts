/**
 * `--watch`: checks again whenever a file changes, with the same session that an editor has, so that a change costs what
 * it can change and no more. Ends on Ctrl-C.
 */
import { type FSWatcher, statSync, watch } from "node:fs";
import { type Checker, createChecker } from "../checker/checker.js";
import { configFileName } from "../config/file-name.js";
import { type Configs, createConfigs } from "../config/find-config.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import { type Pass, passOf, report } from "./check.js";
import { type CheckOptions, complain, type ExitCode } from "./check-options.js";
import { type FoundFiles, findFiles } from "./find-files.js";
import { batchesOf, checkBatch, type Outcome } from "./outcome.js";
import { textReader } from "./print.js";
import { createProgress } from "./progress.js";
import { selectFiles } from "./select.js";

/** Milliseconds of quiet before a check: saving all files is one change. */
const quiet = 60;

/** @throws {UsageError} @throws {CompilerUnavailable} */
export async function runWatch(options: CheckOptions): Promise<ExitCode> {
  const checker = createChecker({ cwd: options.cwd });
  const session: Session = { checker, configs: createConfigs(), options, stamps: new Map(), outcomes: new Map() };
  const folders = createFolderWatch();
  const stop = stopped();
  try {
    for (let first = true; ; first = false) {
      const changed = folders.changed();
      const found = await findFiles(options.paths, options.cwd);
      folders.follow(found.folders);
      const shown = noteChanges(session, found) || first ? showPass(session, found) : undefined;
      if ((await Promise.race([shown, stop])) === "stopped") return 0;
      if ((await Promise.race([changed, stop])) === "stopped") return 0;
    }
  } finally {
    folders.close();
    await checker.dispose();
  }
}

function stopped(): Promise<"stopped"> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("stopped"));
  });
}

interface Session {
  readonly checker: Checker;
  readonly configs: Configs;
  readonly options: CheckOptions;
  /** Size and time of each file, as it was when it was checked last. */
  readonly stamps: Map<string, string>;
  /** What the last check of each file gave, where it still holds. */
  readonly outcomes: Map<string, Outcome>;
}

/** Tells the checker what became of the files, and forgets outcomes that can be others now. */
function noteChanges({ checker, configs, stamps, outcomes }: Session, found: FoundFiles): boolean {
  const watched = [...found.files, ...settingsFiles(found.folders)];
  const now = new Map(watched.map((file) => [file, stampOf(file)] as const).filter(([, stamp]) => stamp !== ""));
  const created = [...now.keys()].filter((file) => !stamps.has(file));
  const changed = [...now].filter(([file, stamp]) => stamps.has(file) && stamps.get(file) !== stamp);
  const deleted = [...stamps.keys()].filter((file) => !now.has(file));
  const all = [...created, ...changed.map(([file]) => file), ...deleted];
  stamps.clear();
  for (const [file, stamp] of now) stamps.set(file, stamp);
  if (all.length === 0) return false;
  checker.diskChanged({ created, changed: changed.map(([file]) => file), deleted });
  // A file that comes or goes can be what any import leads to, and a setting counts for all.
  if (created.length + deleted.length > 0 || all.some((file) => file.endsWith(".json"))) {
    configs.forget();
    outcomes.clear();
  }
  for (const file of checker.imports.affectedBy(new Set(all), [...outcomes.keys()])) outcomes.delete(file);
  for (const [file, { reads, around }] of outcomes) {
    if ([...reads, ...checker.importersOf(around)].some((read) => all.includes(read))) outcomes.delete(file);
  }
  return true;
}

/** Settings that count for the files of these folders. */
function settingsFiles(folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    [configFileName, "tsconfig.json", "jsconfig.json", "package.json"].map((name) => `${folder}/${name}`),
  );
}

function stampOf(file: string): string {
  try {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  } catch {
    return "";
  }
}

/** Checks what has no outcome, and prints everything. */
async function showPass(session: Session, found: FoundFiles): Promise<void> {
  const { options } = session;
  const started = performance.now();
  const pass = await passNow(session, found);
  // A terminal is cleared with what can be scrolled back to; a pipe shows one check after the other.
  if (process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[3J\u001b[H");
  for (const problem of found.problems) complain(problem);
  if (pass !== undefined) await report(pass, { options, started, text: textReader(), fixed: [] });
  process.stderr.write("fearless-threads: watching for changes, Ctrl-C ends\n");
}

/** Undefined where a config is wrong: that is said, and the next change may mend it. */
async function passNow(session: Session, found: FoundFiles): Promise<Pass | undefined> {
  const { checker, configs, options, outcomes } = session;
  const progress = createProgress(process.stderr);
  try {
    const selection = await selectFiles(found, { checker, configs, options, onProgress: progress.show });
    const rest = selection.relevant.filter((file) => !outcomes.has(file));
    for (const batch of batchesOf(rest, 1)) {
      for (const outcome of await checkBatch(batch, { checker, configs }, (file) =>
        progress.show(`checking ${file}`),
      )) {
        outcomes.set(outcome.file, outcome);
      }
    }
    const current = selection.relevant.map((file) => outcomes.get(file)).filter((outcome) => outcome !== undefined);
    return passOf(selection, current, options.cwd);
  } catch (error) {
    if (error instanceof CompilerUnavailable && error.reason === "closed") return undefined;
    complain(error instanceof Error ? error.message : String(error));
    return undefined;
  } finally {
    progress.clear();
  }
}

interface FolderWatch {
  /** Resolves when something happened since the call, and then nothing for a moment. */
  changed(): Promise<"changed">;
  /** Watches these folders, and no others. */
  follow(folders: readonly string[]): void;
  close(): void;
}

function createFolderWatch(): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let resolve: () => void = () => {};
  let timer: NodeJS.Timeout | undefined;
  const notice = (): void => {
    clearTimeout(timer);
    timer = setTimeout(resolve, quiet);
  };
  const unfollow = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  return {
    changed: () =>
      new Promise((settle) => {
        resolve = () => settle("changed");
      }),
    follow(folders) {
      for (const folder of watchers.keys()) if (!folders.includes(folder)) unfollow(folder);
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        try {
          const watcher = watch(folder, notice);
          // A folder that is deleted says so in its parent, too.
          watcher.on("error", () => unfollow(folder));
          watchers.set(folder, watcher);
        } catch {
          // Gone already.
        }
      }
    },
    close() {
      clearTimeout(timer);
      for (const folder of [...watchers.keys()]) unfollow(folder);
    },
  };
}
