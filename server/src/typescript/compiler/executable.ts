/** Where the native TypeScript compiler is. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompilerUnavailable } from "./unavailable.js";

/** Names the compiler for people who have it elsewhere, such as on a platform that has no package. */
export const executableVariable = "FEARLESS_THREADS_TSC";

/**
 * Finds the compiler: an explicit path, then the environment, then beside the bundle as the extension ships it
 * (`compiler/tsc`, with its `lib.*.d.ts` in the same folder), then the platform's package in `node_modules`.
 *
 * @throws {CompilerUnavailable} naming every place that was looked at.
 */
export function findExecutable(explicit: string | undefined): string {
  const named = explicit ?? process.env[executableVariable];
  if (named) {
    if (existsSync(named)) return named;
    throw new CompilerUnavailable("not-found", `There is no TypeScript compiler at ${named}.`, {
      help: `Correct the \`executable\` option or ${executableVariable}, or leave both out.`,
    });
  }
  const places = [besideBundle(), inNodeModules()].filter((place) => place !== undefined);
  const found = places.find((place) => existsSync(place));
  if (found) return found;
  throw new CompilerUnavailable("not-found", `The native TypeScript compiler for ${platform} was not found.`, {
    help: `Looked at ${[...places, platformPackage].join(", ")}. Install typescript@7.1, or set ${executableVariable}.`,
  });
}

const platform = `${process.platform}-${process.arch}`;
const platformPackage = `@typescript/typescript-${platform}`;
const fileName = process.platform === "win32" ? "tsc.exe" : "tsc";

function besideBundle(): string {
  return join(dirname(fileURLToPath(import.meta.url)), "compiler", fileName);
}

function inNodeModules(): string | undefined {
  // The platform's package is a dependency of `typescript`, which a strict package manager shows only to it.
  const here = createRequire(import.meta.url);
  for (const resolveFrom of [() => here, () => createRequire(here.resolve("typescript/package.json"))]) {
    try {
      return join(dirname(resolveFrom().resolve(`${platformPackage}/package.json`)), "lib", fileName);
    } catch {
      // Not resolvable from there.
    }
  }
  return undefined;
}
