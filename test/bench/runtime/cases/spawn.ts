import { assertResult, type Case, type Contender } from "../harness.js";
import { spawners } from "../pools/kinds.js";
import type { PoolKind } from "../pools/pool.js";
import { rust } from "../rust.js";
import { timesRaw } from "./bars.js";
import { inOwnProcess } from "./ownProcess.js";

export const spawnCold: Case = {
  id: "spawn-cold",
  title: "Spawn and join, the first of a process",
  unit: "ms",
  better: "less",
  rounds: 15,
  bar: timesRaw("≤", 1.15, "a raw worker"),
  contenders: [...inOwnProcess("cold"), ...rust("Rust, std::thread", "spawn-cold", () => 1)],
};

/** One task at a time, each after the one before. */
function oneByOne(kind: PoolKind): Contender {
  return {
    name: kind.name,
    side: kind.side,
    open: async (scale) => {
      const count = scale === "full" ? 300 : 3;
      const pool = await kind.open(1);
      for (let i = 0; i < count; i++) await pool.add(i);
      return {
        round: async () => {
          const start = performance.now();
          let sum = 0;
          for (let i = 0; i < count; i++) sum += await pool.add(i);
          const took = performance.now() - start;
          assertResult("sum", sum, (count * (count + 1)) / 2);
          return (took / count) * 1e3;
        },
        close: () => pool.close(),
      };
    },
  };
}

export const spawnWarm: Case = {
  id: "spawn-warm",
  title: "Spawn and join, when a worker is there",
  unit: "µs",
  better: "less",
  rounds: 31,
  bar: timesRaw("≤", 2, "a raw round trip to a living worker"),
  contenders: [
    ...spawners.map(oneByOne),
    ...rust("Rust, std::thread", "spawn-warm", (scale) => (scale === "full" ? 300 : 3)),
  ],
};
