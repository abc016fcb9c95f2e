// Lesson 1: start a thread, and wait for it.
//
// `thread.spawn` starts the function on a thread of its own. `join` waits until that thread has ended.
//
// Prints:
//   Hello from a thread!
import { thread } from "fearless-threads";

const handle = thread.spawn(() => {
  console.log("Hello from a thread!");
});

(await handle.join()).unwrap();
