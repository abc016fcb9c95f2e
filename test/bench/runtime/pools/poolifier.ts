import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import type { PoolKind } from "./pool.js";

export const poolifier: PoolKind = {
  name: "poolifier",
  side: "other",
  open: async (size) => {
    const file = fileURLToPath(new URL("poolifierWorker.js", import.meta.url));
    const pool = new FixedThreadPool<unknown, unknown>(size, file);
    return {
      add: async (n) => (await pool.execute(n, "add")) as number,
      echo: async <T>(value: T) => (await pool.execute(value, "echo")) as T,
      // What comes back is copied: it has no way to transfer it.
      bounce: async (bytes) =>
        (await pool.execute(bytes, "bounce", undefined, [bytes.buffer])) as Uint8Array<ArrayBuffer>,
      burn: async (n) => (await pool.execute(n, "burn")) as number,
      // It waits for ever where a worker has ended by itself meanwhile.
      close: () => Promise.race([pool.destroy(), setTimeout(2_000)]),
    };
  },
};
