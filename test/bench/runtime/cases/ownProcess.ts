import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Contender } from "../harness.js";
import { spawners } from "../pools/kinds.js";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../one.js", import.meta.url));

/** Everything that starts threads, each round in a new process. */
export function inOwnProcess(what: "cold" | "memory"): readonly Contender[] {
  return spawners.map(({ name, side }) => ({
    name,
    side,
    open: () => ({
      round: async () =>
        Number((await run(process.execPath, ["--expose-gc", "--no-warnings", script, what, name])).stdout),
      close: () => {},
    }),
  }));
}
