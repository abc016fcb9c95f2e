/** How a thread's closure ended. */
export type ThreadEnd = "returned" | "panicked";

type Hook = (end: ThreadEnd) => void;
const hooks: Hook[] = [];

/** Runs `hook` whenever a thread ends in this worker: what the thread still holds is let go there. */
export function onThreadEnd(hook: Hook): void {
  hooks.push(hook);
}

/** Lets go of what the thread holds. */
export function endThread(end: ThreadEnd): void {
  for (const hook of hooks) hook(end);
}
