import { fearlessPool, fearlessSpawn } from "./fearless.js";
import { multithreading } from "./multithreading.js";
import { piscina } from "./piscina.js";
import type { PoolKind } from "./pool.js";
import { poolifier } from "./poolifier.js";
import { raw } from "./raw.js";
import { tinypool } from "./tinypool.js";
import { workerPool } from "./workerpool.js";

const others: readonly PoolKind[] = [raw, piscina, tinypool, workerPool, poolifier, ...multithreading];

/** Everything that starts a thread and runs a task on it. */
export const spawners: readonly PoolKind[] = [fearlessSpawn, ...others];

/** Everything that runs many tasks on a few threads. */
export const pools: readonly PoolKind[] = [fearlessPool, ...others];
