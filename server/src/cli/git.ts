/** What git says has changed. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { toSlashes } from "../render/paths.js";
import { UsageError } from "./check-options.js";

/**
 * The files that differ from what they were where the branch left `ref`: committed since, staged, changed in the work
 * tree, untracked, and deleted. Absolute paths.
 *
 * @throws {UsageError} outside of a repository, and where there is no such ref.
 */
export function changedSince(ref: string, cwd: string): ReadonlySet<string> {
  if (ref.startsWith("-")) throw new UsageError(`--changed-since: ${ref} is no git ref`);
  const root = git(["rev-parse", "--show-toplevel"], cwd).trim();
  const commit = git(
    ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`],
    cwd,
    `there is no commit \`${ref}\``,
  ).trim();
  // What others did on the ref meanwhile is not this branch's change. Histories that share nothing have no such commit.
  const base = tryGit(["merge-base", commit, "HEAD"], cwd)?.trim() ?? commit;
  const listed = [
    git(["diff", "--name-only", "--no-renames", "-z", base], root),
    git(["ls-files", "--others", "--exclude-standard", "-z"], root),
  ];
  const names = listed.flatMap((list) => list.split("\0")).filter((name) => name !== "");
  return new Set(names.map((name) => toSlashes(join(root, name))));
}

function git(args: readonly string[], cwd: string, otherwise?: string): string {
  const { status, stdout, stderr, error } = run(args, cwd);
  if (status === 0) return stdout;
  const why = error?.message ?? otherwise ?? stderr.trim();
  throw new UsageError(`--changed-since: ${why === "" ? `git ${args.join(" ")} failed` : why}`);
}

function tryGit(args: readonly string[], cwd: string): string | undefined {
  const { status, stdout } = run(args, cwd);
  return status === 0 ? stdout : undefined;
}

function run(args: readonly string[], cwd: string): ReturnType<typeof spawnSync> & { stdout: string; stderr: string } {
  // Names of files can be long in sum.
  return spawnSync("git", args, { cwd, encoding: "utf8", maxBuffer: 1 << 30, windowsHide: true });
}
