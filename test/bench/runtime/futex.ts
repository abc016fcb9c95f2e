/** The least that a lock can be: free, held, or held and waited for. What the library's own is measured beside. */
export function lock(cells: Int32Array): void {
  if (Atomics.compareExchange(cells, 0, 0, 1) === 0) return;
  while (Atomics.exchange(cells, 0, 2) !== 0) Atomics.wait(cells, 0, 2);
}

export function unlock(cells: Int32Array): void {
  if (Atomics.exchange(cells, 0, 0) === 2) Atomics.notify(cells, 0, 1);
}

/** Adds one to the second cell, so often, each time under the lock. */
export function addLocked(cells: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    lock(cells);
    cells[1] = (cells[1] ?? 0) + 1;
    unlock(cells);
  }
}
