// Pitfall 3: threads change a value that they only seem to share.
//
// Each of them adds one to a copy of its own. The program prints 0 where four threads have counted.
import { move, thread } from "fearless-threads";

async function main(): Promise<void> {
  let counter = 0;
  const handles = [];
  for (let i = 0; i < 4; i++) {
    handles.push(
      thread.spawn(move(counter), (counter) => {
        counter += 1;
      }),
    );
  }
  for (const handle of handles) (await handle.join()).unwrap();
  console.log("Result:", counter);
}

await main();
