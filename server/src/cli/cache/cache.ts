/**
 * The outcome of each file from run to run, for as long as nothing has changed that could change it.
 *
 * What counts is named by hashes: the tool with its rules, the compiler, the config, the text of the file and of all it
 * imports, what is declared for all files, and the packages. A file whose hash is another one is checked again; so is
 * everything when the cache is damaged or of another version.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Checker } from "../../checker/checker.js";
import type { Configs } from "../../config/find-config.js";
import { findExecutable } from "../../typescript/compiler/executable.js";
import { remember } from "../../typescript/memo.js";
import { version } from "../../version.js";
import type { Outcome } from "../outcome.js";
import { type Closures, createClosures } from "./closure.js";
import { createEnvironments, upwards } from "./environment.js";
import { hash } from "./hash.js";
import { createPackages, stamp, textOf } from "./packages.js";

export interface Cache {
  /** What the file's check gave, where that still holds. */
  get(file: string): Outcome | undefined;
  /** Takes note of what a check gave. */
  put(outcome: Outcome): void;
  /** Writes all that is known, in one step. */
  write(): void;
}

export interface CacheOptions {
  /** The file. */
  readonly location: string;
  readonly checker: Pick<Checker, "imports" | "importersOf">;
  readonly configs: Configs;
}

interface Entry {
  readonly key: string;
  /** Files that were read though the file does not import them, each with the hash of what it was. */
  readonly also: readonly (readonly [file: string, digest: string])[];
  /** The hash of all that imports what others have to do with, too. */
  readonly around: string;
  readonly outcome: Outcome;
}

interface Contents {
  readonly tool: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

/**
 * Below the nearest `node_modules`, where it is in nobody's way and goes with it. Each folder that checks are started in
 * has a file of its own, so that packages of a workspace can be checked at the same time.
 *
 * Undefined where there is no such folder: nothing is put beside somebody's sources without having been asked for.
 */
export function defaultLocation(cwd: string): string | undefined {
  const modules = upwards(cwd)
    .map((folder) => join(folder, "node_modules"))
    .find((folder) => existsSync(folder));
  return modules && join(modules, ".cache", "fearless-threads", `${hash([cwd])}.json`);
}

export function openCache({ location, checker, configs }: CacheOptions): Cache {
  const tool = hash([...toolParts()]);
  const before = readContents(location, tool);
  const packages = createPackages();
  const environments = createEnvironments(checker.imports, packages);
  const closures = createClosures({
    imports: checker.imports,
    packageDigest: packages.digest,
    wholeProject: (file) => environments.project(dirname(file)),
  });
  const entries = new Map(Object.entries(before));
  const keyOf = (file: string): string =>
    hash([environments.digest(dirname(file)), configs.for(file).source, closures.digest(file)]);
  const surroundings = new Map<string, string>();
  const aroundOf = ({ around }: Outcome): string =>
    remember(surroundings, around.join("\0"), () =>
      hash(checker.importersOf(around).flatMap((file) => [file, closures.digest(file)])),
    );
  let changed = false;

  return {
    get(file) {
      const entry = entries.get(file);
      if (entry === undefined || entry.key !== keyOf(file)) return undefined;
      if (entry.around !== aroundOf(entry.outcome)) return undefined;
      return entry.also.every(([other, digest]) => closures.digest(other) === digest) ? entry.outcome : undefined;
    },
    put(outcome) {
      changed = true;
      // What could not be done is tried again; so is what was written meanwhile, of which nobody knows who read what.
      const read = [outcome.file, ...outcome.reads, ...checker.importersOf(outcome.around)];
      const certain = outcome.failures.length === 0 && outcome.omission === undefined && !read.some(isMoving);
      if (!certain) entries.delete(outcome.file);
      else {
        const also = alsoRead(outcome, checker, closures);
        entries.set(outcome.file, { key: keyOf(outcome.file), also, around: aroundOf(outcome), outcome });
      }
    },
    write() {
      if (!changed) return;
      const kept = [...entries].filter(([file]) => existsSync(file));
      writeContents(location, { tool, entries: Object.fromEntries(kept) });
    },
  };
}

/**
 * Whether a file that was read has been written since this program began. Where there is none, which is worth reading,
 * too, as where the file of a worker is looked for, its folder tells whether there was one.
 */
function isMoving(path: string): boolean {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return written === undefined ? isMoving(dirname(path)) : written > performance.timeOrigin;
}

/** The program, byte for byte, and the compiler. */
function* toolParts(): Generator<string> {
  yield version();
  const here = dirname(fileURLToPath(import.meta.url));
  for (const name of readdirSync(here).sort()) if (name.endsWith(".js")) yield textOf(join(here, name)) ?? "";
  const compiler = findExecutable(undefined);
  yield compiler;
  yield stamp(compiler) ?? "";
}

/** Those of the files read that no import leads to from the file, through others that were read. */
function alsoRead(outcome: Outcome, checker: Pick<Checker, "imports">, closures: Closures): Entry["also"] {
  const imported = new Set([outcome.file]);
  for (const file of imported) {
    if (file !== outcome.file && !outcome.reads.includes(file)) continue;
    for (const target of checker.imports.targets(file)) if (target.kind === "file") imported.add(target.file);
  }
  return outcome.reads.filter((file) => !imported.has(file)).map((file) => [file, closures.digest(file)] as const);
}

/** The first line is the hash of the rest, so that half a file, or one that was edited, is none. */
function readContents(location: string, tool: string): Contents["entries"] {
  try {
    const text = readFileSync(location, "utf8");
    const end = text.indexOf("\n");
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== hash([body])) return {};
    const contents = JSON.parse(body) as Contents;
    return contents.tool === tool ? contents.entries : {};
  } catch {
    return {};
  }
}

function writeContents(location: string, contents: Contents): void {
  const body = JSON.stringify(contents);
  const temporary = `${location}.${process.pid}.tmp`;
  mkdirSync(dirname(location), { recursive: true });
  try {
    writeFileSync(temporary, `${hash([body])}\n${body}`);
    renameSync(temporary, location);
  } finally {
    rmSync(temporary, { force: true });
  }
}
