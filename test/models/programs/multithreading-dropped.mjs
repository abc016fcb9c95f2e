// A handle that nobody joins, in one of the ways named by the argument.
import { initRuntime, shutdown, spawn } from "multithreading";

initRuntime({ maxWorkers: 1 });
const [, , way] = process.argv;
const done = () => process.stdout.write("the thread is done\n");
if (way === "abort") {
  spawn(() => 1).abort();
  setTimeout(() => process.stdout.write("main goes on\n"), 300);
} else if (way === "throw") {
  spawn(() => {
    throw new Error("lost");
  });
  setTimeout(() => process.stdout.write("main goes on\n", () => process.exit(0)), 1000);
} else if (way === "shutdown") {
  const { join } = spawn(async () => await new Promise((resolve) => setTimeout(resolve, 300)));
  setTimeout(shutdown, 100);
  join().then(done);
} else {
  // The pool keeps the process alive: the thread comes to its end although main did before.
  const { join } = spawn(async () => await new Promise((resolve) => setTimeout(resolve, 300)));
  process.stdout.write("main is done\n");
  join().then(() => process.stdout.write("the thread is done\n", () => process.exit(0)));
}
