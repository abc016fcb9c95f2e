import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Pool, PoolKind } from "./pool.js";

/** What Piscina and Tinypool, which comes from it, have in common. */
interface Runner {
  run(task: unknown, options: { readonly name: string; readonly transferList?: ArrayBuffer[] }): Promise<unknown>;
  destroy(): Promise<void>;
}

export function asPool(runner: Runner): Pool {
  const run = <T>(name: string, task: unknown, transferList: ArrayBuffer[] = []) =>
    runner.run(task, { name, transferList }) as Promise<T>;
  return {
    add: (n) => run("add", n),
    echo: (value) => run("echo", value),
    bounce: (bytes) => run("bounce", bytes, [bytes.buffer]),
    burn: (n) => run("burn", n),
    close: () => runner.destroy(),
  };
}

export const piscina: PoolKind = {
  name: "piscina",
  side: "other",
  open: async (size) => {
    const filename = fileURLToPath(new URL("piscinaWorker.js", import.meta.url));
    return asPool(new Piscina({ filename, minThreads: size, maxThreads: size }));
  },
};
