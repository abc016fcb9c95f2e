/**
 * `--jobs`: several threads, each with a compiler of its own, take turns at the batches of files.
 *
 * A thread takes the next batch when it has finished one, by a counter that all of them share, so that one slow batch
 * keeps nobody waiting. What comes out does not depend on who checked what: each file's findings are its own.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { optimize } from "../tier-up.js";
import { CompilerUnavailable, type UnavailableReason } from "../typescript/compiler/unavailable.js";
import { batchesOf, batchSize, type Checking, checkBatch, type Outcome } from "./outcome.js";

export interface JobData {
  readonly cwd: string;
  readonly batches: readonly (readonly string[])[];
  /** The number of the next batch, in shared memory. */
  readonly counter: Int32Array;
}

export interface JobAnswer {
  readonly outcomes: readonly Outcome[];
}

/** Why a job cannot go on: an error that goes to another thread loses its class. */
export interface JobStopped {
  readonly stopped: { readonly reason: UnavailableReason; readonly message: string };
}

/** Below this many files for each, another compiler costs more time than it saves. */
const worthAJob = 2 * batchSize;
const mostJobs = 8;
/** After so many files that use threads, what runs often enough to be optimized pays for it. */
const worthOptimizing = 64;
/** A thread and its compiler work at the same time, and what several jobs look into is looked into by each of them. */
const coresOfAJob = 2;

/**
 * Of files that all use threads so many are worth a second job even where it shares its cores with the first one: fewer
 * take no longer than it takes another compiler to load the project. So it is where they are few among many others.
 */
const worthASecondJob = 256;
const worthLoading = 1 / 4;

/** @param dense How many of the files name threads themselves, and do not only import one that does. */
export function jobsFor(wanted: number | "auto", { files, dense }: { files: number; dense: number }): number {
  const useful = Math.max(1, Math.ceil(files / batchSize));
  if (wanted !== "auto") return Math.min(wanted, useful);
  const cores = availableParallelism();
  const side = dense >= Math.max(worthASecondJob, files * worthLoading) && cores > 1 ? 2 : 1;
  return Math.max(side, Math.min(Math.floor(cores / coresOfAJob), Math.floor(files / worthAJob), mostJobs));
}

export interface JobsOptions extends Checking {
  readonly cwd: string;
  readonly jobs: number;
  /** How many files are done. */
  readonly onProgress: (done: number, file: string) => void;
}

/** Takes the number of a batch that nobody has taken yet; past the last one when all are. */
export function takeBatch(counter: Int32Array): number {
  return Atomics.add(counter, 0, 1);
}

/** Checks all files, in the order in which they were given. */
export async function checkFiles(files: readonly string[], options: JobsOptions): Promise<readonly Outcome[]> {
  const batches = batchesOf(files, options.jobs);
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const byFile = new Map<string, Outcome>();
  let checked = 0;
  const take = ({ outcomes }: JobAnswer): void => {
    for (const outcome of outcomes) byFile.set(outcome.file, outcome);
    const before = checked;
    checked += outcomes.filter((outcome) => outcome.checked).length;
    if (before < worthOptimizing && checked >= worthOptimizing) optimize("soon");
    const last = outcomes.at(-1);
    if (last !== undefined) options.onProgress(byFile.size, last.file);
  };
  const workers = Array.from({ length: options.jobs - 1 }, () =>
    startJob({ cwd: options.cwd, batches, counter }, take),
  );
  try {
    // This thread works, too.
    for (let index = takeBatch(counter); index < batches.length; index = takeBatch(counter)) {
      const done = byFile.size;
      let nth = 0;
      const outcomes = await checkBatch(batches[index] ?? [], options, (file) =>
        options.onProgress(done + nth++, file),
      );
      take({ outcomes });
    }
    await Promise.all(workers.map(({ ended }) => ended));
  } finally {
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
  return files.map((file) => byFile.get(file)).filter((outcome) => outcome !== undefined);
}

function startJob(
  data: JobData,
  onAnswer: (answer: JobAnswer) => void,
): { readonly worker: Worker; readonly ended: Promise<void> } {
  const worker = new Worker(new URL("./check-worker.js", import.meta.url), { workerData: data });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("message", (said: JobAnswer | JobStopped) => {
      if (!("stopped" in said)) return onAnswer(said);
      const { reason, message } = said.stopped;
      reject(new CompilerUnavailable(reason, message, { help: "--jobs 1 does with one compiler." }));
    });
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a job ended with code ${code}`))));
  });
  // Waited for below; until then a failure is not unhandled.
  ended.catch(() => {});
  return { worker, ended };
}
