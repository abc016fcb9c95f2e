/** Runs a program of `programs/` with the Node that runs the tests, or another one. */
import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** This Node, and those named in the environment. */
export const nodes = [process.execPath, ...(process.env.FEARLESS_THREADS_NODES ?? "").split(delimiter).filter(Boolean)];

export function runProgram(name: string, args: readonly string[] = [], node = process.execPath): Promise<Ran> {
  const path = (file: string): string => fileURLToPath(new URL(`programs/${file}`, import.meta.url));
  const preload = new URL("programs/globals.mjs", import.meta.url).href;
  const child = spawn(node, ["--import", preload, path(name), ...args], {
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
