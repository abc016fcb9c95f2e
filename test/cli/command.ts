/** The command line as a process. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The built command; another build of it can be named while working on one. */
export const bin =
  process.env.FEARLESS_THREADS_BIN ?? fileURLToPath(new URL("../../server/bin/fearless-threads.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is on its standard input. */
  readonly input?: string;
}

/**
 * Runs `fearless-threads` with these arguments to its end. Outcomes are kept only where the arguments name the place: the
 * link to `node_modules` in a test's folder leads to that of this repository, and would fill it.
 */
export function fearlessThreads(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const alone = args[0] === "check" && !args.includes("--cache-location");
  return fearlessThreadsAsItIs(alone ? [...args, "--no-cache"] : args, options);
}

/** Runs it with nothing but these arguments. */
export function fearlessThreadsAsItIs(args: readonly string[], { cwd, env, input }: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const clean = { ...process.env, ...env };
    delete clean.FORCE_COLOR;
    const child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...clean, ...(env?.FORCE_COLOR === undefined ? {} : { FORCE_COLOR: env.FORCE_COLOR }) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
