import { parentPort } from "node:worker_threads";
import { add, burn, touch } from "../work.js";
import type { RawTask } from "./raw.js";

parentPort?.on("message", ([id, task, value]: RawTask) => {
  switch (task) {
    case "add":
      parentPort?.postMessage([id, add(value as number)]);
      return;
    case "burn":
      parentPort?.postMessage([id, burn(value as number)]);
      return;
    case "echo":
      parentPort?.postMessage([id, value]);
      return;
    case "bounce": {
      const bytes = touch(value as Uint8Array) as Uint8Array<ArrayBuffer>;
      parentPort?.postMessage([id, bytes], [bytes.buffer]);
      return;
    }
    default:
      task satisfies never;
  }
});
