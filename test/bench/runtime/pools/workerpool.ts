import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { PoolKind } from "./pool.js";

export const workerPool: PoolKind = {
  name: "workerpool",
  side: "other",
  open: async (size) => {
    const file = fileURLToPath(new URL("workerpoolWorker.js", import.meta.url));
    const pool = workerpool.pool(file, { workerType: "thread", minWorkers: size, maxWorkers: size });
    return {
      add: async (n) => await pool.exec("add", [n]),
      echo: async (value) => await pool.exec("echo", [value]),
      bounce: async (bytes) => await pool.exec("bounce", [bytes], { transfer: [bytes.buffer] }),
      burn: async (n) => await pool.exec("burn", [n]),
      close: async () => {
        await pool.terminate();
      },
    };
  },
};
