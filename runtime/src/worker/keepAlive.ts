let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/** Keeps the event loop alive until the function it gives is called: waiting on shared memory alone does not. */
export function keepAlive(): () => void {
  waiting++;
  // One timer for good: making one each time costs more than a turn of a waiting thread.
  timer ??= setInterval(() => {}, 0x7fffffff);
  if (waiting === 1) timer.ref();
  let done = false;
  return () => {
    if (done) return;
    done = true;
    waiting--;
    if (waiting === 0) timer?.unref();
  };
}
