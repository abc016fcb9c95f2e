/** Code that nobody here wrote: packages of the npm registry that ship their TypeScript sources. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Pinned, so that a finding or a crash is the same one tomorrow.
 *
 * `calls`: whether functions of other files are analysed with each file. The filter that is off here keeps that cheap
 * otherwise; without it every file of a large package brings hundreds of others along. `every`: the whole analysis
 * takes each n-th file, so that the suite stays within a minute or two.
 */
export const corpus = [
  { name: "rxjs", version: "7.8.2", atLeast: 250, calls: "followed", every: 1 },
  { name: "effect", version: "3.22.4", atLeast: 350, calls: "unknown", every: 4 },
  { name: "viem", version: "2.57.20", atLeast: 1400, calls: "unknown", every: 8 },
] as const;

export type CorpusPackage = (typeof corpus)[number];

interface Package {
  readonly name: string;
  readonly version: string;
}

const cache = fileURLToPath(new URL(".cache", import.meta.url));

/** The folder of the unpacked package. Fetches it on first use, and keeps it in a folder that git ignores. */
export function unpacked({ name, version }: Package): string {
  const packed = `${name.replace("@", "").replace("/", "-")}-${version}`; // As npm calls it.
  const folder = join(cache, packed);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const temporary = join(cache, `${packed}-${process.pid}.tmp`);
  mkdirSync(temporary, { recursive: true });
  try {
    run("npm", ["pack", `${name}@${version}`, "--silent", "--pack-destination", temporary]);
    run("tar", ["-xzf", join(temporary, `${packed}.tgz`), "-C", temporary]);
    renameSync(join(temporary, "package"), folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8", shell: process.platform === "win32" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
