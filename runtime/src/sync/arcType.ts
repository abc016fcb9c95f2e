import { Arc as ArcClass } from "./arc.js";

/** {@inheritDoc ArcClass} */
export const Arc = ArcClass;

/** An owner of a shared `T`, used as a `T`. */
export type Arc<T> = ArcClass<T> & T;
