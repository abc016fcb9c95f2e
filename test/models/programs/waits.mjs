// Waits on memory that its starter changes, with or without a notification.
import { parentPort, workerData } from "node:worker_threads";

const cells = new Int32Array(workerData);
parentPort.postMessage("waits");
parentPort.postMessage(Atomics.wait(cells, 0, 0));
