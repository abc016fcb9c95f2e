import { isolation } from "../browser/isolation.js";
import { workerCode } from "../browser/worker.js";
import { SpawnError } from "../errors.js";

/** The file that a worker starts with. @throws SpawnError where it could not share memory with this one. */
export function workerEntry(): string {
  if (globalThis.SharedArrayBuffer === undefined) throw new SpawnError(isolation);
  return workerCode();
}
