// Lesson 2: the handle is your only tie to a running thread.
//
// It waits (`join`), asks without waiting (`isFinished`), and gives you what the thread returned. The main thread goes on
// meanwhile; without the join it would reach its end first, and the thread would be killed in the middle of its work.
//
// Prints:
//   main: the thread runs, and so do I
//   main: finished already? false
//   main: the thread counted to 5
import { thread } from "fearless-threads";

const handle = thread.spawn(async () => {
  let count = 0;
  while (count < 5) {
    await thread.sleep(20);
    count += 1;
  }
  return count;
});

console.log("main: the thread runs, and so do I");
console.log(`main: finished already? ${handle.isFinished()}`);

const count = (await handle.join()).unwrap();
console.log(`main: the thread counted to ${count}`);
