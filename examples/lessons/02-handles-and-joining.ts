// Lesson 2: the handle is your only tie to a running thread.
//
// It waits (`join`), asks without waiting (`isFinished`), and gives you what the thread returned. The main thread goes on
// meanwhile; without the join it would reach its end first, and the thread would be killed in the middle of its work.
//
// Prints:
//   main: the thread runs, and so do I
//   main: finished already? false
//   main: the thread found 9592 primes
import { thread } from "fearless-threads";

const handle = thread.spawn(() => {
  let primes = 0;
  for (let n = 2; n < 100_000; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor += 1;
    if (divisor * divisor > n) primes += 1;
  }
  return primes;
});

console.log("main: the thread runs, and so do I");
console.log(`main: finished already? ${handle.isFinished()}`);

const primes = (await handle.join()).unwrap();
console.log(`main: the thread found ${primes} primes`);
