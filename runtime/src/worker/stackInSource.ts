/** The stack of an error as it leaves this thread: as it is, since whoever gets it maps it. */
export function stackInSource(stack: string): string {
  return stack;
}
