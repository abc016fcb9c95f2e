/** `run`: a file on real workers, TypeScript as it is, closing with what became of its threads. */
import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { closingLine } from "../run/events.js";
import { partsIn, runProgram } from "../run/program.js";

export interface RunOptions {
  readonly file: string;
  /** What the program finds in `process.argv` after its own name. */
  readonly args: readonly string[];
  readonly cwd: string;
}

/** @returns the program's exit code, or 2 where there is no such file. */
export async function runCommand(options: RunOptions): Promise<number> {
  const file = resolve(options.cwd, options.file);
  if (!existsSync(file) || !statSync(file).isFile()) {
    process.stderr.write(`fearless-threads: there is no file ${options.file}\n`);
    return 2;
  }
  const parts = partsIn(dirname(fileURLToPath(import.meta.url)));
  const { args, cwd } = options;
  const run = runProgram({ file, args, cwd, node: process.execPath, parts, output: "inherit" }, () => {});
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => run.cancel());
  const summary = await run.summary;
  process.stderr.write(`${closingLine(summary)}\n`);
  return summary.exitCode;
}
