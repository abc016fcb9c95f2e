import type { WriteStream } from "node:tty";

export interface ProgressBar {
  /** How much is done, from 0 to 1. */
  show(done: number): void;
  finish(summary: string): void;
}

const cells = 30;

/** A bar that grows on a terminal; a file or a pipe gets the closing line only. */
export function progressBar(out: WriteStream | NodeJS.WriteStream, title: string): ProgressBar {
  let shown = -1;
  return {
    show(done) {
      const full = Math.floor(done * cells);
      if (!out.isTTY || full === shown) return;
      shown = full;
      out.write(`\r${title.padEnd(10)} ${"█".repeat(full)}${"░".repeat(cells - full)} ${(done * 100).toFixed(0)} %`);
    },
    finish(summary) {
      if (out.isTTY) out.write("\r\u001b[K");
      out.write(`${title.padEnd(10)} ${summary}\n`);
    },
  };
}
