/** Running a program as a user does: as a process, with its output as text. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The folder of the repository, with a slash at the end. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node` with these arguments, in the repository unless said otherwise. */
export function node(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd ?? root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs a TypeScript file as it is. */
export function runTypeScript(file: string, args: readonly string[] = []): Promise<Finished> {
  return node(["--import", "tsx", file, ...args]);
}

/** Runs the command line of the product. */
export function fearlessThreads(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<Finished> {
  return node([`${root}server/bin/fearless-threads.js`, ...args], options);
}
