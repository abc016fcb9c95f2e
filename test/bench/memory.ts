/** How much memory a process and all that it started have. */
import { readdirSync, readFileSync } from "node:fs";

/** Resident bytes, as Linux tells them; 0 elsewhere. Pages that processes share are counted for each. */
export function memoryOfTree(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    // What a thread of it started is listed under the thread.
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" "),
    );
    return children.filter(Boolean).reduce((sum, child) => sum + memoryOfTree(Number(child)), pages * 4096);
  } catch {
    return 0;
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
