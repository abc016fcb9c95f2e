/** Rust's own threads, where its compiler is on the machine. */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contender, Scale } from "./harness.js";

const run = promisify(execFile);
const source = fileURLToPath(new URL("../rust/main.rs", import.meta.url));
const program = fileURLToPath(new URL(process.platform === "win32" ? "rust.exe" : "rust", import.meta.url));

/** The compiler's version, where there is one. */
export const rustVersion: string | undefined = spawnSync("rustc", ["--version"], { encoding: "utf8" }).stdout?.trim();

let compiled: Promise<unknown> | undefined;

/**
 * A round is one run of the program, which checks what it computes and prints the figure in the unit of the case.
 *
 * @param what The program's first argument; the second is `count` of the scale.
 * @returns no contender where there is no compiler.
 */
export function rust(name: string, what: string, count: (scale: Scale) => number): readonly Contender[] {
  if (rustVersion === undefined) return [];
  const open = async (scale: Scale) => {
    compiled ??= run("rustc", ["-O", "--edition", "2021", "-o", program, source]);
    await compiled;
    return {
      round: async () => Number((await run(program, [what, String(count(scale))])).stdout),
      close: () => {},
    };
  };
  return [{ name, side: "other", open }];
}
