/** `dump`: the middle form of a file, for whoever writes a rule. */
import { resolve } from "node:path";
import { dump as dumpModule } from "../analysis/mir/dump.js";
import { createChecker } from "../checker/checker.js";
import { toSlashes } from "../render/paths.js";

export async function dump(file: string, cwd: string): Promise<0 | 2> {
  const path = toSlashes(resolve(cwd, file));
  const checker = createChecker({ cwd });
  try {
    checker.look([path]);
    const module = await checker.lower(path);
    if (module === undefined) {
      process.stderr.write(`fearless-threads: ${file}: not a file that TypeScript reads\n`);
      return 2;
    }
    process.stdout.write(`${dumpModule(module).trimEnd()}\n`);
    return 0;
  } finally {
    await checker.dispose();
  }
}
