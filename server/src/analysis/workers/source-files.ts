/** Which files of a project a path means, that a program will have when it runs. */
import type { Module } from "../mir/mir.js";

/** What the extension of a source is when that of what becomes of it is this. */
const sources: Readonly<Record<string, readonly string[]>> = {
  js: ["ts", "tsx", "js", "jsx"],
  mjs: ["mts", "mjs"],
  cjs: ["cts", "cjs"],
  jsx: ["tsx", "jsx"],
};
const anyScript = ["ts", "tsx", "mts", "cts", "js", "mjs", "cjs", "jsx"];

/** Where sources lie when what is built of them lies in one of the others, as most projects have it. */
const built = /^(?:dist|build|out|lib)$/;
const sourceFolder = "src";

/**
 * The files that may be meant by a path, the likeliest first: the source of what is compiled to it, beside it or in the
 * folder of the sources.
 *
 * @param from The file in which the path is written: the folders that both are in say nothing about what is built.
 */
export function filesAt(path: string, { file, built: project }: Pick<Module, "file" | "built">): readonly string[] {
  const whole = normalized(path);
  const rest = project !== undefined && whole.startsWith(`${project.to}/`) ? whole.slice(project.to.length) : undefined;
  const compiled = rest === undefined ? [] : (project?.from ?? []).map((folder) => folder + rest);
  return [whole, ...compiled, ...inSources(whole, file)].flatMap(withSources);
}

function withSources(path: string): readonly string[] {
  const [, stem, extension] = /^(.*)\.([cm]?[jt]sx?)$/.exec(path) ?? [];
  if (stem === undefined || extension === undefined) {
    return [...anyScript.map((each) => `${path}.${each}`), ...["ts", "js"].map((each) => `${path}/index.${each}`)];
  }
  return (sources[extension] ?? [extension]).map((each) => `${stem}.${each}`);
}

function inSources(path: string, from: string): readonly string[] {
  const [parts, own] = [path.split("/"), from.split("/")];
  const shared = parts.findIndex((part, index) => part !== own[index]);
  const at = parts.findIndex((part, index) => index >= shared && built.test(part));
  if (shared < 0 || at < 0 || at === parts.length - 1) return [];
  const [above, below] = [parts.slice(0, at), parts.slice(at + 1)];
  return [[...above, sourceFolder, ...below].join("/"), [...above, ...below].join("/")];
}

/** How many folders above a file a program may be started in. */
const maxFolders = 4;

/** The folders that a program may be started in: that of the file, and those above it. */
export function workingFolders(file: string): readonly string[] {
  const folders: string[] = [];
  for (let at = folderOf(file); at !== "" && folders.length < maxFolders; at = folderOf(at)) folders.push(at);
  return folders;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Without `.` and `..`. */
export function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && (part !== "" || parts.length === 0)) parts.push(part);
  }
  return parts.join("/");
}
