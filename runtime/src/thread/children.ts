/** What the end of a thread asks about the threads that it has started. */
export interface Children {
  /** Whether some of them run. */
  has(): boolean;
  /** Calls `told` when they have ended. */
  whenEnded(told: () => void): void;
  /** They die with this thread. */
  forget(): void;
}

let children: Children | undefined;

/** Says who knows them: most threads start none, and are without what starts threads. */
export function registerChildren(known: Children): void {
  children = known;
}

/** Whether threads run that this thread has started. */
export function hasChildren(): boolean {
  return children?.has() === true;
}

/** In a worker whose closure has ended: calls `told` when the threads that it started have ended, too. */
export function whenChildrenEnded(told: () => void): void {
  if (children === undefined) told();
  else children.whenEnded(told);
}

/** In a worker that is about to die, and its threads with it. */
export function forgetChildren(): void {
  children?.forget();
}
