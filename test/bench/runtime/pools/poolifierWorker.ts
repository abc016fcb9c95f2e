import { ThreadWorker } from "poolifier";
import { add, burn, touch } from "../work.js";

// Its pool finds the tasks by itself once the worker is made.
new ThreadWorker({
  add: (n?: unknown) => add(n as number),
  burn: (n?: unknown) => burn(n as number),
  echo: (value?: unknown) => value,
  bounce: (bytes?: unknown) => touch(bytes as Uint8Array),
});
