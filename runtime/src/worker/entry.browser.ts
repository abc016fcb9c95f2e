import { isolation } from "../browser/isolation.js";
import { workerCode } from "../browser/worker.js";
import { SpawnError } from "../errors.js";

/** @throws SpawnError where a worker could not share memory with this thread. */
export function assertCanStart(): void {
  if (globalThis.SharedArrayBuffer === undefined) throw new SpawnError(isolation);
}

export const importModule = (url: string): Promise<Record<string, unknown>> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ url);

export { libraryItself } from "../browser/importing.js";

/** A worker's code has all of the library in it. */
export function bringWhole(): void {}

export function libraryForWorker(): undefined {}

export function shareCode(): void {}

/** Where a worker's code is. */
export function workerEntry(): string {
  return workerCode();
}
