import { type JoinHandle, type Moved, move, ThreadPool, thread } from "fearless-threads";
import type { Pool, PoolKind } from "./pool.js";

type Spawn = <M extends Moved, R>(moved: M, f: (...parameters: M["values"]) => R) => JoinHandle<Awaited<R>>;

function open(spawn: Spawn, close: () => Promise<void>): Pool {
  return {
    add: async (n) => (await spawn(move(n), (n) => n + 1).join()).unwrap(),
    // The types ask whether the value can be sent, which they cannot know of any `T`.
    echo: async <T>(value: T) => (await spawn(move<readonly unknown[]>(value), (value) => value).join()).unwrap() as T,
    bounce: async (bytes) => {
      const handle = spawn(move(bytes), (bytes) => {
        bytes[0] = ((bytes[0] ?? 0) + 1) & 255;
        return bytes;
      });
      return (await handle.join()).unwrap();
    },
    burn: async (n) => {
      const handle = spawn(move(n), (n) => {
        let x = 1;
        for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
        return x;
      });
      return (await handle.join()).unwrap();
    },
    close,
  };
}

/** A thread for each task. */
export const fearlessSpawn: PoolKind = {
  name: "fearless-threads, thread.spawn",
  side: "ours",
  open: async () => open(thread.spawn, async () => {}),
};

/** So many threads for all tasks. */
export const fearlessPool: PoolKind = {
  name: "fearless-threads, ThreadPool",
  side: "ours",
  open: async (size) => {
    const pool = new ThreadPool({ size });
    return open(pool.spawn.bind(pool), () => pool[Symbol.asyncDispose]());
  },
};
