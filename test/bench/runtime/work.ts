/** What the threads compute, for contenders whose workers are modules. */

/** @returns the number after `n`. */
export function add(n: number): number {
  return n + 1;
}

/** Keeps a core busy for `n` steps of a linear congruential generator. @returns its last number. */
export function burn(n: number): number {
  let x = 1;
  for (let i = 0; i < n; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  return x;
}

/** Touches a buffer, so that it is there in the thread that has it. */
export function touch(bytes: Uint8Array): Uint8Array {
  bytes[0] = ((bytes[0] ?? 0) + 1) & 255;
  return bytes;
}
