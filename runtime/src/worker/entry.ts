import { SpawnError } from "../errors.js";
import { existsSync } from "./node.js";

const entry = new URL("./library.cjs", import.meta.url);
let found = false;

/** The file that a worker starts with. @throws SpawnError where a bundler has taken this file and left that one behind. */
export function workerEntry(): URL {
  found ||= existsSync(entry);
  if (found) return entry;
  throw new SpawnError(
    `the worker's file is not at ${entry.href}: a bundler has taken the library apart; keep "fearless-threads" out of the bundle (mark it as external)`,
  );
}

/** @throws SpawnError as `workerEntry` does: before anything is moved to a thread that cannot start. */
export function assertCanStart(): void {
  workerEntry();
}
