// Starts a worker that ends in the second argument's way, and hears of it in the first one's.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const [, , hears, ends] = process.argv;
const say = (text) => process.stdout.write(`${text}\n`);
const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData: ends });
if (hears === "message") {
  const answer = await new Promise((resolve) => worker.once("message", resolve));
  say(`settled: ${answer}`);
} else if (hears === "error and exit") {
  const answer = new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker ended with code ${code}`)));
  });
  say(
    await answer.then(
      (value) => `settled: ${value}`,
      (error) => `rejected: ${error.message}`,
    ),
  );
} else if (hears === "once exit") {
  say(
    await once(worker, "exit").then(
      ([code]) => `exit ${code}`,
      (error) => `rejected: ${error.message}`,
    ),
  );
} else if (hears === "ends at once") {
  worker.on("message", say);
  worker.postMessage("go");
  await worker.terminate();
  say("ended");
} else {
  setTimeout(() => say("main goes on"), 500);
}
