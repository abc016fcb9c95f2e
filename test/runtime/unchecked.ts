import { type Moved, move } from "fearless-threads";

/** Moves values whose types the type checker would refuse. */
export function moveUnchecked<A extends unknown[]>(...values: A): Moved<A> {
  return new (move().constructor as new (values: A) => Moved<A>)(values);
}
