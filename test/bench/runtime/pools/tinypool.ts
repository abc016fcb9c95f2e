import { fileURLToPath } from "node:url";
import { Tinypool } from "tinypool";
import type { PoolKind } from "./pool.js";

export const tinypool: PoolKind = {
  name: "tinypool",
  side: "other",
  open: async (size) => {
    const filename = fileURLToPath(new URL("tinypoolWorker.js", import.meta.url));
    const pool = new Tinypool({ filename, minThreads: size, maxThreads: size });
    return {
      add: (n) => pool.run(n, { name: "add" }),
      echo: (value) => pool.run(value, { name: "echo" }),
      bounce: (bytes) => pool.run(bytes, { name: "bounce", transferList: [bytes.buffer] }),
      burn: (n) => pool.run(n, { name: "burn" }),
      close: () => pool.destroy(),
    };
  },
};
