import { assertResult, type Case, type Contender } from "../harness.js";
import { spawners } from "../pools/kinds.js";
import type { PoolKind } from "../pools/pool.js";
import { rust } from "../rust.js";
import { burn } from "../work.js";

const steps = { full: 20_000_000, tiny: 1_000 } as const;

/** Two jobs one after the other, and the same two at once. */
function speedUpOf(kind: PoolKind): Contender {
  return {
    name: kind.name,
    side: kind.side,
    open: async (scale) => {
      const pool = await kind.open(2);
      const expected = burn(steps[scale]);
      // Each worker has seen the job: what is measured is not the compiler at work.
      await Promise.all([1, 2, 3, 4].map(() => pool.burn(steps[scale])));
      return {
        round: async () => {
          const start = performance.now();
          const sums = [await pool.burn(steps[scale]), await pool.burn(steps[scale])];
          const between = performance.now();
          sums.push(...(await Promise.all([pool.burn(steps[scale]), pool.burn(steps[scale])])));
          const end = performance.now();
          for (const sum of sums) assertResult("last number", sum, expected);
          return (between - start) / (end - between);
        },
        close: () => pool.close(),
      };
    },
  };
}

export const speedUp: Case = {
  id: "speed-up",
  title: "Two jobs at once, beside one after the other",
  unit: "×",
  better: "more",
  rounds: 11,
  contenders: [...spawners.map(speedUpOf), ...rust("Rust, std::thread", "speed-up", (scale) => steps[scale])],
};
