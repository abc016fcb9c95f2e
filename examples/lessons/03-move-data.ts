// Lesson 3: a thread gets its data by `move`, and sees nothing else of yours.
//
// Plain data is copied. A buffer changes hands: the thread has it, and what is left here is empty.
//
// Prints:
//   thread: the list is 1, 2, 3
//   main: the buffer has 0 bytes here now
//   main: it had 1048576 in the thread
import { move, thread } from "fearless-threads";

const list = [1, 2, 3];
const printer = thread.spawn(move(list), (list) => {
  console.log(`thread: the list is ${list.join(", ")}`);
});
(await printer.join()).unwrap();

const buffer = new ArrayBuffer(1024 * 1024);
const measurer = thread.spawn(move(buffer), (buffer) => buffer.byteLength);
// fearless-threads-ignore use-after-move: this line shows that nothing is left of it here
console.log(`main: the buffer has ${buffer.byteLength} bytes here now`);

const bytes = (await measurer.join()).unwrap();
console.log(`main: it had ${bytes} in the thread`);
