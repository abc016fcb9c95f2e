import { isolation } from "../browser/isolation.js";
import { workerCode } from "../browser/worker.js";
import { SpawnError } from "../errors.js";

/** @throws SpawnError where a worker could not share memory with this thread. */
export function assertCanStart(): void {
  if (globalThis.SharedArrayBuffer === undefined) throw new SpawnError(isolation);
}

/** Where a worker's code is. */
export function workerEntry(): string {
  return workerCode();
}
