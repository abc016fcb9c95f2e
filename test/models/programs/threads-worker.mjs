// What `threads.mjs` starts.
import { expose } from "threads/worker";

expose({
  add: (a, b) => a + b,
  fail() {
    throw new Error("the task failed");
  },
  size: (buffer) => buffer.byteLength,
});
