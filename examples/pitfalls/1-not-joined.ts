// Pitfall 1: nobody joins the thread.
//
// The program prints nothing: main reaches its end first, and the thread is killed before it says hello.
import { thread } from "fearless-threads";

async function main(): Promise<void> {
  thread.spawn(() => {
    console.log("Hello from thread");
  });
}

await main();
