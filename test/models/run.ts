/** Runs a program of `programs/` with the Node that runs the tests. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runProgram(name: string, args: readonly string[] = []): Promise<Ran> {
  const path = (file: string): string => fileURLToPath(new URL(`programs/${file}`, import.meta.url));
  const preload = new URL("programs/globals.mjs", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", preload, path(name), ...args], {
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
