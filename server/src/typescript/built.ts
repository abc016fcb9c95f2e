/** Where the compiler puts what it makes of a project. */
import type { Project } from "typescript/async";
import type { Built } from "../analysis/program/program.js";
import { normalizePath, parentOf } from "./paths.js";

/**
 * By `outDir` and `rootDir` of its tsconfig. Without a `rootDir` the folders of the sources are laid out from that of the
 * tsconfig, or from one below it that all of them are in, which most projects call `src`.
 *
 * Source: https://www.typescriptlang.org/tsconfig/#rootDir
 */
export function builtBy({ configFileName, parsedCommandLine }: Project): Built | undefined {
  const { outDir, rootDir } = parsedCommandLine.options;
  if (!outDir || configFileName === undefined) return undefined;
  const to = normalizePath(outDir);
  if (rootDir) return { from: [normalizePath(rootDir)], to };
  const folder = parentOf(normalizePath(configFileName));
  return { from: [folder, `${folder}/src`], to };
}
