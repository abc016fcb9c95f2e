import { availableParallelism } from "node:os";
import { assertResult, type Case, type Contender } from "../harness.js";
import { pools } from "../pools/kinds.js";
import type { PoolKind } from "../pools/pool.js";
import { bestOfOthers } from "./bars.js";

/** Tasks that do next to nothing, so many under way at any time. */
function tasks(kind: PoolKind, concurrency: number, many: number): Contender {
  return {
    name: kind.name,
    side: kind.side,
    open: async (scale) => {
      const count = scale === "full" ? many : 16;
      const pool = await kind.open(Math.max(2, availableParallelism()));
      const round = async () => {
        let next = 0;
        let sum = 0;
        const start = performance.now();
        await Promise.all(
          Array.from({ length: concurrency }, async () => {
            while (next < count) {
              const given = await pool.add(next++);
              sum += given; // Not `sum += await …`, which reads the sum before it waits.
            }
          }),
        );
        const took = performance.now() - start;
        assertResult("sum", sum, (count * (count + 1)) / 2);
        return count / took;
      };
      await round();
      return { round, close: () => pool.close() };
    },
  };
}

// A pool of any kind is fast only once V8 has seen some 10,000 of its tasks.
const common = { unit: "k/s", better: "more", rounds: 15, warmUp: 4 } as const;

export const poolAlone: Case = {
  ...common,
  id: "pool-1",
  title: "Tasks of a pool, one under way at a time",
  contenders: pools.map((kind) => tasks(kind, 1, 4_000)),
};

export const poolBusy: Case = {
  ...common,
  id: "pool-8",
  title: "Tasks of a pool, eight under way",
  bar: bestOfOthers,
  contenders: pools.map((kind) => tasks(kind, 8, 8_000)),
};
