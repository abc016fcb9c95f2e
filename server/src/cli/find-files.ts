/** From the paths a user names to the files that are checked. */
import { type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";
import { toSlashes } from "../render/paths.js";
import { createGitignore, type Gitignore } from "./gitignore.js";

/** What the analyser reads. Declaration files hold no code that could be wrong. */
const sourceFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const declarationFile = /\.d\.(?:[cm]?ts|[^./]+\.ts)$/;

/** Folders that hold what others wrote or what a tool made, whatever `.gitignore` says. */
const skippedFolders: ReadonlySet<string> = new Set(["node_modules", "bower_components", "jspm_packages", "dist"]);

export interface FoundFiles {
  /** Absolute paths with forward slashes, each file once, sorted. */
  readonly files: readonly string[];
  /** The folders that were looked through, and those of the files: where a new file could be one of them. */
  readonly folders: readonly string[];
  /** What was asked for and cannot be: one sentence each. */
  readonly problems: readonly string[];
}

/**
 * Expands files, folders and globs.
 *
 * A file that is named itself is taken even where `.gitignore` or its folder would hide it, and so is what lies in a
 * folder that is named itself. Links to folders are not followed, so a loop of them is not one for us.
 */
export async function findFiles(paths: readonly string[], cwd: string): Promise<FoundFiles> {
  const found = new Map<string, string>();
  const folders = new Set<string>();
  const problems: string[] = [];
  const add = (file: string): void => {
    const path = toSlashes(file);
    folders.add(dirname(path));
    const real = realPath(path);
    // A file's own name goes before that of a link to it, whichever is met first.
    if (!found.has(real) || path === toSlashes(real)) found.set(real, path);
  };
  const [left, named] = parted(paths, cwd);
  for (const path of named) {
    const absolute = resolve(cwd, path);
    const kind = kindOf(absolute);
    if (kind === "file") {
      if (sourceFile.test(path)) add(absolute);
      else problems.push(`${path}: not a TypeScript or JavaScript file (by its extension)`);
    } else if (kind === "folder") {
      walk(absolute, createGitignore(absolute), add, { folders, problems });
    } else if (kind === "other") {
      problems.push(`${path}: neither a file nor a folder`);
    } else if (isDynamicPattern(path)) {
      const matches = await expand(path, cwd);
      if (matches.length === 0) problems.push(`${path}: matches no TypeScript or JavaScript file`);
      for (const file of matches) add(file);
    } else {
      problems.push(`${path}: no such file or folder`);
    }
  }
  if (left.length > 0) {
    for (const file of (await findFiles(left, cwd)).files) found.delete(realPath(file));
  }
  return { files: [...found.values()].sort(), folders: [...folders], problems };
}

/** `!src/generated/**` takes out again what the other paths name; where nothing else is named, out of the current folder. */
function parted(paths: readonly string[], cwd: string): readonly [left: readonly string[], named: readonly string[]] {
  const isOut = (path: string): boolean => /^!./.test(path) && kindOf(resolve(cwd, path)) === "missing";
  const named = paths.filter((path) => !isOut(path));
  const left = paths.filter(isOut).map((path) => path.slice(1));
  return [left, named.length === 0 && left.length > 0 ? ["."] : named];
}

function kindOf(path: string): "file" | "folder" | "other" | "missing" {
  try {
    const stat = statSync(path);
    if (stat.isFile()) return "file";
    return stat.isDirectory() ? "folder" : "other";
  } catch {
    return "missing";
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

interface Walked {
  readonly folders: Set<string>;
  readonly problems: string[];
}

function walk(root: string, gitignore: Gitignore, add: (file: string) => void, { folders, problems }: Walked): void {
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    folders.add(toSlashes(folder));
    let entries: readonly Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      problems.push(`${folder}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith(".") || skippedFolders.has(entry.name)) continue;
        if (!gitignore.ignores(path, "folder")) waiting.push(path);
      } else if (isSource(entry.name) && !gitignore.ignores(path, "file")) {
        if (entry.isFile() || (entry.isSymbolicLink() && kindOf(path) === "file")) add(path);
      }
    }
  }
}

function isSource(name: string): boolean {
  return sourceFile.test(name) && !declarationFile.test(name);
}

async function expand(pattern: string, cwd: string): Promise<readonly string[]> {
  const ignored = [...skippedFolders].map((name) => `**/${name}/**`);
  const matches = await glob(toSlashes(pattern), {
    cwd,
    absolute: true,
    expandDirectories: false,
    followSymbolicLinks: false,
    ignore: ignored,
  });
  const gitignore = createGitignore(cwd);
  return matches.filter((file) => isSource(file) && !gitignore.ignores(resolve(file), "file"));
}
