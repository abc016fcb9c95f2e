/** One job of a check that has several: a thread with a compiler of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { createChecker } from "../checker/checker.js";
import { createConfigs } from "../config/find-config.js";
import { type JobAnswer, type JobData, takeBatch } from "./jobs.js";
import { checkBatch } from "./outcome.js";

const { cwd, batches, counter } = workerData as JobData;
const checker = createChecker({ cwd });
const configs = createConfigs();
try {
  for (let index = takeBatch(counter); index < batches.length; index = takeBatch(counter)) {
    const answer: JobAnswer = { outcomes: await checkBatch(batches[index] ?? [], { checker, configs }) };
    parentPort?.postMessage(answer);
  }
} finally {
  await checker.dispose();
}
