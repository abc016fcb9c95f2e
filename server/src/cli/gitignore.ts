/** The `.gitignore` files that count for the files below a folder. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ignore, { type Ignore } from "ignore";
import { toSlashes } from "../render/paths.js";

export interface Gitignore {
  /** `path` is absolute. A file is also ignored where a folder above it (and below the start) is. */
  ignores(path: string, kind: "file" | "folder"): boolean;
}

/**
 * The rules that count below `start`: those of the folders above it up to the repository's root, and those below.
 *
 * Where `start` itself is ignored, the user named it on purpose, and only the rules below it count.
 */
export function createGitignore(start: string): Gitignore {
  const byFolder = new Map<string, Ignore | undefined>();
  const rulesOf = (folder: string): Ignore | undefined => {
    if (!byFolder.has(folder)) byFolder.set(folder, read(folder));
    return byFolder.get(folder);
  };
  const repository = repositoryOf(start);

  const test = (path: string, kind: "file" | "folder", top: string): boolean => {
    let ignored = false;
    for (const folder of foldersBetween(top, dirname(path))) {
      const name = toSlashes(relative(folder, path));
      const result = rulesOf(folder)?.test(kind === "folder" ? `${name}/` : name);
      if (result?.ignored) ignored = true;
      else if (result?.unignored) ignored = false;
    }
    return ignored;
  };

  const startIgnored = repository !== undefined && repository !== start && test(start, "folder", repository);
  const top = repository === undefined || startIgnored ? start : repository;
  return { ignores: (path, kind) => test(path, kind, top) };
}

/** The folder that holds `.git`, looking upwards. */
function repositoryOf(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

function read(folder: string): Ignore | undefined {
  try {
    return ignore().add(readFileSync(join(folder, ".gitignore"), "utf8"));
  } catch {
    return undefined;
  }
}

/** From `top` down to `bottom`, both included. */
function foldersBetween(top: string, bottom: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = bottom; ; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === top) return folders.reverse();
    if (dirname(folder) === folder) return [top];
  }
}
