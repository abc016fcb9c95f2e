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
