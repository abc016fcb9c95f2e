/** One job of a check that has several: a thread with a compiler of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { createChecker } from "../checker/checker.js";
import { createConfigs } from "../config/find-config.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import { type JobAnswer, type JobData, type JobStopped, takeBatch } from "./jobs.js";
import { checkBatch } from "./outcome.js";

const { cwd, batches, counter } = workerData as JobData;
const checker = createChecker({ cwd });
const configs = createConfigs();
try {
  for (let index = takeBatch(counter); index < batches.length; index = takeBatch(counter)) {
    const answer: JobAnswer = { outcomes: await checkBatch(batches[index] ?? [], { checker, configs }) };
    parentPort?.postMessage(answer);
  }
} catch (error) {
  if (!(error instanceof CompilerUnavailable)) throw error;
  const { reason, message } = error;
  parentPort?.postMessage({ stopped: { reason, message } } satisfies JobStopped);
} finally {
  await checker.dispose();
}
