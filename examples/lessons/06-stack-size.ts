// Lesson 6: a thread's stack has a size, and you can choose it.
//
// Every call that has not returned yet takes a piece of the stack. The same recursion overflows a small one, which is a
// panic like any other, and goes well in a big one. The name shows in the panic.
//
// Prints:
//   'small', 1 MiB: stack-overflow
//   'big', 64 MiB: 100000 calls deep
import { move, thread } from "fearless-threads";

const mebibyte = 1024 * 1024;

async function dive(name: string, stackMebibytes: number): Promise<string> {
  const builder = new thread.Builder().name(name).stackSize(stackMebibytes * mebibyte);
  const spawned = builder.spawn(move(100_000), (depth) => {
    const down = (n: number): number => (n === 0 ? 0 : 1 + down(n - 1));
    return down(depth);
  });
  // A size that the platform refuses is an `Err` here, and no crash.
  const result = await spawned.unwrap().join();
  return result.ok ? `${result.value} calls deep` : result.error.kind;
}

console.log(`'small', 1 MiB: ${await dive("small", 1)}`);
console.log(`'big', 64 MiB: ${await dive("big", 64)}`);
