import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import { asPool } from "./piscina.js";
import type { PoolKind } from "./pool.js";

export const tinypool: PoolKind = {
  name: "tinypool",
  side: "other",
  open: async (size) => {
    const filename = fileURLToPath(new URL("tinypoolWorker.js", import.meta.url));
    return asPool(new Tinypool({ filename, minThreads: size, maxThreads: size }));
  },
};
