/** Paths as people and other programs are shown them. */
import { isAbsolute, relative } from "node:path";

/** Absolute, with forward slashes, as the analysis names files. */
export function toSlashes(path: string): string {
  return path.replaceAll("\\", "/");
}

/** Relative to the working folder, with forward slashes; absolute where it is on another drive. */
export function displayPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === "" ? file : toSlashes(isAbsolute(path) ? file : path);
}
