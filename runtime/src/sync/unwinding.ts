let depth = 0;

/** Whether an error is on its way out of the scope whose resources are being disposed of. */
export function isUnwinding(): boolean {
  return depth > 0;
}

/** Disposes while an error is on its way out: a guard that is dropped now poisons its lock. */
export function unwinding<T>(dispose: () => T): T {
  depth++;
  try {
    return dispose();
  } finally {
    depth--;
  }
}

/** The key of the method by which a resource is told that an error is on its way out of its scope. */
export const unwound: unique symbol = Symbol("fearless-threads.unwound");

/** Tells a resource that is about to be disposed of, if it wants to know. */
export function tellUnwinding(resource: unknown): void {
  if (typeof resource === "object" && resource !== null && unwound in resource) {
    (resource as { [unwound](): void })[unwound]();
  }
}
