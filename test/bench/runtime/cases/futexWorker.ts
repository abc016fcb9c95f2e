import { parentPort } from "node:worker_threads";
import { addLocked } from "../futex.js";

parentPort?.on("message", ({ cells, count }: { cells: Int32Array; count: number }) => {
  addLocked(cells, count);
  parentPort?.postMessage("done");
});
