// A worker that ends in the way named by its data.
import { parentPort, workerData } from "node:worker_threads";

if (workerData === "throw") throw new Error("the worker failed");
if (workerData === "exit") process.exit(3);
if (workerData === "answer") parentPort.postMessage("an answer");
