import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { PoolKind } from "./pool.js";

export const piscina: PoolKind = {
  name: "piscina",
  side: "other",
  open: async (size) => {
    const filename = fileURLToPath(new URL("piscinaWorker.js", import.meta.url));
    const pool = new Piscina({ filename, minThreads: size, maxThreads: size });
    return {
      add: (n) => pool.run(n, { name: "add" }),
      echo: (value) => pool.run(value, { name: "echo" }),
      bounce: (bytes) => pool.run(bytes, { name: "bounce", transferList: [bytes.buffer] }),
      burn: (n) => pool.run(n, { name: "burn" }),
      close: () => pool.destroy(),
    };
  },
};
