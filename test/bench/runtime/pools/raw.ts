import { Worker } from "node:worker_threads";
import type { Pool, PoolKind } from "./pool.js";

export type RawTask = readonly [id: number, task: "add" | "echo" | "bounce" | "burn", value: unknown];

/** The least that a pool can be: workers in turn, and a map of who waits for which answer. */
export const raw: PoolKind = {
  name: "node:worker_threads",
  side: "raw",
  open: async (size) => {
    const waiting = new Map<number, (value: unknown) => void>();
    const workers = Array.from({ length: size }, () => {
      const worker = new Worker(new URL("rawWorker.js", import.meta.url));
      worker.on("message", ([id, value]: [number, unknown]) => {
        waiting.get(id)?.(value);
        waiting.delete(id);
      });
      return worker;
    });
    let next = 0;
    const run = <T>(task: RawTask[1], value: unknown, transfer: readonly ArrayBuffer[] = []) =>
      new Promise<T>((resolve) => {
        const id = next++;
        waiting.set(id, (value) => resolve(value as T));
        workers[id % size]?.postMessage([id, task, value] satisfies RawTask, transfer);
      });
    const pool: Pool = {
      add: (n) => run("add", n),
      echo: (value) => run("echo", value),
      bounce: (bytes) => run("bounce", bytes, [bytes.buffer]),
      burn: (n) => run("burn", n),
      close: async () => {
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
    return pool;
  },
};
