// Lesson 5: a thread that fails does not take the program with it.
//
// What it throws is a panic. It ends that thread alone and waits for you in the Result of `join`; the line about it on
// stderr comes from the library.
//
// Prints:
//   Thread panicked: Oops
//   The other one returned 42
import { thread } from "fearless-threads";

const clumsy = thread.spawn(() => {
  throw new Error("Oops");
});
const careful = thread.spawn(() => 42);

const result = await clumsy.join();
if (result.ok) {
  console.log("Thread finished normally");
} else {
  console.log(`Thread panicked: ${result.error.message}`);
}

console.log(`The other one returned ${(await careful.join()).unwrapOr(0)}`);
