// What closures have of their file where the page is built with static items.
import { move, ThreadPool, thread } from "fearless-threads";
import * as squares from "./squares.js";
import { square } from "./squares.js";

const limit = 10;
enum Colour {
  Red = 1,
  Green,
}
function helper(n: number): number {
  return Math.min(square(n), limit);
}
function descend(n: number): number | Promise<number> {
  if (n === 0) return 0;
  return thread
    .spawn(move(n - 1), (n) => descend(n))
    .join()
    .then((result) => 1 + result.unwrap());
}

function equal(actual: unknown, expected: unknown): void {
  const [is, wanted] = [actual, expected].map((value) => JSON.stringify(value));
  if (is !== wanted) throw new Error(`expected ${wanted}, got ${is}`);
}

export const withItems: Readonly<Record<string, () => Promise<void>>> = {
  "gives a closure the imports, functions and constants of its file": async () => {
    const handle = thread.spawn(move(4), (n) => [helper(n), squares.square(n), Colour.Green]);
    equal((await handle.join()).unwrap(), [10, 16, 2]);
    equal((await thread.spawn(move(3), square).join()).unwrap(), 9);
  },
  "gives them to threads of threads, and to a pool": async () => {
    equal((await thread.spawn(move(2), (n) => descend(n)).join()).unwrap(), 2);
    await using pool = new ThreadPool({ size: 1 });
    equal(await pool.map([1, 2], (n) => helper(n)), [1, 4]);
  },
};
