import { assertResult, type Bar, type Case, type Contender } from "../harness.js";
import { spawners } from "../pools/kinds.js";
import type { PoolKind } from "../pools/pool.js";
import { rust } from "../rust.js";
import { timesRaw } from "./bars.js";

const MB = 1e6;

/** The bytes go to a thread, which changes one, and come back. */
function bounce(kind: PoolKind, bytes: number): Contender {
  return {
    name: kind.name,
    side: kind.side,
    open: async (scale) => {
      const pool = await kind.open(1);
      let buffer = new Uint8Array(scale === "full" ? bytes : 1000).fill(1);
      const size = buffer.length;
      return {
        round: async () => {
          const first = buffer[0] ?? 0;
          const start = performance.now();
          buffer = await pool.bounce(buffer);
          const took = performance.now() - start;
          assertResult(
            "size and bytes",
            `${buffer.length} ${buffer[0]} ${buffer.at(-1)}`,
            `${size} ${(first + 1) & 255} 1`,
          );
          return took;
        },
        close: () => pool.close(),
      };
    },
  };
}

function transfer(id: string, size: number, bar: { readonly bar?: Bar }): Case {
  return {
    id,
    title: `${size} MB given to a thread and back`,
    unit: "ms",
    better: "less",
    rounds: 31,
    ...bar,
    contenders: [
      ...spawners.map((kind) => bounce(kind, size * MB)),
      ...rust("Rust, std::thread", "transfer", (scale) => (scale === "full" ? size * MB : 1000)),
    ],
  };
}

export const transferSmall = transfer("transfer-1mb", 1, {});
export const transferLarge = transfer("transfer-64mb", 64, { bar: timesRaw("≤", 2, "raw") });

/** About 100 bytes each as structured clone writes them. */
function records(count: number) {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `record number ${id}`,
    price: id / 4,
    tags: ["a", "b", "c"],
  }));
}

function echo(kind: PoolKind): Contender {
  return {
    name: kind.name,
    side: kind.side,
    open: async (scale) => {
      const pool = await kind.open(1);
      const value = records(scale === "full" ? 10_000 : 10);
      return {
        round: async () => {
          const start = performance.now();
          const copy = await pool.echo(value);
          const took = performance.now() - start;
          assertResult("last record", JSON.stringify(copy.at(-1)), JSON.stringify(value.at(-1)));
          return took;
        },
        close: () => pool.close(),
      };
    },
  };
}

export const objectCopy: Case = {
  id: "object-1mb",
  title: "An object of 1 MB copied to a thread and back",
  unit: "ms",
  better: "less",
  rounds: 21,
  contenders: spawners.map(echo),
};
