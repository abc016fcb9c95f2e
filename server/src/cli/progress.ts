/** One line on a terminal that says how far a run is. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

/** Nothing is shown where nobody watches. Redrawn at most every 80 ms, so that it costs nothing. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  let shownAt = Number.NEGATIVE_INFINITY;
  let visible = false;
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show(text) {
      const now = performance.now();
      if (now - shownAt < 80) return;
      shownAt = now;
      visible = true;
      stream.write(`\r\u001b[2K${text.slice(0, Math.max(10, (stream.columns || 80) - 1))}`);
    },
    clear() {
      if (visible) stream.write("\r\u001b[2K");
      visible = false;
    },
  };
}
