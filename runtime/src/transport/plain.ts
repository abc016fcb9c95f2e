import { isHandle } from "./handle.js";
import { isBuffer } from "./platform.js";

/** How deep a value may be, and how many objects may be in it, before it is looked at in the way that ends on any. */
const maxDepth = 100;
const maxObjects = 1_000_000;

let left = 0;

export function isPlainPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}

/**
 * Whether a value is certainly nothing but primitives, arrays and plain objects, which structured clone carries as they
 * are. Most are; to see it takes a third of the time that looking for what else there may be does. Of a cycle it is not
 * certain.
 */
export function isPlainData(value: unknown): boolean {
  left = maxObjects;
  return isPlain(value, 0);
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value !== "object") return typeof value !== "function" && typeof value !== "symbol";
  if (value === null) return true;
  if (depth > maxDepth || --left < 0 || isHandle(value)) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false;
  return true;
}

/** How many pieces of memory are compared with each other. */
const maxPieces = 16;

/**
 * The memory to transfer with a value that is certainly nothing but primitives and views of memory, by itself or in an array:
 * what closures are given most, besides plain data. To see it takes none of the sets that a survey makes. Nothing where it
 * is not certain, and an empty list where there are only primitives.
 */
export function memoryOf(value: unknown): readonly ArrayBuffer[] | undefined {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const found: ArrayBuffer[] = [];
  for (let i = 0; i < values.length; i++) {
    const item = values[i];
    if (isPlainPrimitive(item)) continue;
    const buffer = memoryBehind(item);
    if (buffer === undefined) return undefined;
    if (found.includes(buffer)) continue;
    if (found.length === maxPieces) return undefined;
    found.push(buffer);
  }
  return found;
}

/** What a view shows, where it can be transferred; of length 0, it may have been transferred before. */
function memoryBehind(view: unknown): ArrayBuffer | undefined {
  if (!ArrayBuffer.isView(view) || isBuffer(view)) return undefined;
  const { buffer } = view;
  return buffer instanceof ArrayBuffer && buffer.byteLength > 0 ? buffer : undefined;
}
