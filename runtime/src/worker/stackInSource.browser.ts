import { mapStack } from "./stack.js";

/** The stack of an error as it leaves this thread: in the positions of the source, which a page cannot find. */
export function stackInSource(stack: string): string {
  return mapStack(stack, []).stack;
}
