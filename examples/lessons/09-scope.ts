// Lesson 9: threads that cannot be forgotten.
//
// The scope ends when all threads that were started in it have ended, whatever happens in between.
//
// Prints:
//   halves: 10 and 26
//   the scope is over, and so are its threads
import { move, thread } from "fearless-threads";

const numbers = [1, 2, 3, 4, 5, 6, 7, 8];

const [left, right] = await thread.scope(async (s) => {
  const left = s.spawn(move(numbers.slice(0, 4)), (part) => part.reduce((sum, n) => sum + n, 0));
  const right = s.spawn(move(numbers.slice(4)), (part) => part.reduce((sum, n) => sum + n, 0));
  return [(await left.join()).unwrap(), (await right.join()).unwrap()];
});

console.log(`halves: ${left} and ${right}`);
console.log("the scope is over, and so are its threads");
