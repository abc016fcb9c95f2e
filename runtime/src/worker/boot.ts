import { takeWorkerData } from "./node.js";
import { type Boot, isBoot } from "./protocol.js";

const given = takeWorkerData();

/** What this worker was started with; nothing in a thread that is no worker of this library's. */
export const boot: Boot | undefined = isBoot(given) ? given : undefined;
