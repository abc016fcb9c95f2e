// Pitfall 2: the thread uses a variable of its parent, and nobody moved it there.
//
// To TypeScript this is an ordinary closure. In the thread `v` does not exist: it panics with a ReferenceError.
import { thread } from "fearless-threads";

async function main(): Promise<void> {
  const v = [1, 2, 3];
  const handle = thread.spawn(() => {
    console.log("Vector:", v);
  });
  (await handle.join()).unwrap();
}

await main();
