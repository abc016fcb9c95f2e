// Starts `waits.mjs`, changes its word, and sends a notification if the argument says so.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const memory = new SharedArrayBuffer(4);
const cells = new Int32Array(memory);
const worker = new Worker(new URL("waits.mjs", import.meta.url), { workerData: memory });
await once(worker, "message");
await new Promise((resolve) => setTimeout(resolve, 1000));
Atomics.store(cells, 0, 1);
if (process.argv[2] === "notify") Atomics.notify(cells, 0);
const woken = once(worker, "message").then(([how]) => how);
const late = new Promise((resolve) => setTimeout(resolve, 500, "still asleep"));
process.stdout.write(`${await Promise.race([woken, late])}\n`, () => process.exit(0));
