let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/** Keeps the event loop alive until the function it gives is called: waiting on shared memory alone does not. */
export function keepAlive(): () => void {
  waiting++;
  timer ??= setInterval(() => {}, 0x7fffffff);
  let done = false;
  return () => {
    if (done) return;
    done = true;
    waiting--;
    if (waiting > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}
