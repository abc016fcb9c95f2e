import { type Library, library } from "./multithreadingLibrary.js";
import type { PoolKind } from "./pool.js";

/** What its `join` gives. @throws what the thread threw. */
function unwrap<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (result.ok) return result.value;
  throw result.error;
}

const kind = ({ initRuntime, move, shutdown, spawn }: Library): PoolKind => ({
  name: "multithreading",
  side: "other",
  open: async (size) => {
    initRuntime({ maxWorkers: size });
    return {
      add: async (n) => unwrap(await spawn(move(n), (n) => n + 1).join()),
      echo: async (value) => unwrap(await spawn(move(value), (value) => value).join()),
      bounce: async (bytes) => {
        const handle = spawn(move(bytes), (bytes) => {
          bytes[0] = ((bytes[0] ?? 0) + 1) & 255;
          return bytes;
        });
        return unwrap(await handle.join());
      },
      burn: async (n) => {
        const handle = spawn(move(n), (n) => {
          let x = 1;
          for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
          return x;
        });
        return unwrap(await handle.join());
      },
      close: async () => shutdown(),
    };
  },
});

/** The one kind, or none where it does not run. */
export const multithreading: readonly PoolKind[] = library === undefined ? [] : [kind(library)];
