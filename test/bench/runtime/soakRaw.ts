// What the soak compares with: the loads that kill workers, with Node's own, a round each time that it is told to.
import { Worker } from "node:worker_threads";
import { memory } from "./soakMemory.js";

const endless = "for (;;);";
const options = { eval: true, execArgv: [] };

const loads: readonly (() => Promise<unknown>)[] = [
  () => killOnline(endless),
  () => ended(new Worker("process.exit(3)", options)),
  () => ended(new Worker("", options)),
  () =>
    killOnline(`const { Worker, parentPort } = require("node:worker_threads");
      new Worker(${JSON.stringify(endless)}, { eval: true }).on("online", () => parentPort.postMessage(0));`),
];

function ended(worker: Worker): Promise<unknown> {
  return new Promise((done) => worker.on("exit", done));
}

function killOnline(text: string): Promise<unknown> {
  const worker = new Worker(text, options);
  worker.on(text.includes("postMessage") ? "message" : "online", () => void worker.terminate());
  return ended(worker);
}

process.on("message", async (what) => {
  if (what === "round") for (const load of loads) await load();
  process.send?.(what === "round" ? {} : await memory());
});
