import { ThreadWorker } from "poolifier";
import task from "./pool-task.mjs";

// biome-ignore lint/style/noDefaultExport: what its pools expect of a worker's file
export default new ThreadWorker(task);
