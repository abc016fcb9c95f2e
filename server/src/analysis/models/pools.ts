/**
 * The roles of libraries that hand tasks to workers, by what these versions do when they run: piscina 5.3, tinypool 2.2,
 * workerpool 10.0, poolifier 5.3, comlink 4.4 and threads 1.7; `test/models` asserts it.
 */
import type { LibraryModel, Role } from "./model.js";

const task = {
  kind: "task",
  data: 0,
  transfers: { argument: 1, field: "transferList" },
  unheard: "a task that fails rejects this promise, and a rejection that nobody hears of ends the process",
} as const satisfies Role;
const move: Role = { kind: "mark" };
const keptAlive = "its workers keep the process alive: the program does not end by itself";
const poolsOfThreads = ["FixedThreadPool", "DynamicThreadPool"];
const listed: Role = { ...task, transfers: { argument: 3 }, clonedBy: poolsOfThreads };
const poolifier = { kind: "pool", ends: ["destroy"], unended: keptAlive } as const satisfies Role;
const lost = "a task that fails rejects a promise of this library's own: where nobody hears of it, nobody is told";

export const poolLibraries: readonly LibraryModel[] = [
  {
    package: "piscina",
    importedOnly: true,
    callables: { "Piscina.run": task, "Piscina.move": move, move },
    types: {},
  },
  {
    package: "tinypool",
    importedOnly: true,
    callables: { "Tinypool.run": task, "Tinypool.move": move },
    types: {},
  },
  {
    package: "workerpool",
    importedOnly: true,
    callables: {
      pool: {
        kind: "pool",
        ends: ["terminate"],
        unended: keptAlive,
      },
      "Pool.exec": {
        kind: "task",
        data: 1,
        closure: 0,
        transfers: { argument: 2, field: "transfer" },
        unheard: lost,
      },
    },
    types: {},
  },
  {
    package: "poolifier",
    importedOnly: true,
    callables: {
      ...Object.fromEntries(poolsOfThreads.map((name) => [`new ${name}`, poolifier])),
      // What the list names goes with the first task of several.
      ...Object.fromEntries(
        ["AbstractPool", "IPool"].flatMap((owner) =>
          ["execute", "mapExecute"].map((name) => [`${owner}.${name}`, listed]),
        ),
      ),
    },
    types: {},
  },
  {
    package: "comlink",
    importedOnly: true,
    callables: {
      wrap: { kind: "remote", marks: ["proxy", "transfer"] },
      transfer: { kind: "post" },
    },
    types: {},
  },
  {
    package: "threads",
    importedOnly: true,
    callables: {
      "new Worker": { kind: "worker", host: "node" },
      spawn: {
        kind: "remote",
        marks: ["Transfer"],
        unheard: lost,
        life: {
          end: "Thread.terminate",
          unended: "its worker lives on, and keeps a process of Node alive: the program does not end by itself",
        },
        exposed: {
          by: "expose",
          otherwise:
            "`spawn` waits ten seconds for `expose` in the worker's file, and rejects then; the worker runs on",
        },
      },
      Pool: {
        kind: "pool",
        ends: ["terminate"],
        unended: keptAlive,
        queue: { method: "queue", watched: ["completed", "settled", "events"], unheard: lost },
      },
      Transfer: { kind: "post", alone: "moved" },
    },
    types: {},
  },
];
