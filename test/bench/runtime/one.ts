/** A round that needs a process of its own: what a first thread costs, and what an idle one keeps. Prints the figure. */
import { setTimeout } from "node:timers/promises";
import { assertResult } from "./harness.js";
import { spawners } from "./pools/kinds.js";

const [what, name] = process.argv.slice(2);
const kind = spawners.find((kind) => kind.name === name);
if (kind === undefined) throw new Error(`there is no ${name}`);

switch (what) {
  case "cold": {
    const start = performance.now();
    const pool = await kind.open(1);
    assertResult("n + 1", await pool.add(41), 42);
    console.log(performance.now() - start);
    break;
  }
  case "memory": {
    // So many that what the first one makes the process keep weighs little.
    const threads = 8;
    const before = await settledMemory();
    const pool = await kind.open(threads);
    const numbers = Array.from({ length: threads }, (_, i) => i);
    const sums = await Promise.all(numbers.map((n) => pool.add(n)));
    assertResult("n + 1", sums.join(), numbers.map((n) => n + 1).join());
    console.log(((await settledMemory()) - before) / threads / 1e6);
    break;
  }
  default:
    throw new Error(`there is no case ${what}`);
}

// How a pool is closed is not what is measured; some take long.
process.exit();

/** Bytes that the process has in memory once it is idle. */
async function settledMemory(): Promise<number> {
  await setTimeout(100);
  globalThis.gc?.();
  await setTimeout(50);
  return process.memoryUsage.rss();
}
