import { SpawnError } from "../errors.js";
import { Moved } from "../transport/move.js";

type AnyFunction = (...parameters: never[]) => unknown;

/** The two forms of `spawn` in one. @throws SpawnError for anything else. */
export function spawnArguments(first: unknown, second: unknown): { moved: Moved | undefined; f: AnyFunction } {
  if (first instanceof Moved) return { moved: first, f: asFunction(second) };
  if (second !== undefined) {
    throw new SpawnError("the first argument of spawn must be move(…) where there are two: spawn(move(v), (v) => …)");
  }
  return { moved: undefined, f: asFunction(first) };
}

function asFunction(value: unknown): AnyFunction {
  if (typeof value === "function") return value as AnyFunction;
  throw new SpawnError(`spawn takes a function, but was given ${value === null ? "null" : typeof value}`);
}
